/**
 * Connections of HTTP/2 to a real address, without TLS and with prior knowledge (RFC 9113, 3.3). Requests share a connection until
 * it has as many as it may have.
 */
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { fromHeaders, toHeaders } from '../http/h2/fields.ts'
import type { RequestBody } from '../http/upstream/body.ts'
import type { ConnectionSettings } from './pools.ts'
import type { SocketAddress } from '../model.ts'
import type { Dispatcher } from 'undici'

/** What an answer is told to, as undici's handlers are. */
export interface H2Handler {
  onConnect: (abort: () => void) => void
  onHeaders: (status: number, fields: readonly string[], resume: () => void) => boolean
  onData: (chunk: Buffer) => boolean
  onComplete: (trailers: readonly string[]) => void
  onError: (error: Error) => void
}

export interface H2Sessions {
  readonly dispatch: (options: Pick<Dispatcher.DispatchOptions, 'path' | 'method' | 'reset'> & { headers: readonly string[], body: RequestBody | null }, handler: H2Handler) => void
  /** Ends connections when their requests have ended. */
  readonly close: () => Promise<void>
  readonly destroy: () => Promise<void>
}

/** A stream that the server has ended with a code before or in its answer. */
export class StreamResetError extends Error {
  readonly code: 'H2_REFUSED_STREAM' | 'H2_STREAM_RESET' | 'H2_PROTOCOL_ERROR'

  constructor (rstCode: number) {
    super(`the stream was reset with code ${rstCode}`)
    this.code = rstCode === constants.NGHTTP2_REFUSED_STREAM ? 'H2_REFUSED_STREAM' : rstCode === constants.NGHTTP2_PROTOCOL_ERROR ? 'H2_PROTOCOL_ERROR' : 'H2_STREAM_RESET'
  }
}

interface Connection {
  readonly session: ClientHttp2Session
  streams: number
  connected: boolean
  /** Takes no more requests. */
  last: boolean
  failure: Error | undefined
}

export function openH2Sessions ({ host, port }: SocketAddress, { connectTimeout, maxStreams = Infinity }: { connectTimeout: number } & Pick<ConnectionSettings, 'maxStreams'>): H2Sessions {
  const connections = new Set<Connection>()

  const open = (): Connection => {
    const session = connect(`http://${host.includes(':') ? `[${host}]` : host}:${port}`, { settings: { enablePush: false } })
    const connection: Connection = { session, streams: 0, connected: false, last: false, failure: undefined }
    connections.add(connection)
    const timer = setTimeout(() => { session.destroy(Object.assign(new Error('connect timeout'), { code: 'UND_ERR_CONNECT_TIMEOUT' })) }, connectTimeout)
    session.once('connect', () => {
      clearTimeout(timer)
      connection.connected = true
    })
    session.on('error', (error) => { connection.failure ??= error })
    session.on('goaway', () => { connection.last = true })
    session.on('close', () => {
      clearTimeout(timer)
      connections.delete(connection)
    })
    return connection
  }

  const take = (): Connection => {
    for (const connection of connections) {
      const { session, last, streams } = connection
      if (!last && !session.closed && !session.destroyed && streams < maxStreams) return connection
    }
    return open()
  }

  return {
    dispatch: ({ path, method, headers, body, reset }, handler) => {
      const connection = take()
      if (reset === true) connection.last = true
      const trailerFields = body?.trailerFields
      const stream = connection.session.request({ ...toHeaders(headers), ':method': method, ':path': path, ':authority': authorityOf(headers), ':scheme': 'http' }, { endStream: body === null, waitForTrailers: trailerFields !== undefined })
      if (trailerFields !== undefined) stream.on('wantTrailers', () => { stream.sendTrailers(toHeaders(trailerFields())) })
      connection.streams++
      stream.once('close', () => {
        connection.streams--
        if (connection.last && connection.streams === 0) connection.session.close()
      })
      follow(stream, connection, handler)
      if (body !== null) {
        body.on('error', () => { stream.close(constants.NGHTTP2_CANCEL) })
        body.pipe(stream)
      }
    },
    close: async () => { for (const { session } of connections) session.close() },
    destroy: async () => { for (const { session } of connections) session.destroy() }
  }
}

function follow (stream: ClientHttp2Stream, connection: Connection, handler: H2Handler): void {
  let over = false
  let ended = false
  let trailers: readonly string[] = []
  handler.onConnect(() => {
    over = true
    stream.close(constants.NGHTTP2_CANCEL)
  })
  stream.on('response', (headers) => {
    if (!over && !handler.onHeaders(Number(headers[':status']), fromHeaders(headers), () => { stream.resume() })) stream.pause()
  })
  stream.on('data', (chunk: Buffer) => { if (!over && !handler.onData(chunk)) stream.pause() })
  stream.on('trailers', (headers) => { trailers = fromHeaders(headers) })
  stream.on('end', () => { ended = true })
  // What ended the connection says more than what ended the stream.
  const cause = (): Error => {
    if (!connection.connected) return Object.assign(connection.failure ?? new Error('no connection'), { code: 'ECONNREFUSED' })
    return connection.failure ?? (stream.rstCode > 0 ? new StreamResetError(stream.rstCode) : new Error('the connection ended before the answer'))
  }
  // What follows an error is the end: by then it is known what was wrong.
  stream.on('error', () => {})
  stream.on('close', () => {
    if (over) return
    if (ended && stream.rstCode === constants.NGHTTP2_NO_ERROR) {
      over = true
      handler.onComplete(trailers)
    } else {
      over = true
      handler.onError(cause())
    }
  })
}

function authorityOf (fields: readonly string[]): string {
  for (let index = 0; index < fields.length; index += 2) if (fields[index] === 'host') return fields[index + 1] ?? ''
  return ''
}
