import Type from 'typebox'
import { expect, test } from 'vitest'
import { ServiceError } from './errors.ts'
import { testedApp } from './service.fixture.ts'

const broken = () => testedApp((app) => {
  app.get('/ok', async () => ({ ok: true }))
  app.get('/bug', async () => { throw new Error('connection string postgres://secret') })
  app.get('/refuse', async () => { throw new ServiceError(409, 'taken', 'It is taken', { details: { by: 'jason' } }) })
  app.get('/typed', { schema: { querystring: Type.Object({ n: Type.Integer() }) } }, async ({ query }) => ({ n: query.n }))
  app.post('/post', async () => ({ ok: true }))
})

test('every answer says who gave it, errors too', async () => {
  const { http } = await broken()
  for (const path of ['/ok', '/bug', '/nowhere', '/healthz', '/metrics']) {
    expect((await http.get(path)).headers, path).toMatchObject({ 'x-bankinfo-service': 'tested', 'x-bankinfo-version': 'v7', 'x-bankinfo-pod': 'tested-pod' })
  }
})

test('every answer names the request, so that its trace can be looked up', async () => {
  const { http } = await broken()
  for (const path of ['/ok', '/bug', '/nowhere']) expect((await http.get(path).set('x-request-id', 'request-7')).headers['x-request-id'], path).toBe('request-7')
  expect((await http.get('/ok')).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
})

test('an unforeseen error tells nothing of the inside, and is logged once with the request id', async () => {
  const { http, log } = await broken()
  const { body, text } = await http.get('/bug').set('x-request-id', 'request-5').expect(500)
  expect(body).toMatchObject({ code: 'internal', requestId: 'request-5' })
  expect(text).not.toContain('postgres')
  const errors = log().filter(({ level }) => level === 'error')
  expect(errors).toHaveLength(1)
  expect(errors[0]).toMatchObject({ requestId: 'request-5', service: 'tested', err: { message: expect.stringContaining('postgres') } })
})

test('a foreseen error keeps its status, code, text and details', async () => {
  const { http } = await broken()
  expect((await http.get('/refuse').expect(409)).body).toMatchObject({ code: 'taken', message: 'It is taken', by: 'jason' })
})

test.each([
  ['/typed?n=x', 400, 'invalid_request'],
  ['/nowhere', 404, 'not_found'],
  ['/%', 400, 'bad_request'],
  [`/typed?n=${'1'.repeat(20_000)}`, 431, undefined]
])('%s is %i', async (path, status, code) => {
  const { http } = await broken()
  const { body } = await http.get(path).expect(status)
  if (code !== undefined) expect(body.code).toBe(code)
})

test('a body that is too large, of an unknown type or no JSON is refused with its own code', async () => {
  const { http } = await broken()
  expect((await http.post('/post').type('json').send(JSON.stringify('x'.repeat(70_000))).expect(413)).body.code).toBe('too_large')
  expect((await http.post('/post').type('application/x-thing').send('x').expect(415)).body.code).toBe('unsupported_media_type')
  expect((await http.post('/post').type('json').send('{"a":').expect(400)).body.code).toBe('bad_request')
  expect((await http.post('/post').type('json').send('{"__proto__":{"a":1}}').expect(400)).body.code).toBe('bad_request')
})

test.each(['a b', 'x'.repeat(200), '{"a":1}'])('makes a request id of its own where the one given is %j', async (id) => {
  const { http } = await broken()
  const { body } = await http.get('/nowhere').set('x-request-id', id)
  expect(body.requestId).toMatch(/^[0-9a-f-]{36}$/)
})

test('draws errors as pages where the service does, for who prefers them', async () => {
  const { http } = await testedApp(() => {}, { errorPage: ({ status, code }) => `<p>${status} ${code}</p>` })
  expect((await http.get('/nowhere').set('accept', 'text/html,application/xhtml+xml').expect(404).expect('content-type', /text\/html/)).text).toBe('<p>404 not_found</p>')
  await http.get('/nowhere').set('accept', 'application/json').expect(404).expect('content-type', /application\/json/)
  await http.get('/nowhere').expect(404).expect('content-type', /application\/json/)
})

test('logs each request once, with its id, status and user', async () => {
  const { http, log } = await broken()
  await http.get('/ok').set({ 'x-request-id': 'request-9', 'end-user': 'jason' })
  expect(log().filter(({ msg }) => msg === 'request')).toEqual([expect.objectContaining({ requestId: 'request-9', method: 'GET', path: '/ok', status: 200, endUser: 'jason', level: 'info' })])
})

test('probes and metrics do not fill the log', async () => {
  const { http, log } = await broken()
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json']) await http.get(path)
  expect(log().filter(({ msg }) => msg === 'request')).toEqual([])
})

test('is alive from the start, and ready when told so', async () => {
  const { app, http } = await broken()
  await http.get('/healthz').expect(200, { status: 'ok' })
  await http.get('/readyz').expect(503, { status: 'starting' })
  app.operations.health.readiness = 'ready'
  await http.get('/readyz').expect(200, { status: 'ready' })
})

test('while it drains it answers, reports not ready and gives up its connections', async () => {
  const { app, http } = await broken()
  app.operations.health.readiness = 'draining'
  await http.get('/readyz').expect(503, { status: 'draining' })
  await http.get('/healthz').expect(200)
  await http.get('/ok').expect(200).expect('connection', 'close')
})

test('counts requests by route, never by address', async () => {
  const { http } = await testedApp((app) => {
    app.get('/things/:id', async () => ({}))
  })
  await http.get('/things/17')
  await http.get('/no/such/address')
  const { text } = await http.get('/metrics').expect('content-type', /text\/plain/)
  expect(text).toMatch(/http_request_duration_seconds_count\{[^}]*method="GET",route="\/things\/:id",status="200"\} 1/)
  expect(text).not.toContain('/no/such/address')
  expect(text).toContain('process_resident_memory_bytes')
})

test('describes all its routes in OpenAPI', async () => {
  const { http } = await broken()
  const { body } = await http.get('/openapi.json').expect(200)
  expect(body).toMatchObject({ openapi: '3.1.0', info: { title: 'tested', version: 'v7' } })
  expect(Object.keys(body.paths)).toEqual(expect.arrayContaining(['/healthz', '/readyz', '/metrics', '/typed', '/post']))
})
