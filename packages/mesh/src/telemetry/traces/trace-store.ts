/**
 * The last traces: what the proxies wrote, in a ring, put together by x-request-id when somebody asks; services hand that field on with
 * every call. Nothing else is done while requests pass: a map of traces that come and go would cost more than all counting together.
 */
import type { AccessRecord } from '../../access-log.ts'

export interface KeptTrace {
  readonly requestId: string
  readonly records: readonly AccessRecord[]
  /** Records beyond the limit. */
  readonly lost: number
}

export interface TraceStore {
  readonly add: (record: AccessRecord) => void
  readonly get: (requestId: string) => KeptTrace | undefined
  /** Newest last. */
  readonly all: () => KeptTrace[]
}

/** Of all traces; a page of the bank makes six or seven. A power of two. */
export const maxSpans = 4096
/**
 * While more spans come than so many in a slot of time, about 1,000 a second, one in 2, 4, 8 ... traces is kept, whole ones. What is kept is
 * what the garbage collector copies: all of 10,000 requests a second would cost more than the proxying.
 */
const maxSpansOfSlot = 256
/** Milliseconds. */
const slotLength = 256

/** Of one trace: a request id that a client uses again and again makes one trace of all its requests. */
export const maxSpansOfTrace = 200

export function createTraceStore (): TraceStore {
  const ring: AccessRecord[] = []
  let next = 0
  let slot = 0
  let spansOfSlot = 0
  let mask = 0

  const isWanted = ({ startTime, duration }: AccessRecord, requestId: string): boolean => {
    const now = Math.floor((startTime + duration) / slotLength)
    if (now !== slot) {
      mask = 0
      // A slot without any request between is one of few.
      if (now === slot + 1) while (spansOfSlot > maxSpansOfSlot * (mask + 1)) mask = mask * 2 + 1
      slot = now
      spansOfSlot = 0
    }
    spansOfSlot++
    return mask === 0 || (numberOf(requestId) & mask) === 0
  }

  const inOrder = (): AccessRecord[] => ring.length < maxSpans ? ring : [...ring.slice(next), ...ring.slice(0, next)]
  const kept = (requestId: string, records: readonly AccessRecord[]): KeptTrace => ({
    requestId, records: records.slice(0, maxSpansOfTrace), lost: Math.max(records.length - maxSpansOfTrace, 0)
  })

  return {
    add: (record) => {
      if (record.requestId === undefined || !isWanted(record, record.requestId)) return
      ring[next] = record
      next = (next + 1) & (maxSpans - 1)
    },
    get: (requestId) => {
      const records = inOrder().filter((record) => record.requestId === requestId)
      return records.length === 0 ? undefined : kept(requestId, records)
    },
    all: () => {
      const traces = new Map<string, AccessRecord[]>()
      for (const record of inOrder()) {
        const { requestId = '' } = record
        const records = traces.get(requestId)
        if (records === undefined) traces.set(requestId, [record])
        else records.push(record)
      }
      return [...traces].map(([requestId, records]) => kept(requestId, records))
    }
  }
}

/** The same for all spans of a trace, and evenly spread, as request ids are random. */
function numberOf (requestId: string): number {
  const { length } = requestId
  return (requestId.charCodeAt(length - 1) * 31 + requestId.charCodeAt(length - 2)) * 31 + requestId.charCodeAt(length - 3)
}
