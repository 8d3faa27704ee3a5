/** What a forward proxy's client asks for, and who it is. */
import { timingSafeEqual } from 'node:crypto'
import { isAuthority } from './listener.ts'
import type { IncomingMessage } from 'node:http'

/** Where the client dialled: in a cluster its connection would be intercepted on the way there. */
export interface Target {
  readonly host: string
  readonly port: number
}

/** `http://host:port/path` of an absolute-form request (RFC 9112, 3.2.2). Only http: the rest comes by CONNECT. */
export function parseAbsoluteForm (url: string): (Target & { readonly authority: string, readonly path: string }) | undefined {
  if (!/^http:\/\//i.test(url)) return undefined
  let end = 'http://'.length
  for (; end < url.length; end++) {
    const character = url.charCodeAt(end)
    if (character === 0x2f || character === 0x3f || character === 0x23) break
  }
  const authority = url.slice('http://'.length, end)
  const target = parseAuthority(authority, 80)
  if (target === undefined) return undefined
  const rest = url.slice(end)
  return { ...target, authority, path: rest.startsWith('/') ? rest : `/${rest}` }
}

/** `host:port`; without a default the port must be given, as CONNECT demands. */
export function parseAuthority (authority: string, defaultPort?: number): Target | undefined {
  if (!isAuthority(authority)) return undefined
  const match = /^(.*?)(?::(\d{1,5}))?$/.exec(authority)
  const port = match?.[2] === undefined ? defaultPort : Number(match[2])
  if (match?.[1] === undefined || port === undefined || port < 1 || port > 65_535) return undefined
  const host = match[1].toLowerCase().replace(/\.$/, '')
  return { host: host.startsWith('[') ? host.slice(1, -1) : host, port }
}

/** This machine's own loopback, in all the ways it can be written. In a pod it is the pod's. */
export function isLoopback (host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || host === '::' || /^::ffff:(127\.|7f)/.test(host) ||
    /^0x[0-9a-f]+$/.test(host) || /^\d+$/.test(host) || /^(127|0+)(\.|$)/.test(host) || /^0\d*\./.test(host) || /^0x7f\./.test(host)
}

/** Checks Proxy-Authorization in constant time. A connection that has shown the credentials once may send the same line again. */
export function createGuard (user: string, password: string): (request: IncomingMessage) => boolean {
  const expected = Buffer.from(`${user}:${password}`)
  const line = `Basic ${expected.toString('base64')}`
  const known = new WeakSet<object>()
  return (request) => {
    const sent = request.headers['proxy-authorization']
    if (sent === undefined) return false
    if (known.has(request.socket) && sent === line) return true
    const credentials = Buffer.from(/^basic +(.*)$/i.exec(sent)?.[1] ?? '', 'base64')
    if (credentials.length !== expected.length || !timingSafeEqual(credentials, expected)) return false
    known.add(request.socket)
    return true
  }
}

export const challenge = ['Proxy-Authenticate: Basic realm="mesh"']
