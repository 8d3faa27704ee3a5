/** A pod's forward proxy: absolute-form requests and CONNECT tunnels, guarded by the pod's own password. */
import { reply, reset } from './downstream.ts'
import { close, createListener, endWith, listen } from './listener.ts'
import { serveLoopback } from './loopback.ts'
import { servePlain, serveSidecar, type Call } from './sidecar.ts'
import { challenge, createGuard, isLoopback, parseAbsoluteForm, parseAuthority, type Target } from './target.ts'
import { openTunnel } from './tunnel.ts'
import type { OutboundTable } from '../compile/outbound.ts'
import type { ProxyContext } from './context.ts'
import type { OutboundListener, OutboundOptions } from '../mesh.ts'
import type { Workload } from '../model.ts'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
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
    onRequest: (request, response) => {
      const target = tunnels.get(request.socket)
      if (target !== undefined) {
        serveTunnelled({ request, response }, target, side())
        return
      }
      if (!isKnown(request)) {
        reply(response, 407, 'Proxy Authentication Required', { headers: ['proxy-authenticate', 'Basic realm="mesh"'] })
        request.resume()
        return
      }
      serveAbsolute({ request, response }, side())
    },
    onConnect: (request, socket, head) => {
      // A tunnel inside a tunnel would dial with nobody's rules.
      if (tunnels.has(socket)) endWith(socket, 400, 'Bad Request')
      else if (!isKnown(request)) endWith(socket, 407, 'Proxy Authentication Required', challenge)
      else startTunnel(request, socket, head)
    }
  })

  const startTunnel = (request: IncomingMessage, socket: Socket, head: Buffer): void => {
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

/** RFC 9112, 3.2.2: the request's target must agree with Host; a proxy that let them differ would be told two stories. */
function serveAbsolute ({ request, response }: { request: IncomingMessage, response: ServerResponse }, side: Side): void {
  const url = parseAbsoluteForm(request.url ?? '')
  const host = request.headers.host ?? ''
  if (url === undefined) {
    reply(response, 400, 'This is a forward proxy: send an absolute http URL, or CONNECT host:port.', { close: true })
    return
  }
  if (host.toLowerCase() !== url.authority.toLowerCase() && host.toLowerCase() !== `${url.authority.toLowerCase()}:${url.port}`) {
    reply(response, 400, 'The Host header differs from the request target. To call one address under another name, use CONNECT (curl -p).', { close: true })
    return
  }
  serve({ request, response, target: url, head: headOf(request, url.path, url.authority) }, side)
}

function serveTunnelled ({ request, response }: { request: IncomingMessage, response: ServerResponse }, target: Target, side: Side): void {
  const url = request.url ?? '/'
  const absolute = url.startsWith('/') || url === '*' ? undefined : parseAbsoluteForm(url)
  const authority = request.headers.host ?? ''
  const mixed = absolute !== undefined && absolute.authority.toLowerCase() !== authority.toLowerCase()
  if (mixed || (absolute === undefined && !url.startsWith('/') && url !== '*')) {
    reply(response, 400, 'Bad Request', { close: true })
    return
  }
  serve({ request, response, target, head: headOf(request, absolute?.path ?? url, authority) }, side)
}

function serve (call: Call, { context, workload, table }: Side): void {
  if (isLoopback(call.target.host)) {
    if (workload === undefined || !serveLoopback(call, context, workload)) reset(call.request)
    return
  }
  if (table === undefined) servePlain(call, context)
  else serveSidecar(call, context, table)
}

export function headOf (request: IncomingMessage, path: string, authority: string): Call['head'] {
  return { method: request.method ?? 'GET', path, authority, scheme: 'http', headers: request.rawHeaders }
}
