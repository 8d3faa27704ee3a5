/** Takes connections whose clients speak HTTP/2, request by request. */
import { constants, createServer, type Http2Server, type Http2Session, type ServerHttp2Stream } from 'node:http2'
import { H2Response, requestOf } from './downstream.ts'
import { readRequest } from './fields.ts'
import type { DownstreamRequest } from '../downstream.ts'
import type { Socket } from 'node:net'

/** Envoy's max_headers_count, and the pseudo-headers. */
const maxFields = 100 + 5

export interface H2Request extends DownstreamRequest {
  readonly hasBody: boolean
}

/** The server itself is made when the first such client comes. */
export function serveHttp2 (onRequest: (request: H2Request, response: H2Response) => void): (socket: Socket) => void {
  const sockets = new WeakMap<Http2Session, Socket>()
  let server: Http2Server | undefined
  let taken: Socket | undefined
  const open = (): Http2Server => {
    const created = createServer({ maxHeaderListPairs: maxFields })
    created.on('session', (session) => {
      if (taken !== undefined) sockets.set(session, taken)
      session.on('error', () => { session.destroy() })
    })
    created.on('stream', (stream: ServerHttp2Stream, _headers: unknown, flags: number, raw: readonly string[]) => {
      const socket = stream.session === undefined ? undefined : sockets.get(stream.session)
      const response = new H2Response(stream)
      const { method, path, fields } = readRequest(raw)
      if (socket === undefined || path === '') stream.close(constants.NGHTTP2_REFUSED_STREAM)
      else onRequest({ ...requestOf(stream, { method, path, socket, fields }), hasBody: (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0 }, response)
    })
    return created
  }
  return (socket) => {
    server ??= open()
    taken = socket
    server.emit('connection', socket)
    taken = undefined
  }
}
