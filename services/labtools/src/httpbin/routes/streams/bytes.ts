import type { App } from '@bankinfo/service'
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import Type from 'typebox'
import { clientGone } from '../../client-gone.ts'
import { randomBytes } from './random-bytes.ts'
import { wait } from '../time.ts'
import { replies } from '../../replies.ts'

/** The most bytes that an address gives, as httpbin.org's. */
const mostBytes = 100 * 1024
const mostDripped = 10 * 1024 * 1024

const count = Type.Object({ count: Type.Integer({ minimum: 0 }) })
const seed = Type.Optional(Type.Integer())
const chunkSize = Type.Integer({ minimum: 1, default: 10 * 1024 })

/** Bytes by number: at once, in chunks, in ranges, slowly. */
export function bytesRoutes (app: App): void {
  const tags = ['Dynamic data']
  app.get('/bytes/:count', {
    schema: { summary: 'This many random bytes (100 KiB at most); seed makes them the same each time', tags, params: count, querystring: Type.Object({ seed }) }
  }, async (request, reply) =>
    await reply.type('application/octet-stream').send(randomBytes(Math.min(request.params.count, mostBytes), request.query.seed)))

  app.get('/stream-bytes/:count', {
    schema: { summary: 'This many random bytes, in chunks of chunk_size', tags, params: count, querystring: Type.Object({ seed, chunk_size: chunkSize }) }
  }, async (request, reply) => {
    const bytes = randomBytes(Math.min(request.params.count, mostBytes), request.query.seed)
    return await reply.type('application/octet-stream').send(Readable.from(chunksOf(bytes, request.query.chunk_size)))
  })

  app.get('/range/:count', {
    schema: {
      summary: 'The alphabet over and over, this many bytes; a Range header gets a part of it',
      tags,
      params: Type.Object({ count: Type.Integer({ minimum: 1, maximum: mostBytes }) }),
      querystring: Type.Object({ duration: Type.Number({ minimum: 0, maximum: 10, default: 0 }), chunk_size: chunkSize })
    }
  }, async (request, reply) => {
    const { params: { count: size }, query } = request
    const all = Buffer.from(Array.from({ length: size }, (_, index) => 97 + index % 26))
    reply.headers({ etag: `range${size}`, 'accept-ranges': 'bytes' }).type('application/octet-stream')
    const part = rangeOf(request.headers.range, size)
    if (part === 'unsatisfiable') return await reply.code(416).header('content-range', `bytes */${size}`).send('')
    if (part !== undefined) reply.code(206).header('content-range', `bytes ${part.first}-${part.last}/${size}`)
    const bytes = part === undefined ? all : all.subarray(part.first, part.last + 1)
    reply.header('content-length', bytes.length)
    return await reply.send(Readable.from(slowly(chunksOf(bytes, query.chunk_size), query.duration, clientGone(reply))))
  })

  app.get('/drip', {
    schema: {
      summary: 'numbytes (10) bytes over duration (2) seconds, after delay (0) seconds, with status code (200)',
      tags,
      querystring: Type.Object({
        numbytes: Type.Integer({ minimum: 1, maximum: mostDripped, default: 10 }),
        duration: Type.Number({ minimum: 0, maximum: 60, default: 2 }),
        delay: Type.Number({ minimum: 0, maximum: 60, default: 0 }),
        code: Type.Integer({ minimum: 200, maximum: 599, default: 200 })
      })
    }
  }, async (request, reply) => {
    const { numbytes, duration, delay, code } = request.query
    const gone = clientGone(reply)
    await wait(delay, gone)
    const size = Math.max(1, Math.ceil(numbytes / 1000))
    reply.code(code).type('application/octet-stream').header('content-length', numbytes)
    return await reply.send(Readable.from(slowly(chunksOf(Buffer.alloc(numbytes, '*'), size), duration, gone)))
  })

  app.get('/uuid', { schema: { summary: 'A random UUID', tags, response: replies } }, async (_request, reply) =>
    await reply.type('application/json').send(`${JSON.stringify({ uuid: randomUUID() }, undefined, 2)}\n`))

  app.get('/base64/:value', {
    schema: { summary: 'What a base64url text stands for', tags, params: Type.Object({ value: Type.String() }) }
  }, async (request, reply) => {
    const { value } = request.params
    if (!/^[\w+/-]*={0,2}$/.test(value)) return await reply.code(400).type('text/plain').send('This is no base64. Try SGVsbG8=\n')
    // Not as HTML: an address made by a stranger must not run as a page of this host.
    return await reply.type('text/plain; charset=utf-8').send(Buffer.from(value, 'base64url'))
  })
}

function chunksOf (bytes: Buffer, size: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}

async function * slowly (chunks: readonly Buffer[], seconds: number, gone: AbortSignal): AsyncGenerator<Buffer> {
  for (const [index, chunk] of chunks.entries()) {
    if (index > 0) await wait(seconds / (chunks.length - 1), gone)
    if (gone.aborted) return
    yield chunk
  }
}

/** One range of bytes, both ends included; others are sent whole, as RFC 9110 section 14.2 allows. */
export function rangeOf (header: string | undefined, size: number): { first: number, last: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  const [, from = '', to = ''] = match
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  return first > last ? 'unsatisfiable' : { first, last }
}
