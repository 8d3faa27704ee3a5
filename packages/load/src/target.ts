import { Agent as HttpAgent, type AgentOptions } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { getProxyForUrl } from 'proxy-from-env'

/** An address that cannot be called. */
export class TargetError extends Error {}

export interface TargetOptions {
  readonly url: string
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined
  readonly method?: string | undefined
  readonly body?: Buffer | undefined
  /** Goes by the proxy that http_proxy, https_proxy and no_proxy of this process name. */
  readonly proxyFromEnvironment?: boolean | undefined
  /** Takes any certificate. */
  readonly insecure?: boolean | undefined
  readonly keepAlive?: boolean | undefined
}

/** What is called, and how. */
export interface Target {
  readonly url: URL
  readonly method: string
  readonly body: Buffer | undefined
  /** What each call's request needs, but for its agent. */
  readonly request: {
    readonly protocol: string
    readonly hostname: string
    readonly port: string | number
    readonly path: string
    readonly method: string
    readonly headers: readonly string[]
    readonly rejectUnauthorized: boolean
  }
  /** An agent with one connection of its own. */
  agent(): HttpAgent
}

/**
 * Reads an address and all that is sent to it, once for all calls. An address without a scheme is http. A plain http address is
 * asked of a proxy in absolute form (RFC 9112 section 3.2.2), an https one through a tunnel.
 * @throws TargetError saying what is wrong
 */
export function describeTarget (options: TargetOptions): Target {
  const url = readUrl(options.url)
  const method = (options.method ?? (options.body === undefined ? 'GET' : 'POST')).toUpperCase()
  const proxy = options.proxyFromEnvironment === true ? readProxy(getProxyForUrl(url.href)) : undefined
  const absolute = proxy !== undefined && url.protocol === 'http:'
  const server = absolute ? proxy : url
  const agentOptions: AgentOptions = { keepAlive: options.keepAlive ?? true, maxSockets: 1 }
  return {
    url,
    method,
    body: options.body,
    request: {
      protocol: server.protocol,
      hostname: server.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: server.port === '' ? (server.protocol === 'https:' ? 443 : 80) : server.port,
      path: absolute ? `${url.origin}${url.pathname}${url.search}` : `${url.pathname}${url.search}`,
      method,
      headers: headerList({ options, url, method, proxy: absolute ? proxy : undefined }),
      // With the request, as a tunnel's agent takes its own options for the way to the proxy.
      rejectUnauthorized: options.insecure !== true
    },
    agent: () => {
      if (url.protocol === 'http:') return new HttpAgent(agentOptions)
      return proxy === undefined ? new HttpsAgent(agentOptions) : new HttpsProxyAgent(proxy, agentOptions)
    }
  }
}

function readUrl (text: string): URL {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (!URL.canParse(full)) throw new TargetError(`"${text}" is no address; expected one like http://httpbin:8000/get`)
  const url = new URL(full)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TargetError(`"${text}": expected http or https, got ${url.protocol.slice(0, -1)}`)
  return url
}

function readProxy (text: string): URL | undefined {
  if (text === '') return undefined
  if (!URL.canParse(text) || new URL(text).protocol !== 'http:') throw new TargetError('the proxy that the environment names is no http address')
  return new URL(text)
}

/** Names and values in turn, as they are sent; those given go before those of our own. */
function headerList ({ options, url, method, proxy }: { options: TargetOptions, url: URL, method: string, proxy: URL | undefined }): readonly string[] {
  const list: string[] = []
  const given = new Set<string>()
  for (const [name, value] of options.headers ?? []) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new TargetError(`"${name}" is no name of a header field`)

    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw new TargetError(`header ${name}: its value has characters that no header may have`)
    given.add(name.toLowerCase())
    list.push(name, value)
  }
  const add = (name: string, value: string): void => { if (!given.has(name.toLowerCase())) list.push(name, value) }
  add('Host', url.host)
  if (options.keepAlive === false) add('Connection', 'close')
  if (options.body !== undefined || (method !== 'GET' && method !== 'HEAD')) add('Content-Length', String(options.body?.length ?? 0))
  if (url.username !== '') add('Authorization', basic(url))
  if (proxy !== undefined && proxy.username !== '') list.push('Proxy-Authorization', basic(proxy))
  return list
}

function basic ({ username, password }: URL): string {
  return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`
}
