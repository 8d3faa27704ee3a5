/**
 * HTTP listeners: node:http does the parsing (llhttp), this file adds what Envoy refuses beyond it. All that comes in here
 * may be hostile.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { reply } from './downstream.ts'
import type { SocketAddress } from '../model.ts'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'

/** Envoy's limits: max_request_headers_kb, and max_headers_count's default. */
const maxHeadBytes = 60 * 1024
const maxHeaderLines = 100

export interface ListenerHandlers {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void
  readonly onConnect?: (request: IncomingMessage, socket: Socket, head: Buffer) => void
  readonly onUpgrade?: (request: IncomingMessage, socket: Socket, head: Buffer) => void
}

export function createListener (handlers: ListenerHandlers): Server {
  const server = createServer({ maxHeaderSize: maxHeadBytes, requestTimeout: 0, keepAliveTimeout: 0, insecureHTTPParser: false })
  server.on('request', (request, response) => {
    const refusal = refuse(request)
    if (refusal === undefined) handlers.onRequest(request, response)
    else reply(response, refusal.status, refusal.body, { close: true })
  })
  server.on('clientError', onClientError)
  if (handlers.onConnect !== undefined) {
    const { onConnect } = handlers
    server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => { onConnect(request, socket as Socket, head) })
  }
  if (handlers.onUpgrade !== undefined) {
    const { onUpgrade } = handlers
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const refusal = refuse(request)
      if (refusal === undefined) onUpgrade(request, socket as Socket, head)
      else endWith(socket, refusal.status, refusal.body)
    })
  }
  return server
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

export async function close (server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => { resolve() })
    server.closeAllConnections()
  })
}

interface Refusal {
  readonly status: number
  readonly body: string
}

/** What node's parser lets pass and a proxy must not: two ends could read it differently. */
export function refuse (request: IncomingMessage): Refusal | undefined {
  const { rawHeaders } = request
  if (request.httpVersionMajor !== 1 || request.httpVersionMinor !== 1) return { status: 426, body: 'Upgrade Required' }
  if (rawHeaders.length > 2 * maxHeaderLines) return { status: 431, body: 'Request Header Fields Too Large' }
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    switch (name.length) {
      case 4:
        if (name.toLowerCase() === 'host') {
          if (++hosts > 1 || !isAuthority(rawHeaders[index + 1] ?? '')) return badRequest
        }
        break
      case 10:
        if (name.toLowerCase() === 'connection' && namesFraming(rawHeaders[index + 1] ?? '')) return badRequest
        break
      case 17:
        // Only `chunked` can be re-framed; anything in front of it would be passed on as if it were not there.
        if (name.toLowerCase() === 'transfer-encoding' && (rawHeaders[index + 1] ?? '').trim().toLowerCase() !== 'chunked') return badRequest
        break
    }
  }
  return undefined
}

const badRequest: Refusal = { status: 400, body: 'Bad Request' }

/** Dropping these because `Connection` names them would change what the request is. */
function namesFraming (connection: string): boolean {
  return connection.length > 10 && connection.toLowerCase().split(',').some((token) => ['host', 'content-length', 'transfer-encoding'].includes(token.trim()))
}

/** host, host:port, [v6], [v6]:port: no userinfo, path or blank. RFC 9110, 4.2.4 and 7.2. */
export function isAuthority (text: string): boolean {
  return /^(?:[\w.~!$&'()*+,;=%-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/.test(text)
}

/** What the parser refused, in Envoy's words. */
function onClientError (error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
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
