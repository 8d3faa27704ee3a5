import Type from 'typebox'
import { expect, test, vi } from 'vitest'
import { checkerOf } from './client/checker.ts'
import { createClient } from './client/client.ts'
import { listen, testedApp } from './service.fixture.ts'
import { startTracing } from './tracing.ts'

interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
}

test('a process ends although its collector does not answer', async () => {
  const silent = await listen(() => {})
  const tracing = await startTracing({ endpoint: silent, service: 'tested', version: 'v7', pod: 'tested-pod', namespace: 'default' })
  const { http } = await testedApp((app) => { app.get('/ok', async () => ({ ok: true })) }, { tracing })
  await http.get('/ok').expect(200)
  await tracing.shutdown()
}, 5000)

test('a request and its call become two spans of the caller\'s trace, sent by OTLP', async () => {
  const sent: string[] = []
  const collector = await listen(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) body += chunk
    sent.push(`${request.url} ${body}`)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  const seen: (string | undefined)[] = []
  const other = await listen((request, response) => {
    seen.push(String(request.headers['traceparent']))
    response.writeHead(200, { 'content-type': 'application/json', 'x-bankinfo-service': 'other' }).end('{}')
  })
  const tracing = await startTracing({ endpoint: `${collector}/`, service: 'tested', version: 'v7', pod: 'tested-pod', namespace: 'default' })
  const { http } = await testedApp((app, { dispatcher }) => {
    const client = createClient({ name: 'other', url: other, dispatcher, metrics: app.operations.metrics })
    app.get('/ask/:id', async (request) => (await client.json({ from: request, path: '/thing', timeout: 2000, attempts: 1, check: checkerOf(Type.Object({})) })).body)
  }, { tracing })
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  await http.get('/ask/1').set('traceparent', `00-${traceId}-b7ad6b7169203331-01`).expect(200)
  await tracing.shutdown()

  await vi.waitFor(() => expect(sent.length).toBeGreaterThan(0))
  expect(sent[0]).toMatch(/^\/v1\/traces /)
  const { resourceSpans } = JSON.parse(String(sent[0]).slice('/v1/traces '.length)) as { resourceSpans: { resource: { attributes: { key: string, value: unknown }[] }, scopeSpans: { spans: Span[] }[] }[] }
  expect(resourceSpans[0]?.resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'tested' } })
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  const server = spans.find(({ kind }) => kind === 2)
  const call = spans.find(({ kind }) => kind === 3)
  expect(server).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331', name: 'GET /ask/:id' })
  expect(call).toMatchObject({ traceId, parentSpanId: server?.spanId, name: 'GET other' })
  expect(seen).toEqual([`00-${traceId}-${call?.spanId}-01`])
})
