import { createServer, request as httpRequest } from 'node:http'
import { once } from 'node:events'
import { beforeEach, expect, test } from 'vitest'
import { grpc, route, rule, useHttp2Pods } from '../../testing/http2-pods.ts'
import { until } from '../../testing/two-pods.ts'
import type { ClientHttp2Session, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'

/** A request as its server saw it. */
interface Seen {
  readonly body: string
  readonly trailers: IncomingHttpHeaders | undefined
  /** The field that announces others behind the body. */
  readonly announced: string | undefined
}

const bed = useHttp2Pods()
let seen: Seen[]
beforeEach(() => { seen = [] })

/** Reads a request to its end, then answers it with the status that `statusOf` says for it. */
function reader (statusOf: () => number = () => 200): (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void {
  return (stream, headers) => {
    let body = ''
    let trailers: IncomingHttpHeaders | undefined
    stream.on('data', (chunk: Buffer) => { body += chunk.toString() })
    stream.on('trailers', (fields) => { trailers = Object.fromEntries(Object.entries(fields)) })
    stream.on('end', () => {
      seen.push({ body, trailers, announced: headers.trailer })
      stream.respond({ ':status': statusOf() }, { endStream: true })
    })
  }
}

function serverOfHttp1 (): ReturnType<typeof createServer> {
  return createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => { body += chunk.toString() })
    request.on('end', () => {
      seen.push({ body, trailers: Object.keys(request.trailers).length === 0 ? undefined : request.trailers, announced: request.headers.trailer })
      response.end()
    })
  })
}

/** The status of the answer to a request in HTTP/2 with fields behind its body. */
async function upload (session: ClientHttp2Session, { headers = {}, body = 'hello', trailers = { 'x-sum': '1' } }: { headers?: Record<string, string>, body?: string, trailers?: Record<string, string | string[]> } = {}): Promise<number | undefined> {
  const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': 'server', ...headers }, { endStream: false, waitForTrailers: true })
  stream.on('wantTrailers', () => { stream.sendTrailers(trailers) })
  stream.end(body)
  const [head] = await once(stream, 'response') as [IncomingHttpHeaders]
  stream.resume()
  await once(stream, 'close')
  return Number(head[':status'])
}

/** The same in HTTP/1.1. */
async function uploadHttp1 (): Promise<number | undefined> {
  const request = httpRequest({ ...bed.pods.requestOptions({ method: 'POST', headers: { trailer: 'x-sum' } }) })
  const answered = once(request, 'response')
  request.write('hello')
  request.addTrailers({ 'x-sum': '1' })
  request.end()
  const [response] = await answered as [{ statusCode?: number, resume: () => void }]
  response.resume()
  return response.statusCode
}

test.for(['plain', 'sidecar'] as const)('fields behind a request\'s body reach a server of HTTP/2 that is %s', async (kind) => {
  await bed.cluster(await bed.serve(reader()), { kind })
  const session = await bed.tunnel()
  expect(await upload(session, { headers: { ...grpc, trailer: 'x-sum, x-more' }, trailers: { 'x-sum': '1', 'x-more': ['a', 'b'], 'set-cookie': ['c', 'd'] } })).toBe(200)
  expect(seen).toEqual([{ body: 'hello', trailers: { 'x-sum': '1', 'x-more': 'a, b', 'set-cookie': ['c', 'd'] }, announced: 'x-sum, x-more' }])
})

test('they do so behind an empty body, one of a stated length and one too long to be kept for another try', async () => {
  await bed.cluster(await bed.serve(reader()))
  const session = await bed.tunnel()
  const long = 'x'.repeat(3 << 20)
  await upload(session, { body: '' })
  await upload(session, { headers: { 'content-length': '5' } })
  await upload(session, { body: long })
  expect(seen.map(({ body }) => body.length)).toEqual([0, 5, long.length])
  expect(seen.map(({ trailers }) => trailers)).toEqual(Array.from({ length: 3 }, () => ({ 'x-sum': '1' })))
})

test('Host, which routes requests, ends at the proxy where it comes behind a body', async () => {
  await bed.cluster(await bed.serve(reader()))
  await upload(await bed.tunnel(), { trailers: { host: 'other', te: 'trailers', 'x-sum': '1' } })
  expect(seen[0]?.trailers).toEqual({ te: 'trailers', 'x-sum': '1' })
})

test('a body with nothing behind it ends as it is', async () => {
  await bed.cluster(await bed.serve(reader()))
  await upload(await bed.tunnel(), { trailers: {} })
  expect(seen).toEqual([{ body: 'hello', trailers: undefined, announced: undefined }])
})

test('each try has them, and so has a mirror', async () => {
  let tries = 0
  await bed.cluster(await bed.serve(reader(() => ++tries < 3 ? 503 : 200)), { rules: rule(`{retries: {attempts: 2, retryOn: 5xx}, ${route}}`) })
  expect(await upload(await bed.tunnel())).toBe(200)
  expect(seen).toEqual(Array.from({ length: 3 }, () => ({ body: 'hello', trailers: { 'x-sum': '1' }, announced: undefined })))
  seen = []
  await bed.cluster(await bed.serve(reader()), { rules: rule(`{mirror: {host: server}, ${route}}`) })
  await upload(await bed.tunnel())
  await until(() => seen.length === 2)
  expect(seen.map(({ trailers }) => trailers)).toEqual([{ 'x-sum': '1' }, { 'x-sum': '1' }])
})

test('where one end speaks HTTP/1.1 they are left out, and the body is whole; what announces them passes', async () => {
  await bed.cluster(await bed.pods.serve(serverOfHttp1()), { protocol: 'HTTP' })
  expect(await upload(await bed.tunnel(), { headers: { trailer: 'x-sum' } })).toBe(200)
  expect(await uploadHttp1()).toBe(200)
  await bed.cluster(await bed.serve(reader()))
  expect(await uploadHttp1()).toBe(200)
  expect(seen).toEqual(Array.from({ length: 3 }, () => ({ body: 'hello', trailers: undefined, announced: 'x-sum' })))
})
