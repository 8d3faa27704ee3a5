/**
 * Header fields between the two ends. Fields of one connection are never passed on (RFC 9110, 7.6.1); what Envoy's
 * proxies tell each other is never believed from a client.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
 */

/** Fields that end here, on the way in. */
const requestFieldsDropped = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'transfer-encoding', 'upgrade', 'expect', 'trailer',
  'x-forwarded-client-cert', 'x-envoy-internal', 'x-envoy-attempt-count', 'x-envoy-decorator-operation', 'x-envoy-downstream-service-cluster',
  'x-envoy-downstream-service-node', 'x-envoy-expected-rq-timeout-ms', 'x-envoy-force-trace', 'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-ip-tags', 'x-envoy-max-retries', 'x-envoy-original-path', 'x-envoy-original-url', 'x-envoy-retriable-header-names',
  'x-envoy-retriable-status-codes', 'x-envoy-retry-grpc-on', 'x-envoy-retry-on', 'x-envoy-upstream-alt-stat-name',
  'x-envoy-upstream-rq-per-try-timeout-ms', 'x-envoy-upstream-rq-timeout-alt-response', 'x-envoy-upstream-rq-timeout-ms',
  'x-envoy-upstream-stream-duration-ms', 'x-envoy-peer-metadata', 'x-envoy-peer-metadata-id'
])

/** Fields that end here, on the way out. */
const responseFieldsDropped = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'x-envoy-decorator-operation', 'x-envoy-upstream-service-time'
])

/** A request's fields as they go on: lower-case names and values in turn. */
export interface RequestFields {
  readonly list: string[]
  requestId: string | undefined
  forwardedProto: boolean
  /** Where x-forwarded-for's value stands in `list`. */
  forwardedFor: number
  userAgent: string | undefined
  contentLength: boolean
  chunked: boolean
}

/** Copies a request's raw fields without those that end at a proxy and those that `Connection` names. */
export function requestFields (raw: readonly string[], edge: boolean): RequestFields {
  const fields: RequestFields = {
    list: [], requestId: undefined, forwardedProto: false, forwardedFor: -1, userAgent: undefined, contentLength: false, chunked: false
  }
  const { list } = fields
  let connection: string | undefined
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    const value = raw[index + 1] ?? ''
    if (requestFieldsDropped.has(name)) {
      if (name === 'connection') connection = connection === undefined ? value : `${connection},${value}`
      else if (name === 'transfer-encoding') fields.chunked = true
      continue
    }
    switch (name) {
      case 'x-request-id':
        if (edge) continue
        fields.requestId = value
        break
      case 'x-envoy-external-address':
        if (edge) continue
        break
      case 'x-forwarded-proto':
        if (edge) continue
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
      case 'content-length':
        fields.contentLength = value !== '0'
        break
    }
    list.push(name, value)
  }
  if (connection !== undefined && connection.length > 'keep-alive'.length) dropNamed(fields, connection)
  return fields
}

/** `Connection: close, x-secret` makes x-secret a field of this connection. */
function dropNamed (fields: RequestFields, connection: string): void {
  const named = new Set(connection.toLowerCase().split(',').map((token) => token.trim()))
  const { list } = fields
  for (let index = list.length - 2; index >= 0; index -= 2) {
    if (!named.has(list[index] ?? '') || list[index] === 'host' || list[index] === 'content-length') continue
    list.splice(index, 2)
    if (fields.forwardedFor > index) fields.forwardedFor = fields.forwardedFor === index + 1 ? -1 : fields.forwardedFor - 2
  }
  if (named.has('x-request-id')) fields.requestId = undefined
  if (named.has('x-forwarded-proto')) fields.forwardedProto = false
}

/** What the caller's proxy adds to an upstream's answer. */
export interface ResponseStamp {
  /** `envoy`, `istio-envoy`; undefined leaves the application's. */
  readonly server: string | undefined
  /** Milliseconds. */
  readonly serviceTime: number | undefined
  readonly operation: string | undefined
}

/** An upstream's raw fields as they go to the client. */
export function responseFields (raw: readonly Buffer[], stamp: ResponseStamp): string[] {
  const list: string[] = []
  let serverSet = stamp.server === undefined
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index]?.toString('latin1') ?? '').toLowerCase()
    if (responseFieldsDropped.has(name)) continue
    if (name === 'server' && stamp.server !== undefined) {
      if (!serverSet) list.push(name, stamp.server)
      serverSet = true
      continue
    }
    list.push(name, raw[index + 1]?.toString('latin1') ?? '')
  }
  if (stamp.serviceTime !== undefined) list.push('x-envoy-upstream-service-time', String(stamp.serviceTime))
  if (stamp.operation !== undefined) list.push('x-envoy-decorator-operation', stamp.operation)
  if (!serverSet && stamp.server !== undefined) list.push('server', stamp.server)
  return list
}
