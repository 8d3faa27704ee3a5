/** What a forward proxy's client asks for, and who it is. */
import { timingSafeEqual } from 'node:crypto'
import { isAuthority } from '../http/request-fields.ts'

/** Where the client dialled: in a cluster its connection would be intercepted on the way there. */
export interface Target {
  /** Lower case, an IPv6 address without brackets. */
  readonly host: string
  readonly port: number
  /** `host:port`. */
  readonly text: string
  /** This machine's own loopback, however it is written: in a pod it is the pod's. */
  readonly loopback: boolean
}

/** `http://host:port/path` of an absolute-form request (RFC 9112, 3.2.2). Only http: the rest comes by CONNECT. */
export function parseAbsoluteForm (url: string): { readonly target: Target, readonly authority: string, readonly path: string } | undefined {
  if (!url.startsWith('http://') && url.slice(0, 7).toLowerCase() !== 'http://') return undefined
  let end = 'http://'.length
  for (; end < url.length; end++) {
    const character = url.charCodeAt(end)
    if (character === 0x2f || character === 0x3f || character === 0x23) break
  }
  const authority = url.slice('http://'.length, end)
  const target = parseAuthority(authority, 80)
  if (target === undefined) return undefined
  const rest = url.slice(end)
  return { target, authority, path: rest.charCodeAt(0) === 0x2f ? rest : `/${rest}` }
}

// A pod calls few authorities, again and again.
const parsed = new Map<string, Target | undefined>()
const maxParsed = 1000

/** `host:port`; without a default the port must be given, as CONNECT demands. */
export function parseAuthority (authority: string, defaultPort?: number): Target | undefined {
  const key = defaultPort === undefined ? authority : `${authority} ${defaultPort}`
  const known = parsed.get(key)
  if (known !== undefined) return known
  const target = readAuthority(authority, defaultPort)
  if (parsed.size >= maxParsed) parsed.clear()
  parsed.set(key, target)
  return target
}

function readAuthority (authority: string, defaultPort: number | undefined): Target | undefined {
  if (!isAuthority(authority)) return undefined
  const match = /^(.*?)(?::(\d{1,5}))?$/.exec(authority)
  const port = match?.[2] === undefined ? defaultPort : Number(match[2])
  if (match?.[1] === undefined || port === undefined || port < 1 || port > 65_535) return undefined
  const name = match[1].toLowerCase().replace(/\.$/, '')
  const host = name.startsWith('[') ? name.slice(1, -1) : name
  return { host, port, text: `${host}:${port}`, loopback: isLoopback(host) }
}

/** In all the ways in which a resolver would read it. */
export function isLoopback (host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || host === '::' || /^::ffff:(127\.|7f)/.test(host) ||
    /^0x[0-9a-f]+$/.test(host) || /^\d+$/.test(host) || /^(127|0+)(\.|$)/.test(host) || /^0\d*\./.test(host) || /^0x7f\./.test(host)
}

/** Checks Proxy-Authorization in constant time. A connection that has shown the credentials once may send the same line again. */
export function createGuard (user: string, password: string): (socket: object, sent: string | undefined) => boolean {
  const expected = Buffer.from(`${user}:${password}`)
  const line = `Basic ${expected.toString('base64')}`
  const known = new WeakSet<object>()
  return (socket, sent) => {
    if (sent === undefined) return false
    if (known.has(socket) && sent === line) return true
    const credentials = Buffer.from(/^basic +(.*)$/i.exec(sent)?.[1] ?? '', 'base64')
    if (credentials.length !== expected.length || !timingSafeEqual(credentials, expected)) return false
    known.add(socket)
    return true
  }
}

export const challenge = ['Proxy-Authenticate: Basic realm="mesh"']
