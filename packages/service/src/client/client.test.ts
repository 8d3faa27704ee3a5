import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import Type from 'typebox'
import { expect, onTestFinished, test } from 'vitest'
import { listen, testedApp } from '../service.fixture.ts'
import { checkerOf } from './checker.ts'
import { createClient } from './client.ts'
import { forwardedHeaders } from './forwarded-headers.ts'
import { answerHeaders, passOn } from './pass-on.ts'

const check = checkerOf(Type.Object({ ok: Type.Boolean() }))

/** A service whose /ask asks another one for /thing, and whose /pass hands requests on to it. */
async function asking (url: string) {
  return await testedApp((app, { dispatcher }) => {
    const client = createClient({ name: 'other', url, dispatcher, metrics: app.operations.metrics })
    app.addContentTypeParser('application/octet-stream', (_request, payload, done) => { done(null, payload) })
    app.get('/ask', async (request) => {
      const { body, from, attempts } = await client.json({ from: request, path: '/thing', timeout: 2000, attempts: 2, check })
      return { body, from, attempts: attempts.length }
    })
    app.route({ method: ['GET', 'POST'], url: '/pass', bodyLimit: 1e9, handler: async (request, reply) => await passOn({ client, request, reply, path: '/thing', timeout: 20_000 }) })
  })
}

const answering = (seen: IncomingMessage[] = []): RequestListener => (request, response) => {
  seen.push(request)
  response.writeHead(200, { 'content-type': 'application/json', 'x-bankinfo-service': 'other', 'x-bankinfo-version': 'v2', 'x-bankinfo-pod': 'other-pod' }).end('{"ok":true}')
}

test('hands on the identity and trace headers of the request, and no others', async () => {
  const seen: IncomingMessage[] = []
  const { http } = await asking(await listen(answering(seen)))
  const forwarded = { 'end-user': 'jason', 'x-request-id': 'r1', traceparent: '00-a', tracestate: 'b', baggage: 'c', b3: 'd', 'x-b3-traceid': 'e', 'x-b3-spanid': 'f', 'x-b3-sampled': '1' }
  await http.get('/ask').set({ ...forwarded, cookie: 'session=x', authorization: 'Bearer y', 'x-forwarded-for': '1.2.3.4' }).expect(200)
  expect(seen[0]?.headers).toMatchObject(forwarded)
  for (const name of ['cookie', 'authorization', 'x-forwarded-for']) expect(seen[0]?.headers).not.toHaveProperty(name)
})

test('gives every request an id to hand on', async () => {
  const seen: IncomingMessage[] = []
  const { http } = await asking(await listen(answering(seen)))
  await http.get('/ask')
  expect(seen[0]?.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
})

test('joins a header that came twice', () => {
  expect(forwardedHeaders({ baggage: ['a=1', 'b=2'] as unknown as string, host: 'x' })).toEqual({ baggage: 'a=1, b=2' })
})

test('says who answered', async () => {
  const { http } = await asking(await listen(answering()))
  expect((await http.get('/ask')).body).toEqual({ body: { ok: true }, from: { service: 'other', version: 'v2', pod: 'other-pod' }, attempts: 1 })
})

test('keeps the path of the address it was given', async () => {
  const seen: IncomingMessage[] = []
  const { http } = await asking(`${await listen(answering(seen))}/base/`)
  await http.get('/ask').expect(200)
  expect(seen[0]?.url).toBe('/base/thing')
})

test('goes through the proxy of the environment, with its password', async () => {
  const asked: { target: string | undefined, credentials: string | undefined }[] = []
  const proxy = createServer()
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push({ target: request.url, credentials: request.headers['proxy-authorization'] })
    const [host, port] = String(request.url).split(':')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const before = process.env['http_proxy']
  process.env['http_proxy'] = `http://pod:token@127.0.0.1:${(proxy.address() as AddressInfo).port}`
  onTestFinished(() => {
    proxy.close()
    if (before === undefined) delete process.env['http_proxy']
    else process.env['http_proxy'] = before
  })
  const url = await listen(answering())
  const { http } = await asking(url)
  await http.get('/ask').expect(200)
  await http.get('/ask').expect(200)
  expect(asked).toEqual([{ target: url.slice('http://'.length), credentials: `Basic ${Buffer.from('pod:token').toString('base64')}` }])
})

test('passes bodies on both ways as they flow', async () => {
  const size = 30_000_000
  const { http } = await asking(await listen((request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'x-bankinfo-service': 'other' })
    request.pipe(response)
  }))
  const { body } = await http.post('/pass').type('application/octet-stream').send(Buffer.alloc(size, 'a')).expect(200).buffer(true).parse((response, done) => {
    let bytes = 0
    response.on('data', (chunk: Buffer) => { bytes += chunk.length })
    response.on('end', () => done(null, bytes))
  })
  expect(body).toBe(size)
})

test('passes an early refusal of an upload back, although the upload is not over', async () => {
  const { http } = await asking(await listen((_request, response) => {
    response.writeHead(413, { 'content-type': 'application/json', 'x-bankinfo-service': 'other' }).end('{"code":"too_large","message":"no","requestId":"r"}')
  }))
  expect((await http.post('/pass').type('application/octet-stream').send(Buffer.alloc(5_000_000)).expect(413)).body.code).toBe('too_large')
})

test('passes status and headers on, keeps hop-by-hop ones back and tells the hops apart', async () => {
  const { http } = await asking(await listen((_request, response) => {
    response.writeHead(418, { 'x-bankinfo-service': 'other', 'x-bankinfo-version': 'v2', 'x-bankinfo-pod': 'p', 'x-bankinfo-via': 'far/v1/q', 'server-timing': 'a;dur=1', 'set-cookie': 'a=b', 'keep-alive': 'timeout=5', connection: 'x-secret', 'x-secret': '1' }).end('tea')
  }))
  const { headers } = await http.get('/pass').expect(418)
  expect(headers).toMatchObject({ 'server-timing': 'a;dur=1', 'x-bankinfo-service': 'tested', 'x-bankinfo-via': 'far/v1/q, other/v2/p' })
  for (const name of ['set-cookie', 'x-secret']) expect(headers).not.toHaveProperty(name)
})

test('names the answerer where there was no hop before', () => {
  expect(answerHeaders({ headers: {}, from: { service: 'a', version: 'v1', pod: 'p' } })).toEqual({ 'x-bankinfo-via': 'a/v1/p' })
})

test('an answer that a proxy gave in its place is an error of its kind', async () => {
  const { http } = await asking(await listen((_request, response) => { response.writeHead(502).end() }))
  expect((await http.get('/pass').expect(502)).body.code).toBe('other_blocked')
})
