import type { SpanContext } from './http/upstream/trace-fields.ts'

/**
 * One line of Istio's access log, as data. Fields that Envoy would print as `-` are absent.
 * https://istio.io/latest/docs/tasks/observability/logs/access-log/#default-access-log-format
 */
export interface AccessRecord {
  /** Workload id of the proxy that writes the line. */
  readonly proxy: string
  readonly direction: 'outbound' | 'inbound' | 'gateway'
  /** Milliseconds since the epoch. */
  readonly startTime: number
  readonly method?: string | undefined
  /** As the client sent it (x-envoy-original-path where a rewrite changed it). */
  readonly path?: string | undefined
  /** `HTTP/1.1`; absent for TCP. */
  readonly protocol?: string | undefined
  /** 0 when no answer was sent. */
  readonly responseCode: number
  /** Envoy's flags, `-` for none, several joined by a comma: `URX,UF`. */
  readonly responseFlags: string
  readonly responseCodeDetails?: string | undefined
  readonly connectionTerminationDetails?: string | undefined
  readonly upstreamTransportFailureReason?: string | undefined
  readonly bytesReceived: number
  readonly bytesSent: number
  /** Milliseconds. */
  readonly duration: number
  /** Milliseconds that the upstream took, absent where none answered. */
  readonly upstreamServiceTime?: number | undefined
  readonly forwardedFor?: string | undefined
  readonly userAgent?: string | undefined
  readonly requestId?: string | undefined
  readonly authority?: string | undefined
  readonly upstreamHost?: string | undefined
  readonly upstreamCluster?: string | undefined
  readonly upstreamLocalAddress?: string | undefined
  readonly downstreamLocalAddress?: string | undefined
  readonly downstreamRemoteAddress?: string | undefined
  readonly requestedServerName?: string | undefined
  readonly routeName?: string | undefined
  /** Requests sent upstream; 0 where none was. */
  readonly attempts: number
  /** Number of the request in this process: the lines that caller's and server's proxies write of one request have the same. */
  readonly call?: number | undefined
  /** Workload id of the other end, where the cluster has one: who was called, on an inbound line who calls. */
  readonly peer?: string | undefined
  /** Envoy's decorator operation, `reviews.default.svc.cluster.local:9080/*`. */
  readonly operation?: string | undefined
  /** Milliseconds that a fault rule had the request wait. */
  readonly injectedDelay?: number | undefined
  /** Each attempt, where there was more than one. */
  readonly tries?: readonly Try[] | undefined
  /** A gRPC call. */
  readonly grpc?: boolean | undefined
  /** Of a gRPC call that has ended with one. */
  readonly grpcStatus?: number | undefined
  /** Value of the request's `traceparent`, else of its `b3` or `x-b3-traceid`, as it came. */
  readonly traceParent?: string | undefined
  /** The span of this proxy, where the proxies pass trace context on. */
  readonly span?: SpanContext | undefined
}

/** One attempt of a request that was retried. */
export interface Try {
  /** Milliseconds since the epoch. */
  readonly startTime: number
  /** Milliseconds. */
  readonly duration: number
  readonly upstreamHost: string
  /** A status, or what went wrong before one came: `connect`, `reset`, `protocol`, `timeout`. */
  readonly outcome: string
}

/** The line of Istio's default text format (`EnvoyTextLogFormat`), without the line feed. */
export function formatAccessLog (record: AccessRecord): string {
  const { method } = record
  const target = method === undefined ? '- - -' : `${method} ${sent(record.path)} ${own(record.protocol)}`
  return `[${new Date(record.startTime).toISOString()}] "${target}" ${record.responseCode} ${record.responseFlags} ` +
    `${own(record.responseCodeDetails)} ${own(record.connectionTerminationDetails)} ` +
    `"${own(record.upstreamTransportFailureReason)}" ${record.bytesReceived} ${record.bytesSent} ${record.duration} ` +
    `${own(record.upstreamServiceTime)} "${sent(record.forwardedFor)}" "${sent(record.userAgent)}" "${sent(record.requestId)}" ` +
    `"${sent(record.authority)}" "${own(record.upstreamHost)}" ${own(record.upstreamCluster)} ${own(record.upstreamLocalAddress)} ` +
    `${own(record.downstreamLocalAddress)} ${own(record.downstreamRemoteAddress)} ${sent(record.requestedServerName)} ${own(record.routeName)}`
}

// A line is one record: what a client sends must not be able to end it, nor the quotes around its field.
// eslint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u001f"\u007f]/

/** What a client has sent. */
function sent (value: string | undefined): string {
  if (value === undefined || value === '') return '-'
  return unsafe.test(value) ? escaped(value) : value
}

function escaped (value: string): string {
  return value.replace(new RegExp(unsafe, 'g'), (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** What the mesh itself says. */
function own (value: string | number | undefined): string | number {
  return value === undefined || value === '' ? '-' : value
}
