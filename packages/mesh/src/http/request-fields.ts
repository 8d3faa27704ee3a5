/**
 * A request's header fields, read once: what a proxy must refuse, what ends here, what goes on. Fields of one connection are
 * never passed on (RFC 9110, 7.6.1); what Envoy's proxies tell each other is never believed from a client.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
 */
import { isGrpcType } from '../filters/grpc-status.ts'

/** `list` is what goes on: lower-case names and values in turn. */
export interface RequestFields {
  readonly list: string[]
  /** The Host header. */
  authority: string
  requestId: string | undefined
  userAgent: string | undefined
  proxyAuthorization: string | undefined
  upgrade: string | undefined
  /** A gRPC call. */
  grpc: boolean
  /** What says which trace the request belongs to: `traceparent`, else `b3` or `x-b3-traceid`. */
  traceParent: string | undefined
  /** Gateways that the request has passed. */
  hops: number
  forwardedProto: boolean
  /** Where x-forwarded-for's value stands in `list`; -1: there is none. */
  forwardedFor: number
  /** Bytes of the body, -1 when it is chunked, 0 when there is none. */
  contentLength: number
  /** Two ends could read this request differently. */
  ambiguous: boolean
}

type Meaning = 'drop' | 'host' | 'connection' | 'transfer-encoding' | 'content-length' | 'x-request-id' | 'x-forwarded-proto' |
  'x-forwarded-for' | 'user-agent' | 'proxy-authorization' | 'upgrade' | 'content-type' | 'traceparent' | 'b3' | 'x-b3-traceid' | 'x-bankinfo-hops'

/**
 * Counts the gateways on a request's way, so that rules that send a gateway's traffic to itself end. No application sees it. Istio
 * has no such guard: there the request goes round until something times out.
 */
export const hopsField = 'x-bankinfo-hops'
export const maxHops = 10

/** Fields that mean something to a proxy; the others go on as they are. */
const meanings = new Map<string, Meaning>([
  ...[
    'keep-alive', 'proxy-connection', 'te', 'expect',
    'x-forwarded-client-cert', 'x-envoy-internal', 'x-envoy-attempt-count', 'x-envoy-decorator-operation', 'x-envoy-downstream-service-cluster',
    'x-envoy-downstream-service-node', 'x-envoy-expected-rq-timeout-ms', 'x-envoy-force-trace', 'x-envoy-hedge-on-per-try-timeout',
    'x-envoy-ip-tags', 'x-envoy-max-retries', 'x-envoy-original-path', 'x-envoy-original-url', 'x-envoy-retriable-header-names',
    'x-envoy-retriable-status-codes', 'x-envoy-retry-grpc-on', 'x-envoy-retry-on', 'x-envoy-upstream-alt-stat-name',
    'x-envoy-upstream-rq-per-try-timeout-ms', 'x-envoy-upstream-rq-timeout-alt-response', 'x-envoy-upstream-rq-timeout-ms',
    'x-envoy-upstream-stream-duration-ms', 'x-envoy-peer-metadata', 'x-envoy-peer-metadata-id'
  ].map((name): [string, Meaning] => [name, 'drop']),
  ...([
    'host', 'connection', 'transfer-encoding', 'content-length', 'x-request-id', 'x-forwarded-proto', 'x-forwarded-for', 'user-agent',
    'proxy-authorization', 'upgrade', 'content-type', 'traceparent', 'b3', 'x-b3-traceid', hopsField
  ] as const).map((name): [string, Meaning] => [name, name])
])

export function readRequestFields (raw: readonly string[]): RequestFields {
  const list: string[] = []
  const fields: RequestFields = {
    list,
    authority: '',
    requestId: undefined,
    userAgent: undefined,
    proxyAuthorization: undefined,
    upgrade: undefined,
    grpc: false,
    traceParent: undefined,
    hops: 0,
    forwardedProto: false,
    forwardedFor: -1,
    contentLength: 0,
    ambiguous: false
  }
  let hosts = 0
  let connection: string | undefined
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    const value = raw[index + 1] ?? ''
    switch (meanings.get(name)) {
      case undefined:
        break
      case 'drop':
        continue
      case 'host':
        fields.authority = value
        if (++hosts > 1 || !isAuthority(value)) fields.ambiguous = true
        break
      case 'connection':
        connection = connection === undefined ? value : `${connection},${value}`
        continue
      case 'transfer-encoding':
        // Only `chunked` can be framed anew; anything in front of it would be passed on as if it were not there.
        if (fields.contentLength === -1 || value.toLowerCase() !== 'chunked') fields.ambiguous = true
        fields.contentLength = -1
        continue
      case 'content-length':
        fields.contentLength = Number(value)
        break
      case 'upgrade':
        fields.upgrade = value
        continue
      case 'proxy-authorization':
        fields.proxyAuthorization = value
        continue
      case hopsField:
        fields.hops = Number.parseInt(value, 10) || 0
        continue
      case 'x-request-id':
        fields.requestId = value
        break
      case 'x-forwarded-proto':
        fields.forwardedProto = true
        break
      case 'x-forwarded-for':
        if (fields.forwardedFor !== -1) {
          list[fields.forwardedFor] = `${list[fields.forwardedFor] ?? ''},${value}`
          continue
        }
        fields.forwardedFor = list.length + 1
        break
      case 'user-agent':
        fields.userAgent = value
        break
      case 'content-type':
        fields.grpc = isGrpcType(value)
        break
      case 'traceparent':
        fields.traceParent = value
        break
      case 'b3':
      case 'x-b3-traceid':
        fields.traceParent ??= value
        break
    }
    list.push(name, value)
  }
  if (connection !== undefined && connection.length > 'keep-alive'.length) dropNamed(fields, connection)
  return fields
}

/** host, host:port, [v6], [v6]:port: no userinfo, path or blank. RFC 9110, 4.2.4 and 7.2. */
export function isAuthority (text: string): boolean {
  return /^(?:[\w.~!$&'()*+,;=%-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/.test(text)
}

/** `Connection: close, x-secret` makes x-secret a field of this connection. What frames the request can't be one. */
function dropNamed (fields: RequestFields, connection: string): void {
  for (const token of connection.toLowerCase().split(',')) {
    const name = token.trim()
    if (name === 'host' || name === 'content-length' || name === 'transfer-encoding') fields.ambiguous = true
    else if (name !== '' && name !== 'close' && name !== 'keep-alive') removeField(fields, name)
  }
}

/** Takes a field out of what goes on. */
export function removeField (fields: RequestFields, name: string): void {
  const { list } = fields
  for (let index = list.length - 2; index >= 0; index -= 2) {
    if (list[index] !== name) continue
    list.splice(index, 2)
    if (fields.forwardedFor === index + 1) fields.forwardedFor = -1
    else if (fields.forwardedFor > index) fields.forwardedFor -= 2
  }
  if (name === 'x-request-id') fields.requestId = undefined
  else if (name === 'x-forwarded-proto') fields.forwardedProto = false
  else if (name === 'user-agent') fields.userAgent = undefined
}

/** What a client at the edge says of itself and its way here is not believed. */
export function sanitizeEdge (fields: RequestFields): void {
  if (fields.requestId !== undefined) removeField(fields, 'x-request-id')
  if (fields.forwardedProto) removeField(fields, 'x-forwarded-proto')
  removeField(fields, 'x-envoy-external-address')
}

/** After rules have changed the list: where the fields stand that the proxy itself looks at. */
export function refresh (fields: RequestFields): void {
  fields.requestId = fields.userAgent = undefined
  fields.forwardedFor = -1
  for (let index = 0; index < fields.list.length; index += 2) {
    switch (fields.list[index]) {
      case 'x-request-id':
        fields.requestId = fields.list[index + 1]
        break
      case 'user-agent':
        fields.userAgent = fields.list[index + 1]
        break
      case 'x-forwarded-for':
        fields.forwardedFor = index + 1
    }
  }
}
