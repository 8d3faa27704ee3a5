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
  readonly method?: string
  /** As the client sent it (x-envoy-original-path where a rewrite changed it). */
  readonly path?: string
  /** `HTTP/1.1`; absent for TCP. */
  readonly protocol?: string
  /** 0 when no answer was sent. */
  readonly responseCode: number
  /** Envoy's flags, `-` for none, several joined by a comma: `URX,UF`. */
  readonly responseFlags: string
  readonly responseCodeDetails?: string
  readonly connectionTerminationDetails?: string
  readonly upstreamTransportFailureReason?: string
  readonly bytesReceived: number
  readonly bytesSent: number
  /** Milliseconds. */
  readonly duration: number
  /** Milliseconds that the upstream took, absent where none answered. */
  readonly upstreamServiceTime?: number
  readonly forwardedFor?: string
  readonly userAgent?: string
  readonly requestId?: string
  readonly authority?: string
  readonly upstreamHost?: string
  readonly upstreamCluster?: string
  readonly upstreamLocalAddress?: string
  readonly downstreamLocalAddress?: string
  readonly downstreamRemoteAddress?: string
  readonly requestedServerName?: string
  readonly routeName?: string
  /** Requests sent upstream; 0 where none was. */
  readonly attempts: number
}

/** The line of Istio's default text format (`EnvoyTextLogFormat`), without the line feed. */
export function formatAccessLog (record: AccessRecord): string {
  const target = record.method === undefined
    ? '- - -'
    : `${record.method} ${record.path ?? '-'} ${record.protocol ?? '-'}`
  return `[${new Date(record.startTime).toISOString()}] "${target}" ${record.responseCode} ${record.responseFlags || '-'} ` +
    `${text(record.responseCodeDetails)} ${text(record.connectionTerminationDetails)} ` +
    `"${text(record.upstreamTransportFailureReason)}" ${record.bytesReceived} ${record.bytesSent} ${record.duration} ` +
    `${text(record.upstreamServiceTime)} "${text(record.forwardedFor)}" "${text(record.userAgent)}" "${text(record.requestId)}" ` +
    `"${text(record.authority)}" "${text(record.upstreamHost)}" ${text(record.upstreamCluster)} ${text(record.upstreamLocalAddress)} ` +
    `${text(record.downstreamLocalAddress)} ${text(record.downstreamRemoteAddress)} ${text(record.requestedServerName)} ` +
    text(record.routeName)
}

// A line is one record: what a client sends must not be able to end it, nor the quotes around its field.
// eslint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u001f"\u007f]/g

function text (value: string | number | undefined): string {
  if (value === undefined || value === '') return '-'
  if (typeof value === 'number') return String(value)
  return value.replace(unsafe, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
