import { connect as connectHttp2, createServer as createHttp2, constants, type ClientHttp2Session, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { request as httpRequest, type Server } from 'node:http'
import { once } from 'node:events'
import { afterEach, beforeEach } from 'vitest'
import { rulesOf } from './cluster.ts'
import { startTwoPods, type TwoPods } from './two-pods.ts'
import type { Protocol, SocketAddress } from '../model.ts'
import type { Socket } from 'node:net'

export interface Answer {
  readonly headers: IncomingHttpHeaders
  readonly trailers: IncomingHttpHeaders | undefined
  readonly body: string
  /** END_STREAM came with the head. */
  readonly headOnly: boolean
  readonly rstCode: number
}

/** Two pods whose server speaks HTTP/2 in clear text. */
export interface Http2Pods {
  /** Those of the test that runs. */
  readonly pods: TwoPods
  /** A server of HTTP/2 whose streams a test answers. */
  serve(answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void): Promise<SocketAddress>
  /** A session in a tunnel to the server, as a client that knows HTTP/2 beforehand opens it. */
  tunnel(): Promise<ClientHttp2Session>
  cluster(address: SocketAddress | undefined, options?: { protocol?: Protocol, kind?: 'plain' | 'sidecar', rules?: ReturnType<typeof rulesOf> }): Promise<void>
}

export const route = 'route: [{destination: {host: server}}]'
export const grpc = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' }

/** A VirtualService for the server with one HTTP route, written as YAML. */
export function rule (http: string): ReturnType<typeof rulesOf> {
  return rulesOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: server}
spec: {hosts: [server], http: [${http}]}
`)
}

/** Sends one request and reads the answer to its end, however it ends. */
export async function call (session: ClientHttp2Session, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return await new Promise((resolve) => {
    const stream = session.request({ ':path': '/', ':authority': 'server', ...headers }, { endStream: body === undefined })
    let answer: IncomingHttpHeaders = {}
    let trailers: IncomingHttpHeaders | undefined
    let headOnly = false
    let text = ''
    stream.on('response', (head, flags) => {
      answer = head
      headOnly = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
    })
    stream.on('trailers', (fields) => { trailers = fields })
    stream.on('data', (chunk: Buffer) => { text += chunk.toString() })
    stream.on('error', () => {})
    stream.on('close', () => { resolve({ headers: answer, trailers, body: text, headOnly, rstCode: stream.rstCode }) })
    if (body !== undefined) stream.end(body)
  })
}

/** New pods for each test of the file that calls it, closed after it. */
export function useHttp2Pods (): Http2Pods {
  let pods: TwoPods
  const sessions: ClientHttp2Session[] = []
  beforeEach(async () => { pods = await startTwoPods() })
  afterEach(async () => {
    for (const session of sessions.splice(0)) session.destroy()
    await pods.close()
  })
  return {
    get pods () { return pods },
    serve: async (answer) => {
      const server: Http2Server = createHttp2()
      server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
        stream.on('error', () => {})
        answer(stream, headers)
      })
      server.on('session', (session) => { session.on('error', () => {}) })
      return await pods.serve(server as unknown as Server)
    },
    tunnel: async () => {
      const { proxy, authorization } = pods
      const request = httpRequest({ host: proxy.host, port: proxy.port, method: 'CONNECT', path: 'server:80', headers: { 'proxy-authorization': authorization } })
      request.end()
      const [, socket] = await once(request, 'connect') as [unknown, Socket]
      const session = connectHttp2('http://server', { createConnection: () => socket })
      session.on('error', () => {})
      sessions.push(session)
      return session
    },
    cluster: async (address, { protocol = 'GRPC', ...more } = {}) => { await pods.cluster(address, { protocol, ...more }) }
  }
}
