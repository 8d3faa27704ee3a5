/** A request and its answer on a stream of HTTP/2, in the form that the proxies know from HTTP/1.1. RFC 9113, 8.1. */
import { EventEmitter } from 'node:events'
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { fromHeaders, toHeaders } from './fields.ts'
import type { DownstreamRequest, DownstreamResponse } from '../downstream.ts'
import type { Socket } from 'node:net'

export function requestOf (stream: ServerHttp2Stream, { method, path, socket, fields }: { method: string, path: string, socket: Socket, fields: readonly string[] }): DownstreamRequest {
  let trailers: readonly string[] = []
  stream.on('trailers', (headers) => { trailers = fromHeaders(headers) })
  return {
    method,
    url: path,
    rawHeaders: fields,
    socket,
    on: (event, listener) => { stream.on(event, listener) },
    once: (event, listener) => { stream.once(event, listener) },
    pause: () => { stream.pause() },
    resume: () => { stream.resume() },
    trailerFields: () => trailers
  }
}

export class H2Response extends EventEmitter implements DownstreamResponse {
  readonly isHttp2 = true
  headersSent = false
  statusCode = 200
  shouldKeepAlive = true
  writableEnded = false
  private readonly stream: ServerHttp2Stream
  /** What has not left yet: whether more follows is part of it. */
  private head: OutgoingHttpHeaders | undefined
  private trailers: readonly string[] = []
  /** Its end must not look like one. */
  private broken = false

  constructor (stream: ServerHttp2Stream) {
    super()
    this.stream = stream
    stream.on('close', () => { this.emit('close') })
    stream.on('drain', () => { this.emit('drain') })
    stream.on('wantTrailers', () => { if (!this.broken) stream.sendTrailers(toHeaders(this.trailers)) })
    // A client that resets its stream is told of by its end.
    stream.on('error', () => {})
  }

  get destroyed (): boolean {
    return this.stream.destroyed || this.stream.closed
  }

  removeHeader (): void {}

  writeHead (status: number, fields: readonly string[]): void {
    this.statusCode = status
    this.headersSent = true
    this.head = { ...toHeaders(fields), ':status': status }
  }

  flushHeaders (): void {
    this.respond(false)
  }

  write (chunk: Buffer): boolean {
    this.respond(false)
    return this.destroyed || this.stream.write(chunk)
  }

  /** Fields that come after the body. */
  setTrailers (fields: readonly string[]): void {
    this.trailers = fields
  }

  end (chunk?: Buffer | string): void {
    if (this.writableEnded) return
    this.writableEnded = true
    const empty = chunk === undefined || chunk.length === 0
    const whole = empty && this.head !== undefined && this.trailers.length === 0
    this.respond(whole)
    if (whole || this.destroyed) return
    if (empty) this.stream.end()
    else this.stream.end(chunk)
  }

  destroy (): void {
    this.broken = true
    this.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }

  private respond (endStream: boolean): void {
    const { head } = this
    this.head = undefined
    if (head === undefined || this.destroyed) return
    this.stream.respond(head, { endStream, waitForTrailers: !endStream })
  }
}
