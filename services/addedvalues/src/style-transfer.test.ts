import type { IncomingMessage, RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { addedValues } from './added-values.fixture.ts'

const v3 = { SERVICE_VERSION: 'v3' }
const from = { 'x-bankinfo-service': 'styletransfer', 'x-bankinfo-version': 'v1', 'x-bankinfo-pod': 'st-pod' }
const answering: RequestListener = (_request, response) => { response.writeHead(200, { ...from, 'content-type': 'application/json' }).end('{"styles":[]}') }
const mesh = (status: number, text = ''): RequestListener => (_request, response) => { response.writeHead(status, { server: 'envoy' }).end(text) }

test('v3 has what v2 has, and says that style transfer can be used', async () => {
  const { body } = await (await addedValues(v3, answering)).get('/api/v1/addedvalues/wealth-90').expect(200)
  expect(body).toMatchObject({ version: 'v3', analysis: { risk: { class: 'R2' } }, styleTransfer: { enabled: true, reason: { code: 'reachable' } } })
})

test.each<[string, RequestListener, RegExp]>([
  ['blocked', mesh(502), /serviceentry\.yaml/],
  ['fault_injected', mesh(500, 'fault filter abort'), /fault rule/],
  ['mesh_timeout', mesh(504, 'upstream request timeout'), /timeout rule/],
  ['no_healthy_upstream', mesh(503, 'no healthy upstream'), /no healthy pod/],
  ['reset', (request) => { request.socket.destroy() }, /reset/],
  ['timeout', () => {}, /did not answer within 0\.15 s/],
  ['server_error', (_request, response) => { response.writeHead(500, from).end('{"code":"internal"}') }, /HTTP 500/],
  ['bad_answer', (_request, response) => { response.writeHead(200, from).end('<html>') }, /not what was agreed/]
])('%s: the button is disabled, with the reason in both languages', async (code, listener, words) => {
  const timeout: Record<string, string> = code === 'timeout' ? { STYLETRANSFER_TIMEOUT_MS: '150' } : {}
  const { body } = await (await addedValues({ ...v3, ...timeout }, listener)).get('/api/v1/addedvalues/wealth-90').expect(200)
  expect(body.styleTransfer).toMatchObject({ enabled: false, reason: { code, en: expect.stringMatching(words), zh: expect.stringMatching(/[\u4e00-\u9fff]/) } })
})

test('nobody listening is refused', async () => {
  const { body } = await (await addedValues({ ...v3, STYLETRANSFER_URL: 'http://127.0.0.1:1' })).get('/api/v1/addedvalues/wealth-90').expect(200)
  expect(body.styleTransfer).toMatchObject({ enabled: false, reason: { code: 'refused' } })
})

test('asks now: what has changed shows with the next request', async () => {
  let open = false
  const service = await addedValues(v3, (request, response) => (open ? answering : mesh(502))(request, response))
  const enabled = async () => (await service.get('/api/v1/addedvalues/wealth-90')).body.styleTransfer.enabled
  expect(await enabled()).toBe(false)
  open = true
  expect(await enabled()).toBe(true)
  open = false
  expect(await enabled()).toBe(false)
})

test('asks on behalf of the user, and once', async () => {
  const seen: IncomingMessage[] = []
  const service = await addedValues(v3, (request, response) => {
    seen.push(request)
    mesh(503)(request, response)
  })
  await service.get('/api/v1/addedvalues/wealth-90').set({ 'end-user': 'yunqi2018', traceparent: '00-a' })
  expect(seen.map(({ url, headers }) => [url, headers['end-user'], headers['traceparent']])).toEqual([['/styles', 'yunqi2018', '00-a']])
})

test('hands photos on as they come, and pictures back, telling the hops apart', async () => {
  let received = 0
  const service = await addedValues(v3, (request, response) => {
    request.on('data', (chunk: Buffer) => { received += chunk.length })
    request.on('end', () => response.writeHead(200, { ...from, 'content-type': 'image/png', 'server-timing': 'style;dur=8' }).end('picture'))
  })
  const reply = await service.post('/styletransfer/transfer').field('style', 'neon').attach('image', Buffer.alloc(5_000_000), 'a.jpg').expect(200)
  expect(received).toBeGreaterThan(5_000_000)
  expect(reply.body.toString()).toBe('picture')
  expect(reply.headers).toMatchObject({ 'x-bankinfo-service': 'addedvalues', 'x-bankinfo-version': 'v3', 'x-bankinfo-via': 'styletransfer/v1/st-pod', 'server-timing': 'style;dur=8' })
})

test('passes styletransfer\'s refusals on, and sends no photo twice', async () => {
  let asked = 0
  const service = await addedValues(v3, (request, response) => {
    asked++
    request.resume().on('end', () => response.writeHead(503, { ...from, 'content-type': 'application/json', 'retry-after': '2' }).end('{"code":"busy","message":"x","requestId":"r"}'))
  })
  const reply = await service.post('/styletransfer/transfer').attach('image', Buffer.alloc(1000), 'a.jpg').expect(503)
  expect(reply.body.code).toBe('busy')
  expect(reply.headers['retry-after']).toBe('2')
  expect(asked).toBe(1)
})

test('tells a blocked transfer by its kind', async () => {
  const service = await addedValues(v3, mesh(502))
  expect((await service.post('/styletransfer/transfer').attach('image', Buffer.alloc(1000), 'a.jpg').expect(502)).body.code).toBe('styletransfer_blocked')
  expect((await service.get('/styletransfer/styles').expect(502)).body.code).toBe('styletransfer_blocked')
})

test('an exchange that takes too long is ended', async () => {
  const service = await addedValues({ ...v3, UPLOAD_TIMEOUT_MS: '200' }, (request) => { request.resume() })
  expect((await service.post('/styletransfer/transfer').attach('image', Buffer.alloc(1000), 'a.jpg').expect(504)).body.code).toBe('styletransfer_timeout')
})

test.each(['/styletransfer/', '/styletransfer/metrics', '/styletransfer/styles/..%2Fmetrics/preview', '/styletransfer/styles/A/preview'])('reaches nothing else of styletransfer: %s', async (path) => {
  let asked = 0
  const service = await addedValues(v3, (request, response) => {
    asked++
    answering(request, response)
  })
  expect([400, 404]).toContain((await service.get(path)).status)
  expect(asked).toBe(0)
})
