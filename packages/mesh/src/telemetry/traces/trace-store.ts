/**
 * The last traces: what the proxies of a request wrote, kept by its x-request-id, which services hand on with every call. Bounded, and
 * nothing is computed before somebody asks.
 */
import type { AccessRecord } from '../../access-log.ts'

export interface KeptTrace {
  readonly requestId: string
  readonly records: AccessRecord[]
  /** Records beyond the limit. */
  lost: number
}

export interface TraceStore {
  readonly add: (record: AccessRecord) => void
  readonly get: (requestId: string) => KeptTrace | undefined
  /** Newest last. */
  readonly all: () => KeptTrace[]
}

export const maxTraces = 500
/** Of one trace: a request id that a client uses again and again makes one trace of all its requests. */
export const maxRecords = 200

export function createTraceStore (): TraceStore {
  const traces = new Map<string, KeptTrace>()
  const ids: string[] = []
  let next = 0
  return {
    add: (record) => {
      const { requestId } = record
      if (requestId === undefined) return
      const trace = traces.get(requestId)
      if (trace === undefined) {
        const oldest = ids[next]
        if (oldest !== undefined) traces.delete(oldest)
        ids[next] = requestId
        next = (next + 1) % maxTraces
        traces.set(requestId, { requestId, records: [record], lost: 0 })
      } else if (trace.records.length < maxRecords) {
        trace.records.push(record)
      } else {
        trace.lost++
      }
    },
    get: (requestId) => traces.get(requestId),
    all: () => [...traces.values()]
  }
}
