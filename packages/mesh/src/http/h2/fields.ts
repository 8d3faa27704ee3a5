/** Header fields between HTTP/2's form and the proxies' own: names in lower case and values in turn. RFC 9113, 8.2 and 8.3. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2'

/** Fields that HTTP/2 has no use for: they speak of an HTTP/1.1 connection. */
const ofConnections = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'host'])

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

/** As node:http2 sends them; several lines of a name are a list. */
export function toHeaders (fields: readonly string[]): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? ''
    if (ofConnections.has(name)) continue
    const value = fields[index + 1] ?? ''
    const present = headers[name]
    headers[name] = present === undefined ? value : [...Array.isArray(present) ? present : [String(present)], value]
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
