/** The client's side of an exchange: a response of node:http, written once. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export function writeHead (response: ServerResponse, status: number, fields: string[]): void {
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
export function reply (response: ServerResponse, status: number, body: string | Buffer, options: ReplyOptions = {}): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const fields = [...options.headers ?? []]
  // Envoy's order: an empty body is counted last.
  if (body.length > 0) fields.push('content-length', String(Buffer.byteLength(body)), 'content-type', options.contentType ?? 'text/plain')
  options.change?.(fields)
  if (options.server !== undefined) fields.push('server', options.server)
  if (body.length === 0) fields.push('content-length', '0')
  if (options.close === true) {
    fields.push('connection', 'close')
    response.shouldKeepAlive = false
    response.writeHead(status, fields)
  } else {
    writeHead(response, status, fields)
  }
  response.end(body)
}

/** Ends a connection without an answer, as a proxy that lets nothing out does. */
export function reset (request: IncomingMessage): void {
  request.socket.resetAndDestroy()
}
