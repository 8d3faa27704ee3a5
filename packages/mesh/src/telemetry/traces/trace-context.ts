/**
 * Which trace a request belongs to, as its caller says: W3C Trace Context, or B3 in its single and its multiple form.
 * https://www.w3.org/TR/trace-context/#traceparent-header
 * https://github.com/openzipkin/b3-propagation
 */
import { createHash, randomBytes } from 'node:crypto'

export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits; absent where only the trace is known. */
  readonly spanId?: string
  /** False where the caller decided that nobody keeps this trace. */
  readonly sampled: boolean
}

const w3c = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/
const b3 = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-([01d]))?(?:-[0-9a-f]{16})?$/
const traceOnly = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/
const zeros = /^0+$/

/** The value of a `traceparent`, `b3` or `x-b3-traceid` field; undefined for one that is not valid. */
export function parseTraceParent (value: string): TraceParent | undefined {
  const text = value.trim().toLowerCase()
  const parent = w3c.exec(text)
  if (parent !== null) {
    const [, traceId = '', spanId = '', flags = ''] = parent
    return valid({ traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 })
  }
  const single = b3.exec(text)
  if (single !== null) {
    const [, traceId = '', spanId = '', sampled] = single
    return valid({ traceId: traceId.padStart(32, '0'), spanId, sampled: sampled !== '0' })
  }
  return traceOnly.test(text) ? valid({ traceId: text.padStart(32, '0'), sampled: true }) : undefined
}

function valid (parent: TraceParent): TraceParent | undefined {
  return zeros.test(parent.traceId) || (parent.spanId !== undefined && zeros.test(parent.spanId)) ? undefined : parent
}

/** A trace of its own for a request that came without one: the same for all that has this x-request-id, so that either finds it. */
export function traceIdOf (requestId: string): string {
  const digits = requestId.replaceAll('-', '').toLowerCase()
  return traceOnly.test(digits) && digits.length === 32 && !zeros.test(digits) ? digits : createHash('sha256').update(requestId).digest('hex').slice(0, 32)
}

/** 16 hexadecimal digits, not all 0. */
export function newSpanId (): string {
  const id = randomBytes(8).toString('hex')
  return zeros.test(id) ? newSpanId() : id
}
