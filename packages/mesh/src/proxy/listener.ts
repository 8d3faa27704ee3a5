/**
 * HTTP listeners: node:http does the parsing (llhttp), this file adds what Envoy refuses beyond it. All that comes in here
 * may be hostile.
 */
import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http'
import { detect } from '../http/h2/detect.ts'
import { reply, type DownstreamRequest, type DownstreamResponse } from '../http/downstream.ts'
import { serveHttp2 } from '../http/h2/server.ts'
import { readRequestFields, type RequestFields } from '../http/request-fields.ts'
import type { SocketAddress } from '../model.ts'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'

/** Envoy's limits: max_request_headers_kb, and max_headers_count's default. */
const maxHeadBytes = 60 * 1024
const maxHeaderLines = 100

export interface Received {
  readonly request: DownstreamRequest
  readonly fields: RequestFields
}

export interface ListenerHandlers {
  readonly onRequest: (received: Received, response: DownstreamResponse) => void
  readonly onConnect?: (received: Received, socket: Socket, head: Buffer) => void
}

export function createListener (handlers: ListenerHandlers): Server {
  const server = createServer({ maxHeaderSize: maxHeadBytes, requestTimeout: 0, keepAliveTimeout: 0, insecureHTTPParser: false })
  track(server)
  tellProtocols(server, handlers)
  server.on('request', (request, response) => {
    const fields = readRequestFields(request.rawHeaders)
    const refusal = refuse(request, fields)
    fields.upgrade = undefined
    current.set(request.socket, response)
    if (refusal === undefined) handlers.onRequest({ request, fields }, response)
    else reply(response, refusal.status, refusal.body, { close: true })
  })
  server.on('clientError', onClientError)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => { onUpgrade(request, socket as Socket, { head, server, handlers }) })
  const { onConnect } = handlers
  if (onConnect !== undefined) {
    server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const fields = readRequestFields(request.rawHeaders)
      const refusal = refuse(request, fields)
      if (refusal === undefined) onConnect({ request, fields }, socket as Socket, head)
      else endWith(socket, refusal.status, refusal.body)
    })
  }
  return server
}

/** Node's own listener takes the connections of HTTP/1.1; the others are HTTP/2's. */
function tellProtocols (server: Server, { onRequest }: ListenerHandlers): void {
  const own = server.listeners('connection')[0]
  if (own === undefined) return
  server.off('connection', own as (socket: Socket) => void)
  const http2 = serveHttp2((request, response) => {
    const fields = readRequestFields(request.rawHeaders)
    if (fields.contentLength === 0 && request.hasBody) fields.contentLength = -1
    if (fields.ambiguous) reply(response, 400, 'Bad Request')
    else onRequest({ request, fields }, response)
  })
  server.on('connection', (socket: Socket) => {
    detect(socket, (isHttp2) => {
      if (isHttp2) http2(socket)
      else Reflect.apply(own, server, [socket])
    })
  })
}

/**
 * WebSocket goes on as a request of its own kind; HTTP/2's upgrade is not taken up (RFC 9113 has dropped it), so the request
 * goes on without it; any other protocol is refused, as Envoy does.
 */
function onUpgrade (request: IncomingMessage, socket: Socket, { head, server, handlers }: { head: Buffer, server: Server, handlers: ListenerHandlers }): void {
  const fields = readRequestFields(request.rawHeaders)
  const refusal = refuse(request, fields)
  const protocol = fields.upgrade?.toLowerCase()
  if (refusal !== undefined) {
    endWith(socket, refusal.status, refusal.body)
  } else if (protocol === 'websocket') {
    if (head.length > 0) socket.unshift(head)
    const response = new ServerResponse(request)
    response.assignSocket(socket)
    response.shouldKeepAlive = false
    response.on('finish', () => { socket.end() })
    handlers.onRequest({ request, fields }, response)
  } else if (protocol?.startsWith('h2c') === true) {
    socket.unshift(Buffer.concat([Buffer.from(headWithoutUpgrade(request), 'latin1'), head]))
    server.emit('connection', socket)
  } else {
    endWith(socket, 403, '')
  }
}

/** The request's head as it came, less what asks for another protocol. */
function headWithoutUpgrade ({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method ?? 'GET'} ${url ?? '/'} HTTP/1.1`]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (!['upgrade', 'connection', 'http2-settings'].includes(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[index + 1] ?? ''}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

export async function listen (server: Server, address: SocketAddress): Promise<SocketAddress> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address.port, address.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const bound = server.address()
  return { host: address.host, port: typeof bound === 'object' && bound !== null ? bound.port : address.port }
}

/** Closes a listener and every connection it took, tunnels too. */
export async function close (server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => { resolve() })
    for (const socket of sockets.get(server) ?? []) socket.destroy()
    server.closeAllConnections()
  })
}

const sockets = new WeakMap<Server, Set<Duplex>>()

function track (server: Server): void {
  const open = new Set<Duplex>()
  sockets.set(server, open)
  server.on('connection', (socket: Duplex) => {
    if (open.has(socket)) return
    open.add(socket)
    socket.once('close', () => { open.delete(socket) })
  })
}

interface Refusal {
  readonly status: number
  readonly body: string
}

/** What node's parser lets pass and Envoy does not, and what two ends could read differently. */
function refuse (request: IncomingMessage, fields: RequestFields): Refusal | undefined {
  if (request.httpVersionMajor !== 1 || request.httpVersionMinor !== 1) return { status: 426, body: 'Upgrade Required' }
  if (request.rawHeaders.length > 2 * maxHeaderLines) return { status: 431, body: 'Request Header Fields Too Large' }
  return fields.ambiguous ? { status: 400, body: 'Bad Request' } : undefined
}

/** The last answer on a connection. */
const current = new WeakMap<Duplex, ServerResponse>()

/** What the parser refused, in Envoy's words, unless an answer is on its way: nothing may be written into the middle of one. */
function onClientError (error: NodeJS.ErrnoException, socket: Duplex): void {
  const response = current.get(socket)
  const answering = response?.headersSent === true && (!response.writableFinished || !response.shouldKeepAlive)
  if (error.code === 'ECONNRESET' || !socket.writable || answering) {
    socket.destroy()
    return
  }
  if (error.code === 'HPE_HEADER_OVERFLOW') endWith(socket, 431, 'Request Header Fields Too Large')
  else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') endWith(socket, 408, 'Request Timeout')
  else if (error.code === 'HPE_INVALID_VERSION') endWith(socket, 426, 'Upgrade Required')
  else endWith(socket, 400, 'Bad Request')
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request', 403: 'Forbidden', 407: 'Proxy Authentication Required', 408: 'Request Timeout', 426: 'Upgrade Required', 431: 'Request Header Fields Too Large', 503: 'Service Unavailable'
}

/** An answer on a socket that has no response object, then its end. */
export function endWith (socket: Duplex, status: number, body: string, headers: readonly string[] = []): void {
  socket.on('error', () => {})
  const lines = [`HTTP/1.1 ${status} ${reasons[status] ?? ''}`, ...headers, 'content-type: text/plain', `content-length: ${Buffer.byteLength(body)}`, 'connection: close']
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => { socket.destroy() })
}
