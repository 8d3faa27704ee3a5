import { createServer, type RequestListener } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askAdmin } from '../testing/admin.ts'
import { rulesOf } from '../testing/cluster.ts'
import { startTwoPods, until, type ClusterOptions, type TwoPods } from '../testing/two-pods.ts'
import type { Sample } from './metrics/exposition.ts'

let pods: TwoPods

beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

async function serve (answer: RequestListener, options: ClusterOptions = {}): Promise<void> {
  await pods.cluster(await pods.serve(createServer(answer)), options)
}

const ok: RequestListener = (request, response) => {
  request.resume()
  request.on('end', () => { response.end('twelve bytes') })
}

function samples (proxy: string, name = 'istio_requests_total'): readonly Sample[] {
  return pods.telemetry.metrics(proxy).flatMap(({ name: family, values }) => values.filter(({ metricName = family }) => metricName === name))
}

const rule = (http: string): ReturnType<typeof rulesOf> => rulesOf(`{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: server}, spec: {hosts: [server], http: ${http}}}`)

test('a request counts once at the caller and once at the server, with all of Istio\'s labels in Istio\'s order', async () => {
  await serve(ok)
  for (let index = 0; index < 7; index++) await pods.call()
  const [source, ...others] = samples('default/client')
  expect(others).toEqual([])
  expect(source?.value).toBe(7)
  expect(Object.entries(source?.labels ?? {})).toEqual(Object.entries({
    reporter: 'source',
    source_workload: 'client',
    source_canonical_service: 'client',
    source_canonical_revision: 'latest',
    source_workload_namespace: 'default',
    source_principal: 'unknown',
    source_app: 'client',
    source_version: 'unknown',
    source_cluster: 'Kubernetes',
    destination_workload: 'server',
    destination_workload_namespace: 'default',
    destination_principal: 'unknown',
    destination_app: 'server',
    destination_version: 'unknown',
    destination_service: 'server.default.svc.cluster.local',
    destination_canonical_service: 'server',
    destination_canonical_revision: 'latest',
    destination_service_name: 'server',
    destination_service_namespace: 'default',
    destination_cluster: 'Kubernetes',
    request_protocol: 'http',
    response_code: '200',
    grpc_response_status: '',
    response_flags: '-',
    connection_security_policy: 'unknown'
  }))
  const [destination, ...more] = samples('default/server')
  expect(more).toEqual([])
  expect(destination).toMatchObject({ value: 7, labels: { reporter: 'destination', source_workload: 'client', destination_service: 'server.default.svc.cluster.local', connection_security_policy: 'none' } })
})

test('histograms have Istio\'s buckets, and the bytes of both bodies, chunked ones too', async () => {
  await serve(ok)
  await pods.call({ method: 'POST', body: Buffer.alloc(700) })
  await pods.call({ method: 'POST', body: Buffer.alloc(3000), headers: { 'transfer-encoding': 'chunked' } })
  const requests = samples('default/client', 'istio_request_bytes_bucket').map(({ labels, value }) => [labels['le'], value])
  expect(requests).toEqual([
    [0.5, 0], [1, 0], [5, 0], [10, 0], [25, 0], [50, 0], [100, 0], [250, 0], [500, 0], [1000, 1], [2500, 1], [5000, 2], [10000, 2], [30000, 2], [60000, 2], [300000, 2], [600000, 2], [1800000, 2], [3600000, 2], ['+Inf', 2]
  ])
  expect(samples('default/client', 'istio_request_bytes_sum')[0]?.value).toBe(3700)
  expect(samples('default/server', 'istio_request_bytes_sum')[0]?.value).toBe(3700)
  expect(samples('default/client', 'istio_response_bytes_sum')[0]?.value).toBe(24)
  expect(samples('default/client', 'istio_request_duration_milliseconds_count')[0]?.value).toBe(2)
})

test('answers and flags are series of their own; an abort never reaches the server\'s count', async () => {
  await serve((request, response) => { response.writeHead(request.url === '/404' ? 404 : 200).end() }, {
    rules: rule('[{match: [{uri: {exact: /abort}}], fault: {abort: {httpStatus: 500, percentage: {value: 100}}}, route: [{destination: {host: server}}]}, {route: [{destination: {host: server}}]}]')
  })
  for (const path of ['/', '/', '/404', '/abort']) await pods.call({ path })
  const codes = (proxy: string): string[] => samples(proxy).map(({ labels, value }) => `${labels['response_code']} ${labels['response_flags']} ${value}`).sort()
  expect(codes('default/client')).toEqual(['200 - 2', '404 - 1', '500 FI 1'])
  expect(codes('default/server')).toEqual(['200 - 2', '404 - 1'])
  expect(samples('default/client').find(({ labels }) => labels['response_flags'] === 'FI')?.labels).toMatchObject({ destination_service: 'server.default.svc.cluster.local', destination_workload: 'unknown' })
})

test('a caller without a proxy is unknown to the server\'s; a server without one has workload and no app', async () => {
  await serve(ok, { clientKind: 'plain' })
  await pods.call()
  expect(samples('default/client')).toEqual([])
  expect(samples('default/server')[0]).toMatchObject({ value: 1, labels: { source_workload: 'unknown', source_cluster: 'unknown', destination_workload: 'server' } })
  await serve(ok, { kind: 'plain' })
  await pods.call()
  expect(samples('default/client')[0]?.labels).toMatchObject({ destination_workload: 'server', destination_app: 'unknown', destination_canonical_service: 'server' })
})

test('retried requests count once at the caller, each attempt at the server', async () => {
  let left = 2
  await serve((_request, response) => { response.writeHead(left-- > 0 ? 503 : 200).end() }, { rules: rule('[{retries: {attempts: 3, retryOn: 5xx}, route: [{destination: {host: server}}]}]') })
  await pods.call()
  expect(samples('default/client').map(({ labels, value }) => [labels['response_code'], value])).toEqual([['200', 1]])
  expect(samples('default/server').map(({ labels, value }) => [labels['response_code'], value])).toEqual([['503', 2], ['200', 1]])
})

test('what leaves the mesh, and what may not, has Istio\'s names', async () => {
  await serve(ok)
  await pods.callUrl('http://nowhere.example/')
  expect(samples('default/client').find(({ labels }) => labels['destination_service'] === 'nowhere.example')?.labels).toMatchObject({ destination_service_name: 'PassthroughCluster', destination_workload: 'unknown', response_flags: 'DF' })
  await serve(ok, { rules: rulesOf('{apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: default}, spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: ["./*"]}]}}') })
  await pods.callUrl('http://nowhere.example/')
  expect(samples('default/client').find(({ labels }) => labels['response_code'] === '502')?.labels).toMatchObject({ destination_service: 'nowhere.example', destination_service_name: 'BlackHoleCluster' })
})

test('a client that names ever new hosts makes no more than a hundred series', async () => {
  await serve(ok, { rules: rulesOf('{apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: default}, spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: ["./*"]}]}}') })
  for (let index = 0; index < 150; index++) await pods.callUrl(`http://host-${index}.example/`)
  const all = samples('default/client')
  expect(all.length).toBeLessThanOrEqual(101)
  expect(all.reduce((sum, { value }) => sum + value, 0)).toBe(150)
  expect(all.find(({ labels }) => labels['destination_service'] === 'unknown')?.value).toBeGreaterThan(0)
})

test('label values are escaped in Prometheus\' text', async () => {
  await serve(ok)
  await pods.call()
  const { body } = await askAdmin(pods, '/stats/prometheus', { port: 15020 })
  const line = body.split('\n').find((text) => text.startsWith('istio_requests_total{'))
  expect(line).toMatch(/^istio_requests_total\{reporter="source",(?:[a-z_]+="[^"\\\n]*",?)+\} 1$/)
  expect(body).toContain('# TYPE istio_request_duration_milliseconds histogram')
})

test('counts of a proxy go with it; those of a pod that was called stay', async () => {
  await serve(ok)
  await pods.call()
  await pods.empty()
  expect(samples('default/client')).toEqual([])
  expect(samples('default/server')).toEqual([])
})

test('the graph has exact counts, a rate, the share of errors and percentiles', async () => {
  await serve((request, response) => { response.writeHead(request.url === '/500' ? 500 : 200).end() })
  for (let index = 0; index < 9; index++) await pods.call()
  await pods.call({ path: '/500' })
  const { window, edges } = pods.telemetry.graph(60_000)
  expect(window).toBeGreaterThanOrEqual(60)
  expect(window).toBeLessThan(65)
  expect(edges).toHaveLength(1)
  const [edge] = edges
  expect(edge).toMatchObject({
    from: { name: 'client', kind: 'mesh' }, to: { name: 'server', kind: 'mesh' }, service: 'server.default.svc.cluster.local', protocol: 'http', requests: 10, errors: 0.1, faults: 0
  })
  expect((edge?.rate ?? 0) * window).toBeCloseTo(10)
  expect(edge?.p99).toBeGreaterThanOrEqual(edge?.p50 ?? Infinity)
})

test('the graph tells of callers without a proxy, of servers without one, and of blocked calls', async () => {
  await serve(ok, { clientKind: 'plain' })
  await pods.call()
  expect(pods.telemetry.graph(60_000).edges.map(({ from, to }) => [from.kind, from.name, to.kind])).toEqual([['none', 'unknown', 'mesh']])
  await serve(ok, { kind: 'plain', rules: rulesOf('{apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: default}, spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: ["./*"]}]}}') })
  await pods.call()
  await pods.callUrl('http://nowhere.example/')
  const ends = pods.telemetry.graph(60_000).edges.filter(({ from }) => from.name === 'client').map(({ to }) => [to.kind, to.name])
  expect(ends).toEqual([['blocked', 'nowhere.example'], ['cluster', 'server']])
})

test('a trace has the span of the call and below it one for each attempt, found by request id and trace id', async () => {
  let left = 1
  await serve((_request, response) => { response.writeHead(left-- > 0 ? 503 : 200).end() }, { rules: rule('[{name: retried, retries: {attempts: 3, retryOn: 5xx}, route: [{destination: {host: server}}]}]') })
  await pods.call({ headers: { 'x-request-id': '1ca7dc8a-d996-4d94-b8fc-09132eb845f8' } })
  await until(() => pods.records.length === 3)
  const trace = pods.telemetry.trace('1ca7dc8a-d996-4d94-b8fc-09132eb845f8')
  expect(trace?.traceId).toBe('1ca7dc8ad9964d94b8fc09132eb845f8')
  expect(pods.telemetry.trace('1ca7dc8ad9964d94b8fc09132eb845f8')).toEqual(trace)
  expect(pods.telemetry.trace('1ca7dc')).toEqual(trace)
  const [client, ...servers] = trace?.spans ?? []
  expect(client).toMatchObject({
    kind: 'client',
    service: 'client.default',
    operation: 'server.default.svc.cluster.local:80/*',
    error: false,
    tags: {
      component: 'proxy', 'http.status_code': '200', 'http.method': 'GET', response_flags: '-', upstream_cluster: 'outbound|80||server.default.svc.cluster.local', 'guid:x-request-id': '1ca7dc8a-d996-4d94-b8fc-09132eb845f8', node_id: 'sidecar~10.44.0.1~client.default~default.svc.cluster.local', 'istio.mesh_id': 'cluster.local'
    }
  })
  expect(client?.tries?.map(({ outcome, upstreamHost }) => [outcome, upstreamHost])).toEqual([['503', '10.44.0.2:8080'], ['200', '10.44.0.2:8080']])
  expect(servers.map(({ kind, parentSpanId, tags }) => [kind, parentSpanId, tags['http.status_code']])).toEqual([['server', client?.spanId, '503'], ['server', client?.spanId, '200']])
})

test('an injected delay stands in the span of the caller', async () => {
  await serve(ok, { rules: rule('[{fault: {delay: {fixedDelay: 30ms, percentage: {value: 100}}}, route: [{destination: {host: server}}]}]') })
  await pods.call({ headers: { 'x-request-id': 'slow' } })
  expect(pods.telemetry.trace('slow')?.spans[0]?.tags).toMatchObject({ 'fault.delay': '30ms', response_flags: 'DI' })
})

test.each([
  ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '0af7651916cd43dd8448eb211c80319c'],
  ['b3', '80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1', '80f198ee56343ba864fe8b2a57d3eff7'],
  ['x-b3-traceid', '824fbd828d809bf4', '0000000000000000824fbd828d809bf4']
])('a caller\'s %s names the trace, and reaches the server untouched', async (name, value, traceId) => {
  const seen: unknown[] = []
  await serve((request, response) => {
    seen.push(request.headers[name])
    response.end()
  })
  await pods.call({ headers: { [name]: value } })
  expect(seen).toEqual([value])
  expect(pods.telemetry.traces().map((trace) => trace.traceId)).toEqual([traceId])
  expect(pods.telemetry.trace(traceId)?.spans).toHaveLength(2)
})

test('no more than 200 spans of one trace are told', async () => {
  await serve(ok)
  await pods.call({ headers: { 'x-request-id': 'again' } })
  const [record] = pods.records
  for (let index = 0; index < 208; index++) if (record !== undefined) pods.telemetry.observe(record)
  expect(pods.telemetry.trace('again')).toMatchObject({ lost: 10, spans: { length: 200 } })
})

test('a gRPC call is one in the labels, with the status that its trailers or its head say', async () => {
  await serve((request, response) => {
    request.resume()
    if (request.url === '/head') response.writeHead(200, { 'content-type': 'application/grpc', 'grpc-status': '5' }).end()
    else response.writeHead(200, { 'content-type': 'application/grpc', trailer: 'grpc-status' }).end()
  }, { rules: rule('[{match: [{uri: {exact: /abort}}], fault: {abort: {grpcStatus: UNAVAILABLE, percentage: {value: 100}}}, route: [{destination: {host: server}}]}, {route: [{destination: {host: server}}]}]') })
  for (const path of ['/head', '/abort']) await pods.call({ method: 'POST', path, headers: { 'content-type': 'application/grpc+proto' } })
  expect(samples('default/client').map(({ labels }) => [labels['request_protocol'], labels['response_code'], labels['grpc_response_status'], labels['response_flags']])).toEqual([['grpc', '200', '5', '-'], ['grpc', '200', '14', 'FI']])
  expect(samples('default/server').map(({ labels }) => [labels['request_protocol'], labels['grpc_response_status']])).toEqual([['grpc', '5']])
})

test('the log line has the address that a called name stands for', async () => {
  await serve(ok)
  await pods.call()
  await until(() => pods.records.length === 2)
  expect(pods.records.map(({ direction, downstreamLocalAddress }) => [direction, downstreamLocalAddress])).toEqual([['inbound', '10.44.0.2:8080'], ['outbound', '10.96.0.1:80']])
})
