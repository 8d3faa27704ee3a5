/** The client's side of an exchange: a request as it comes, and its response, written once. */
import type { Socket } from 'node:net'

/** What the proxies use of a request: node:http's own, or one of HTTP/2. */
export interface DownstreamRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly rawHeaders: readonly string[]
  readonly socket: Socket
  on (event: 'data' | 'end' | 'error', listener: (chunk: Buffer) => void): unknown
  once (event: 'end', listener: () => void): unknown
  pause (): unknown
  resume (): unknown
  /** Fields behind the body, names and values in turn, once it has ended; absent where the protocol's are not passed on, as Envoy's setting for HTTP/1.1 has it. */
  trailerFields?: () => readonly string[]
}

/** What they use of a response. */
export interface DownstreamResponse {
  readonly headersSent: boolean
  readonly destroyed: boolean
  readonly statusCode: number
  readonly writableEnded: boolean
  shouldKeepAlive: boolean
  /** Fields are told apart from bodies by frames: nothing needs to be counted. */
  readonly isHttp2?: boolean
  on (event: 'close', listener: () => void): unknown
  once (event: 'drain', listener: () => void): unknown
  removeHeader (name: string): unknown
  writeHead (status: number, fields: string[]): unknown
  write (chunk: Buffer): boolean
  end (chunk?: Buffer | string): unknown
  flushHeaders (): unknown
  destroy (): unknown
  /** Fields behind the body; absent where the protocol's clients do not expect any, as Envoy's setting for HTTP/1.1 has it. */
  setTrailers?: (fields: readonly string[]) => void
}

export function writeHead (response: DownstreamResponse, status: number, fields: string[]): void {
  // Node would add `connection: keep-alive`, which Envoy does not send.
  response.removeHeader('connection')
  response.writeHead(status, fields)
}

export interface ReplyOptions {
  readonly server?: string
  /** Names and values in turn. */
  readonly headers?: readonly string[]
  readonly close?: boolean
  /** `text/plain` without it. */
  readonly contentType?: string
  /** What rules do to the fields; the proxy's name comes after that. */
  readonly change?: (fields: string[]) => void
}

/** A whole answer of the proxy's own. */
export function reply (response: DownstreamResponse, status: number, body: string | Buffer, options: ReplyOptions = {}): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const fields = [...options.headers ?? []]
  // Envoy's order: an empty body is counted last.
  if (body.length > 0) fields.push('content-length', String(Buffer.byteLength(body)), 'content-type', options.contentType ?? 'text/plain')
  options.change?.(fields)
  if (options.server !== undefined) fields.push('server', options.server)
  if (body.length === 0 && response.isHttp2 !== true) fields.push('content-length', '0')
  if (options.close === true && response.isHttp2 !== true) {
    fields.push('connection', 'close')
    response.shouldKeepAlive = false
    response.writeHead(status, fields)
  } else {
    writeHead(response, status, fields)
  }
  response.end(body)
}

/** Ends a connection without an answer, as a proxy that lets nothing out does. */
export function reset (request: Pick<DownstreamRequest, 'socket'>): void {
  request.socket.resetAndDestroy()
}
