import { createServer, type IncomingHttpHeaders } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rulesOf } from '../../testing/cluster.ts'
import { startTwoPods, until, type ClusterOptions, type TwoPods } from '../../testing/two-pods.ts'
import type { Span } from '../../telemetry/traces/spans.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'

let pods: TwoPods
let spans: Span[]
let seen: IncomingHttpHeaders[]

beforeEach(async () => {
  spans = []
  seen = []
  pods = await startTwoPods({ onSpans: (batch) => { spans.push(...batch) } })
})
afterEach(async () => { await pods.close() })

async function serve (options: ClusterOptions = {}, status: () => number = () => 200): Promise<void> {
  await pods.cluster(await pods.serve(createServer((request, response) => {
    seen.push(request.headers)
    response.writeHead(status()).end()
  })), options)
}

/** The spans that have come, once there are so many: the caller's first. */
async function delivered (count: number): Promise<Span[]> {
  await until(() => spans.length >= count)
  return spans.toSorted((a, b) => a.kind.localeCompare(b.kind))
}

test('a trace is begun where there is none: the application sees the span of its own proxy, whose parent is the caller\'s', async () => {
  await serve()
  await pods.call({ headers: { 'x-request-id': '1ca7dc8a-d996-4d94-b8fc-09132eb845f8' } })
  const [client, server] = await delivered(2)
  expect(client).toMatchObject({ kind: 'client', service: 'client.default', traceId: '1ca7dc8ad9964d94b8fc09132eb845f8' })
  expect(client?.parentSpanId).toBeUndefined()
  expect(server).toMatchObject({ kind: 'server', service: 'server.default', traceId: client?.traceId, parentSpanId: client?.spanId })
  expect(seen[0]?.['traceparent']).toBe(`00-${client?.traceId}-${server?.spanId}-01`)
  expect(seen[0]).not.toHaveProperty('b3')
  expect(seen[0]).not.toHaveProperty('x-b3-traceid')
})

test('a caller\'s traceparent is the parent of its proxy\'s span; tracestate and baggage go on as they are', async () => {
  await serve()
  await pods.call({ headers: { traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'a=1', baggage: 'b=2' } })
  const [client, server] = await delivered(2)
  expect(client).toMatchObject({ traceId, parentSpanId: spanId })
  expect(server).toMatchObject({ traceId, parentSpanId: client?.spanId })
  expect(seen[0]).toMatchObject({ traceparent: `00-${traceId}-${server?.spanId}-01`, tracestate: 'a=1', baggage: 'b=2' })
})

test('B3 is answered in its own form beside W3C\'s', async () => {
  await serve()
  await pods.call({ headers: { b3: `${traceId}-${spanId}-1` } })
  const [client, server] = await delivered(2)
  expect(client).toMatchObject({ traceId, parentSpanId: spanId })
  expect(seen[0]).toMatchObject({ b3: `${traceId}-${server?.spanId}-1-${client?.spanId}`, traceparent: `00-${traceId}-${server?.spanId}-01` })
  spans = []
  await pods.call({ headers: { 'x-b3-traceid': traceId, 'x-b3-spanid': spanId, 'x-b3-sampled': '1' } })
  const [caller, callee] = await delivered(2)
  expect(caller).toMatchObject({ traceId, parentSpanId: spanId })
  expect(seen[1]).toMatchObject({ 'x-b3-traceid': traceId, 'x-b3-spanid': callee?.spanId, 'x-b3-parentspanid': caller?.spanId, 'x-b3-sampled': '1' })
})

test('a trace that its caller does not want is passed on as such, and delivered to nobody', async () => {
  await serve()
  await pods.call({ headers: { traceparent: `00-${traceId}-${spanId}-00` } })
  await pods.call({ headers: { 'x-b3-traceid': traceId, 'x-b3-spanid': spanId, 'x-b3-sampled': '0' } })
  expect(seen[0]?.['traceparent']).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`))
  expect(seen[1]).toMatchObject({ 'x-b3-sampled': '0' })
  await pods.call()
  expect((await delivered(2)).every((span) => span.traceId !== traceId)).toBe(true)
})

test('each attempt has a span of its own below the caller\'s one', async () => {
  let left = 1
  await serve({ rules: rulesOf('{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: server}, spec: {hosts: [server], http: [{retries: {attempts: 2, retryOn: 5xx}, route: [{destination: {host: server}}]}]}}') }, () => left-- > 0 ? 503 : 200)
  await pods.call()
  const [client, first, second] = await delivered(3)
  expect([first?.parentSpanId, second?.parentSpanId]).toEqual([client?.spanId, client?.spanId])
  expect(seen.map((headers) => headers['traceparent']).sort()).toEqual([first, second].map((span) => `00-${client?.traceId}-${span?.spanId}-01`).sort())
})

test('a server without a proxy sees the caller\'s span; a caller without one has none', async () => {
  await serve({ kind: 'plain' })
  await pods.call()
  const [client] = await delivered(1)
  expect(seen[0]?.['traceparent']).toBe(`00-${client?.traceId}-${client?.spanId}-01`)
  spans = []
  await serve({ clientKind: 'plain' })
  await pods.call({ headers: { traceparent: `00-${traceId}-${spanId}-01` } })
  const [server] = await delivered(1)
  expect(server).toMatchObject({ kind: 'server', traceId, parentSpanId: spanId })
  expect(seen[1]?.['traceparent']).toBe(`00-${traceId}-${server?.spanId}-01`)
})

test('between pods without proxies nothing is touched', async () => {
  await serve({ kind: 'plain', clientKind: 'plain' })
  await pods.call()
  expect(seen[0]).not.toHaveProperty('traceparent')
})

test('a request that a rule answers has a span too', async () => {
  await serve({ rules: rulesOf('{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: server}, spec: {hosts: [server], http: [{fault: {abort: {httpStatus: 500, percentage: {value: 100}}}, route: [{destination: {host: server}}]}]}}') })
  await pods.call({ headers: { traceparent: `00-${traceId}-${spanId}-01`, 'x-request-id': 'aborted' } })
  expect((await delivered(1))[0]).toMatchObject({ traceId, parentSpanId: spanId, error: true, tags: { response_flags: 'FI', 'http.status_code': '500' } })
})
