import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { ApiContext } from '../context.ts'
import { guardRequest } from '../guard.ts'
import { parsePath } from '../path.ts'
import { getObject } from '../read/read.ts'
import { ApiError, badRequest, failure, noSuchResource } from '../status.ts'
import { containerOf } from './container.ts'
import { runExec } from './exec.ts'

export interface StreamOptions {
  readonly context: ApiContext
  readonly token: string
}

/** Subprotocols of exec, newest first. Version 5 can say that standard input is at its end. */
const execProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

/** Answers the requests that become a WebSocket: `exec`. */
export function attachStreams (server: Server, { context, token }: StreamOptions): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 16 * 1024 * 1024,
    handleProtocols: (offered) => execProtocols.find((protocol) => offered.has(protocol)) ?? false
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => { socket.destroy() })
    try {
      guardRequest(request, token)
      const { start } = accept(context, request)
      sockets.handleUpgrade(request, socket, head, start)
    } catch (error) {
      refuse(socket, error)
    }
  })
  server.on('close', () => {
    for (const client of sockets.clients) client.terminate()
  })
}

function accept (context: ApiContext, request: IncomingMessage): { readonly start: Parameters<WebSocketServer['handleUpgrade']>[3] } {
  const url = new URL(request.url ?? '/', 'https://localhost')
  const path = parsePath(url.pathname)
  if (path?.subresource !== 'exec') throw noSuchResource()
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim())
  if (!execProtocols.some((protocol) => protocols.includes(protocol))) {
    throw badRequest(`unable to upgrade: unable to negotiate protocol: client supports ${protocols.join(', ')}, server supports ${execProtocols.join(', ')}`)
  }
  const pod = getObject(context, path)
  const query = url.searchParams
  const command = query.getAll('command')
  if (command.length === 0) throw badRequest('you must specify at least one command for the container')
  const container = containerOf(pod, query.get('container') ?? undefined)
  const flag = (name: string): boolean => ['true', '1'].includes(query.get(name) ?? '')
  return {
    start: (socket) => {
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
    }
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
