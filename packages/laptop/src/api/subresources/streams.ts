import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { ApiContext } from '../context.ts'
import { guardRequest } from '../guard.ts'
import { parsePath, type ResourcePath } from '../path.ts'
import { getObject } from '../read/read.ts'
import { ApiError, badRequest, failure, noSuchResource } from '../status.ts'
import { containerOf } from './container.ts'
import { runExec } from './exec.ts'
import { portForwardProtocol, runPortForward } from './port-forward.ts'

export interface StreamOptions {
  readonly context: ApiContext
  readonly token: string
}

/** Subprotocols of exec, newest first. Version 5 can say that standard input is at its end. */
const execProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

/** What kubectl asks for when it forwards ports; the slash makes it a name that the WebSocket standard, and so ws, does not take. */
const tunnelProtocol = `SPDY/3.1+${portForwardProtocol}`
/** The same among ourselves. */
const tunnelAlias = 'spdy-portforward'

type Start = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Answers the requests that become something else than HTTP: `exec` a WebSocket; `port-forward` SPDY, plain or in a WebSocket. */
export function attachStreams (server: Server, { context, token }: StreamOptions): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 16 * 1024 * 1024,
    handleProtocols: (offered) => [...execProtocols, tunnelAlias].find((protocol) => offered.has(protocol)) ?? false
  })
  sockets.on('headers', (lines) => {
    const line = lines.findIndex((one) => one.endsWith(`: ${tunnelAlias}`))
    if (line !== -1) lines[line] = `Sec-WebSocket-Protocol: ${tunnelProtocol}`
  })
  const forwarding = new Set<Duplex>()
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => { socket.destroy() })
    try {
      guardRequest(request, token)
      accept(context, request, { sockets, forwarding })(request, socket, head)
    } catch (error) {
      refuse(socket, error)
    }
  })
  server.on('close', () => {
    for (const client of sockets.clients) client.terminate()
    for (const socket of forwarding) socket.destroy()
  })
}

interface Upgrades {
  readonly sockets: WebSocketServer
  /** Connections that speak SPDY themselves. */
  readonly forwarding: Set<Duplex>
}

function accept (context: ApiContext, request: IncomingMessage, upgrades: Upgrades): Start {
  const url = new URL(request.url ?? '/', 'https://localhost')
  const path = parsePath(url.pathname)
  if (path?.subresource === 'exec') return acceptExec(context, { request, path, query: url.searchParams }, upgrades)
  if (path?.subresource === 'portforward') return acceptPortForward(context, { request, path }, upgrades)
  throw noSuchResource()
}

function protocolsOf (header: string | readonly string[] | undefined): readonly string[] {
  return [header ?? ''].flat().flatMap((line) => line.split(',')).map((protocol) => protocol.trim())
}

function checkProtocol (offered: readonly string[], known: readonly string[]): void {
  if (known.some((protocol) => offered.includes(protocol))) return
  throw badRequest(`unable to upgrade: unable to negotiate protocol: client supports ${offered.join(', ')}, server supports ${known.join(', ')}`)
}

function acceptExec (context: ApiContext, { request, path, query }: { readonly request: IncomingMessage, readonly path: ResourcePath, readonly query: URLSearchParams }, { sockets }: Upgrades): Start {
  checkProtocol(protocolsOf(request.headers['sec-websocket-protocol']), execProtocols)
  const pod = getObject(context, path)
  const command = query.getAll('command')
  if (command.length === 0) throw badRequest('you must specify at least one command for the container')
  const container = containerOf(pod, query.get('container') ?? undefined)
  const flag = (name: string): boolean => ['true', '1'].includes(query.get(name) ?? '')
  return (upgraded, connection, head) => {
    sockets.handleUpgrade(upgraded, connection, head, (socket) => {
      runExec(context.node, socket, {
        namespace: path.namespace ?? '',
        pod: pod.metadata.name,
        ...(container !== undefined && { container }),
        command,
        stdin: flag('stdin'),
        stdout: flag('stdout'),
        stderr: flag('stderr'),
        tty: flag('tty')
      })
    })
  }
}

function acceptPortForward (context: ApiContext, { request, path }: { readonly request: IncomingMessage, readonly path: ResourcePath }, { sockets, forwarding }: Upgrades): Start {
  const target = { namespace: path.namespace ?? '', pod: getObject(context, path).metadata.name }
  if (request.headers.upgrade?.toLowerCase() === 'websocket') {
    checkProtocol(protocolsOf(request.headers['sec-websocket-protocol']), [tunnelProtocol])
    return (upgraded, connection, head) => {
      upgraded.headers['sec-websocket-protocol'] = tunnelAlias
      sockets.handleUpgrade(upgraded, connection, head, (socket) => { runPortForward(context.node, createWebSocketStream(socket), target) })
    }
  }
  checkProtocol(protocolsOf(request.headers.upgrade), ['SPDY/3.1'])
  checkProtocol(protocolsOf(request.headers['x-stream-protocol-version']), [portForwardProtocol])
  return (_upgraded, connection, head) => {
    connection.write(['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${portForwardProtocol}`, '', ''].join('\r\n'))
    connection.unshift(head)
    forwarding.add(connection)
    connection.on('close', () => { forwarding.delete(connection) })
    runPortForward(context.node, connection, target)
  }
}

function refuse (socket: Duplex, cause: unknown): void {
  const error = cause instanceof ApiError ? cause : new ApiError(500, 'InternalError', `Internal error occurred: ${cause instanceof Error ? cause.message : String(cause)}`)
  const body = JSON.stringify(failure(error))
  socket.end([
    `HTTP/1.1 ${error.code} ${STATUS_CODES[error.code] ?? ''}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body
  ].join('\r\n'))
}
