import type { FastifyReply, FastifyRequest } from 'fastify'
import type { IncomingHttpHeaders } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import type { Client, StreamAnswer } from './client.ts'

export interface PassOnOptions {
  readonly client: Client
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Path on the other side; the query of the request is added. */
  readonly path: string
  /** ms for the whole exchange. */
  readonly timeout: number
}

/**
 * Hands a request on to another service and its answer back, both bodies as they flow: nothing is held, a slow reader
 * slows the sender, who goes away ends the other side's work, and nothing is sent twice.
 */
export async function passOn ({ client, request, reply, path, timeout }: PassOnOptions): Promise<FastifyReply> {
  const query = request.url.indexOf('?')
  const answer = await client.stream({
    from: request,
    method: request.method === 'POST' ? 'POST' : 'GET',
    path: query === -1 ? path : path + request.url.slice(query),
    timeout,
    headers: requestHeaders(request.headers),
    signal: goneSignal(reply),
    ...(request.body instanceof Readable ? { body: shield(request.body) } : {})
  })
  return reply.code(answer.status).headers(answerHeaders(answer)).send(answer.body)
}

/** Aborts when the one who asked is gone before the whole answer was sent. */
export function goneSignal (reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort()
  })
  return controller.signal
}

/**
 * An upload as another stream, which undici may destroy: when the other side answers early (413), or is gone. The
 * upload itself must live on, for its connection still carries the answer; what is left of it is read and dropped.
 */
export function shield (upload: Readable): Readable {
  const inner = new PassThrough()
  upload.pipe(inner)
  upload.once('error', (error) => inner.destroy(error))
  upload.once('close', () => {
    if (!upload.readableEnded) inner.destroy(Object.assign(new Error('The sender of the upload went away'), { code: 'UPLOAD_ABORTED' }))
  })
  inner.once('close', () => {
    upload.unpipe(inner)
    upload.resume()
  })
  inner.on('error', () => {}) // the call that reads it fails with it and tells
  return inner
}

const passedRequestHeaders = ['accept', 'accept-language', 'content-type', 'content-length', 'if-none-match', 'if-modified-since'] as const

function requestHeaders (headers: IncomingHttpHeaders): Record<string, string> {
  const result: Record<string, string> = {}
  for (const name of passedRequestHeaders) {
    const value = headers[name]
    if (value !== undefined) result[name] = value
  }
  return result
}

/** Connection-bound fields (RFC 9110, 7.6.1) and what this hop or its proxy says for itself. */
const droppedAnswerHeaders = new Set([
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade',
  'date', 'server', 'set-cookie', 'x-envoy-upstream-service-time', 'x-request-id', 'x-bankinfo-service', 'x-bankinfo-version', 'x-bankinfo-pod'
])

/** The other side's headers without those of its hop. Who gave the answer is kept apart, in x-bankinfo-via, nearest last. */
export function answerHeaders ({ headers, from }: Pick<StreamAnswer, 'headers' | 'from'>): Record<string, string | string[]> {
  const named = String(headers['connection'] ?? '').toLowerCase().split(',').map((name) => name.trim())
  const result: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !droppedAnswerHeaders.has(name) && !named.includes(name)) result[name] = value
  }
  const hop = `${from.service}/${from.version}/${from.pod}`
  const before = headers['x-bankinfo-via']
  result['x-bankinfo-via'] = before === undefined ? hop : `${String(before)}, ${hop}`
  return result
}
