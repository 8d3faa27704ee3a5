/**
 * Trace context on its way through the proxies of a hop, where they pass it on: the caller's proxy has a span for the request, the server's
 * one for each attempt that reaches it, and what the application sees is the nearest of them.
 * https://www.w3.org/TR/trace-context/ and https://github.com/openzipkin/b3-propagation
 */
import { newSpanId, parseTraceParent, traceIdOf, type TraceParent } from '../../telemetry/traces/trace-context.ts'
import type { Attempt } from '../attempt.ts'
import type { Exchange } from '../exchange.ts'

/** The span of a proxy. */
export interface SpanContext {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  /** False: the caller wants nobody to keep it. */
  readonly sampled: boolean
}

/** The span of the caller's proxy; begun with the first attempt, or with the answer where there was none. */
export function callerSpan (exchange: Exchange): SpanContext | undefined {
  if (exchange.start.context.telemetry?.propagates !== true) return undefined
  if (exchange.span === undefined) {
    const parent = parentIn(exchange.fields.list)
    exchange.span = {
      traceId: parent?.traceId ?? traceIdOf(exchange.fields.requestId ?? newSpanId()),
      spanId: newSpanId(),
      parentSpanId: parent?.spanId,
      sampled: parent?.sampled ?? true
    }
  }
  return exchange.span
}

/** Writes the attempt's context into its fields, once for each attempt. */
export function traceAttempt (exchange: Exchange, attempt: Attempt, list: string[]): void {
  const seen = exchange.start.character.server !== undefined
  const server = attempt.peer.inbound?.http === true
  const caller = seen || server ? callerSpan(exchange) : undefined
  if (caller === undefined) return
  // A caller without a proxy has no span: what it sent is the parent of the server's.
  if (server) attempt.span = { ...caller, spanId: newSpanId(), parentSpanId: seen ? caller.spanId : caller.parentSpanId }
  write(list, attempt.span ?? caller)
}

function parentIn (list: readonly string[]): TraceParent | undefined {
  const given = parsed(list, 'traceparent') ?? parsed(list, 'b3')
  if (given !== undefined) return given
  const traceId = parsed(list, 'x-b3-traceid')?.traceId
  if (traceId === undefined) return undefined
  const spanId = valueOf(list, 'x-b3-spanid')
  const sampled = valueOf(list, 'x-b3-sampled') !== '0'
  return (spanId === undefined ? undefined : parseTraceParent(`${traceId}-${spanId}-${sampled ? 1 : 0}`)) ?? { traceId, sampled }
}

function parsed (list: readonly string[], name: string): TraceParent | undefined {
  const value = valueOf(list, name)
  return value === undefined ? undefined : parseTraceParent(value)
}

/** `traceparent` always; B3 in the form that the request has, so that applications of either kind find their parent. */
function write (list: string[], { traceId, spanId, parentSpanId, sampled }: SpanContext): void {
  set(list, 'traceparent', `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`)
  const flag = sampled ? '1' : '0'
  if (valueOf(list, 'b3') !== undefined) set(list, 'b3', `${traceId}-${spanId}-${flag}${parentSpanId === undefined ? '' : `-${parentSpanId}`}`)
  if (valueOf(list, 'x-b3-traceid') === undefined) return
  set(list, 'x-b3-traceid', traceId)
  set(list, 'x-b3-spanid', spanId)
  if (parentSpanId !== undefined) set(list, 'x-b3-parentspanid', parentSpanId)
  set(list, 'x-b3-sampled', flag)
}

function indexOf (list: readonly string[], name: string): number {
  for (let index = 0; index < list.length; index += 2) if (list[index] === name) return index
  return -1
}

function valueOf (list: readonly string[], name: string): string | undefined {
  const index = indexOf(list, name)
  return index === -1 ? undefined : list[index + 1]
}

function set (list: string[], name: string, value: string): void {
  const index = indexOf(list, name)
  if (index === -1) list.push(name, value)
  else list[index + 1] = value
}
