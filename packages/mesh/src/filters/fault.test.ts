import { createServer, request as httpRequest } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { decideFault, fault, type FaultSpec } from './fault.ts'
import { rulesOf } from '../testing/cluster.ts'
import { startTwoPods, until, type TwoPods } from '../testing/two-pods.ts'

const compiled = (spec: FaultSpec): ReturnType<typeof fault.compile> => fault.compile({ fault: spec }, { port: 80, clusterOf: ({ host }) => host })

test.for<readonly [spec: FaultSpec, expected: unknown]>([
  [{ abort: { httpStatus: 500 } }, undefined],
  [{ delay: { fixedDelay: '1s' } }, undefined],
  [{ delay: { fixedDelay: '1s', percentage: {} } }, undefined],
  [{ delay: { fixedDelay: '1s', percentage: { value: 0 }, percent: 50 } }, undefined],
  [{ delay: { percentage: { value: 100 } } }, undefined],
  [{ delay: { fixedDelay: '1.5s', percentage: { value: 0.0001 } } }, { kind: 'fault', delay: { milliseconds: 1500, parts: 1 } }],
  [{ delay: { fixedDelay: '1s', percent: 50 } }, { kind: 'fault', delay: { milliseconds: 1000, parts: 500_000 } }],
  [{ abort: { httpStatus: 418, percentage: { value: 100 } } }, { kind: 'fault', abort: { status: 418, parts: 1_000_000 } }],
  [{ abort: { grpcStatus: 'UNAVAILABLE', percentage: { value: 100 } } }, { kind: 'fault', abort: { status: 200, grpcStatus: 14, parts: 1_000_000 } }]
])('%o comes to %o', ([spec, expected]) => {
  expect(compiled(spec)).toEqual(expected)
})

test('a share is that part of all draws, delay and abort each for itself', () => {
  const config = compiled({ delay: { fixedDelay: '1s', percentage: { value: 30 } }, abort: { httpStatus: 503, percentage: { value: 10 } } })
  if (config === undefined) throw new Error('no fault')
  const draws = (...values: number[]): (() => number) => () => values.shift() ?? 0
  expect(decideFault(config, draws(0.2999999, 0.0999999))).toMatchObject({ delay: 1000, abort: { status: 503, flags: 'FI' } })
  expect(decideFault(config, draws(0.3, 0.0999999))).toMatchObject({ delay: 0, abort: { status: 503 } })
  expect(decideFault(config, draws(0.2999999, 0.1))).toEqual({ delay: 1000, abort: undefined })
})

test('0 and 100 are exact', () => {
  const always = compiled({ abort: { httpStatus: 503, percentage: { value: 100 } }, delay: { fixedDelay: '1s', percentage: { value: 0 } } })
  if (always === undefined) throw new Error('no fault')
  for (const draw of [0, 0.5, 1 - Number.EPSILON]) expect(decideFault(always, () => draw)).toMatchObject({ delay: 0, abort: { status: 503 } })
})

let pods: TwoPods
beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

/** The server answers ok; the rule has one route with the given fault. */
async function withFault (spec: string, rest = ''): Promise<void> {
  const address = await pods.serve(createServer((_request, response) => { response.end('ok') }))
  await pods.cluster(address, {
    rules: rulesOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: server}
spec: {hosts: [server], http: [{fault: ${spec}, ${rest} route: [{destination: {host: server}}]}]}
`)
  })
}

test('an abort answers in the server\'s place and is not retried', async () => {
  await withFault('{abort: {httpStatus: 503, percentage: {value: 100}}}', 'retries: {attempts: 3, retryOn: 5xx},')
  const { status, body, headers } = await pods.call()
  expect([status, body.toString(), headers['content-type'], headers.server]).toEqual([503, 'fault filter abort', 'text/plain', 'envoy'])
  expect(headers['x-envoy-upstream-service-time']).toBeUndefined()
  expect(pods.log('outbound')).toEqual([[503, 'FI', 'fault_filter_abort']])
  expect(pods.log('inbound')).toEqual([])
})

test('a gRPC client reads the outcome in grpc-status', async () => {
  await withFault('{abort: {httpStatus: 503, percentage: {value: 100}}}')
  const { status, body, headers } = await pods.call({ method: 'POST', headers: { 'content-type': 'application/grpc' } })
  expect([status, body.length, headers['grpc-status'], headers['grpc-message']]).toEqual([200, 0, '14', 'fault filter abort'])
})

test('a delay is not part of the route\'s timeout, and a body waits for it', async () => {
  await withFault('{delay: {fixedDelay: 200ms, percentage: {value: 100}}}', 'timeout: 100ms,')
  const begin = performance.now()
  const { status, body } = await pods.call({ method: 'POST', body: Buffer.alloc(100_000) })
  expect([status, body.toString()]).toEqual([200, 'ok'])
  expect(performance.now() - begin).toBeGreaterThan(190)
  expect(pods.log('outbound')).toEqual([[200, 'DI', 'via_upstream']])
})

test('a client that leaves during the delay ends it', async () => {
  await withFault('{delay: {fixedDelay: 300s, percentage: {value: 100}}}')
  const request = httpRequest(pods.requestOptions())
  request.on('error', () => {})
  request.end()
  request.on('socket', (socket) => { socket.on('connect', () => { setTimeout(() => { request.destroy() }, 20) }) })
  await until(() => pods.records.length === 1)
  expect(pods.log('outbound')).toEqual([[0, 'DI,DC', 'downstream_remote_disconnect']])
})

test('explain tells it, in order', async () => {
  await withFault('{delay: {fixedDelay: 1s, percentage: {value: 50}}, abort: {httpStatus: 500, percentage: {value: 10}}}')
  expect(pods.mesh.explain({ from: 'client', url: 'http://server/' }).filters).toEqual([
    'fault: 50 % wait 1000 ms first (DI); the route\'s timeout starts after that',
    'fault: 10 % are answered 500 by the proxy itself (FI), without a retry'
  ])
})
