/** A pod's forward proxy: absolute-form requests and CONNECT tunnels, guarded by the pod's own password. */
import { reply, reset, type DownstreamRequest, type DownstreamResponse } from '../http/downstream.ts'
import { close, createListener, endWith, listen, type Received } from './listener.ts'
import { normalizePath } from './path.ts'
import { serveLoopback } from './loopback.ts'
import { servePlain, serveSidecar, type Call } from './sidecar.ts'
import { challenge, createGuard, parseAbsoluteForm, parseAuthority, type Target } from './target.ts'
import { openTunnel } from '../tunnel/tunnel.ts'
import type { RequestFields } from '../http/request-fields.ts'
import type { OutboundTable } from '../compile/outbound.ts'
import type { ProxyContext } from './context.ts'
import type { OutboundListener, OutboundOptions } from '../mesh.ts'
import type { Workload } from '../model.ts'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** What a listener works with at one moment. */
export interface Side {
  readonly context: ProxyContext
  readonly workload: Workload | undefined
  /** Absent: no rules apply (a pod without sidecar, or the sidecar's own container). */
  readonly table: OutboundTable | undefined
}

export async function openOutboundListener (options: OutboundOptions, side: () => Side): Promise<OutboundListener> {
  const name = options.workload.slice(options.workload.indexOf('/') + 1)
  const isKnown = createGuard(name, options.password)
  const tunnels = new WeakMap<object, Target>()

  const server: Server = createListener({
    onRequest: (received, response) => {
      const target = tunnels.get(received.request.socket)
      if (target !== undefined) {
        serveTunnelled({ received, response }, target, side())
      } else if (isKnown(received.request.socket, received.fields.proxyAuthorization)) {
        serveAbsolute({ received, response }, side())
      } else {
        reply(response, 407, 'Proxy Authentication Required', { headers: ['proxy-authenticate', 'Basic realm="mesh"'] })
        received.request.resume()
      }
    },
    onConnect: ({ request, fields }, socket, head) => {
      // A tunnel inside a tunnel would dial with nobody's rules.
      if (tunnels.has(socket)) endWith(socket, 400, 'Bad Request')
      else if (!isKnown(socket, fields.proxyAuthorization)) endWith(socket, 407, 'Proxy Authentication Required', challenge)
      else startTunnel(request, socket, head)
    }
  })

  const startTunnel = (request: DownstreamRequest, socket: Socket, head: Buffer): void => {
    const target = parseAuthority(request.url ?? '')
    if (target === undefined) {
      endWith(socket, 400, 'Bad Request')
      return
    }
    openTunnel({ socket, head, target, side: side() }, () => {
      tunnels.set(socket, target)
      server.emit('connection', socket)
    })
  }

  const address = await listen(server, { host: '127.0.0.1', port: 0 })
  return { ...address, close: async () => { await close(server) } }
}

interface Incoming {
  readonly received: Received
  readonly response: DownstreamResponse
}

/** RFC 9112, 3.2.2: the request's target must agree with Host; a proxy that let them differ would be told two stories. */
function serveAbsolute ({ received: { request, fields }, response }: Incoming, side: Side): void {
  const url = parseAbsoluteForm(request.url ?? '')
  if (url === undefined) {
    reply(response, 400, 'This is a forward proxy: send an absolute http URL, or CONNECT host:port.', { close: true })
    return
  }
  const { authority } = fields
  if (authority !== url.authority && parseAuthority(authority, 80) !== url.target) {
    reply(response, 400, 'The Host header differs from the request target. To call one address under another name, use CONNECT (curl -p).', { close: true })
    return
  }
  serve({ request, response, target: url.target, fields, head: headOf(request, url.path, fields) }, side)
}

function serveTunnelled ({ received: { request, fields }, response }: Incoming, target: Target, side: Side): void {
  const path = pathOf(request.url ?? '/', fields.authority)
  if (path === undefined) reply(response, 400, 'Bad Request', { close: true })
  else serve({ request, response, target, fields, head: headOf(request, path, fields) }, side)
}

function serve (call: Call, { context, workload, table }: Side): void {
  if (call.target.loopback) {
    if (workload === undefined || !serveLoopback(call, context, workload)) reset(call.request)
  } else if (table === undefined) {
    servePlain(call, context)
  } else {
    serveSidecar(call, context, table)
  }
}

/** The path of a request to a server: origin-form, or absolute-form that agrees with Host. Undefined: neither. */
export function pathOf (url: string, authority: string): string | undefined {
  if (url.charCodeAt(0) === 0x2f || url === '*') return url
  const absolute = parseAbsoluteForm(url)
  return absolute?.authority.toLowerCase() === authority.toLowerCase() ? absolute.path : undefined
}

export function headOf (request: DownstreamRequest, path: string, fields: RequestFields): Call['head'] {
  return { method: request.method ?? 'GET', path: normalizePath(path), authority: fields.authority, scheme: 'http', headers: fields.list }
}
