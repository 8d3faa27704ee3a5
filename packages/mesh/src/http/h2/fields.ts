/** Header fields between HTTP/2's form and the proxies' own: names in lower case and values in turn. RFC 9113, 8.2 and 8.3. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2'

/** Fields that HTTP/2 has no use for: they speak of an HTTP/1.1 connection. */
const ofConnections = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings', 'host'])

/** What a request says of itself before its fields. */
export interface RequestLine {
  readonly method: string
  readonly path: string
  readonly authority: string
}

/** A request's line and fields; `host` stands where HTTP/1.1 would have it. Cookies that came in pieces are one again. */
export function readRequest (raw: readonly string[]): RequestLine & { readonly fields: string[] } {
  const pseudo = new Map<string, string>()
  const fields: string[] = []
  let cookie = -1
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const value = raw[index + 1] ?? ''
    if (name.startsWith(':')) {
      pseudo.set(name, value)
    } else if (name === 'cookie' && cookie !== -1) {
      fields[cookie] = `${fields[cookie] ?? ''}; ${value}`
    } else {
      if (name === 'cookie') cookie = fields.length + 1
      fields.push(name, value)
    }
  }
  const host = fields.indexOf('host')
  const authority = pseudo.get(':authority') ?? (host === -1 ? '' : fields[host + 1] ?? '')
  if (host !== -1) fields.splice(host, 2)
  return { method: pseudo.get(':method') ?? '', path: pseudo.get(':path') ?? '', authority, fields: ['host', authority, ...fields] }
}

/**
 * As node:http2 takes them. It throws at most names that come twice, so that their lines are one list (RFC 9110, 5.3), but those of
 * cookies; and at fields that HTTP/2 has no use for (RFC 9113, 8.2.2).
 */
export function toHeaders (fields: readonly string[]): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? ''
    const value = fields[index + 1] ?? ''
    if (ofConnections.has(name) || (name === 'te' && (value !== 'trailers' || headers['te'] !== undefined))) continue
    const present = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (present === undefined) headers[name] = value
    else if (name === 'set-cookie' || name === 'cookie') headers[name] = [present, value].flat().map(String)
    else headers[name] = `${String(present)}, ${value}`
  }
  return headers
}

/** Of an answer or of trailers. */
export function fromHeaders (headers: IncomingHttpHeaders): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (name.startsWith(':') || value === undefined) return []
    return (Array.isArray(value) ? value : [value]).flatMap((each) => [name, each])
  })
}
