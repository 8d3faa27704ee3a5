import { constants } from 'node:http2'
import { expect, test } from 'vitest'
import { rulesOf } from '../../testing/cluster.ts'
import { call, grpc, route, rule, useHttp2Pods } from '../../testing/http2-pods.ts'
import { until } from '../../testing/two-pods.ts'

const bed = useHttp2Pods()
const { serve, tunnel, cluster } = bed

/** One failure, and the endpoint is left alone. */
const ejecting = rulesOf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: server}
spec: {host: server, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1, maxEjectionPercent: 100}}}
`)

test('an abort by gRPC status is one frame with the status in it', async () => {
  await cluster(await serve((stream) => { stream.respond({ ':status': 200 }, { endStream: true }) }), { rules: rule(`{fault: {abort: {grpcStatus: UNAVAILABLE, percentage: {value: 100}}}, ${route}}`) })
  const answer = await call(await tunnel(), grpc, '')
  expect(answer).toMatchObject({ headOnly: true, headers: { ':status': 200, 'grpc-status': '14', 'grpc-message': 'fault filter abort', 'content-type': 'application/grpc' } })
  expect(answer.headers['content-length']).toBeUndefined()
})

test('an answer with its status in the head is tried again where the rule says so, and by default', async () => {
  let tries = 0
  await cluster(await serve((stream) => {
    tries++
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': tries < 3 ? '14' : '0' }, { endStream: true })
  }))
  expect((await call(await tunnel(), grpc, '')).headers['grpc-status']).toBe('0')
  expect(tries).toBe(3)
  tries = 0
  await cluster(await serve((stream) => {
    tries++
    stream.respond({ ':status': 200, 'grpc-status': tries < 2 ? '8' : '0' }, { endStream: true })
  }), { rules: rule(`{retries: {attempts: 2, retryOn: resource-exhausted}, ${route}}`) })
  expect((await call(await tunnel(), grpc, '')).headers['grpc-status']).toBe('0')
  expect(tries).toBe(2)
})

test('a refused stream is tried again by default; one that is reset otherwise is not', async () => {
  let tries = 0
  await cluster(await serve((stream) => {
    if (++tries === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM)
    else stream.respond({ ':status': 200 }, { endStream: true })
  }), { kind: 'plain' })
  expect((await call(await tunnel())).headers[':status']).toBe(200)
  await cluster(await serve((stream) => { stream.close(constants.NGHTTP2_INTERNAL_ERROR) }), { kind: 'plain' })
  const { headers, body } = await call(await tunnel())
  expect([headers[':status'], body]).toEqual([503, 'upstream connect error or disconnect/reset before headers. reset reason: remote reset'])
  expect(bed.pods.log('outbound').at(-1)).toEqual([503, 'UR', 'upstream_reset_before_response_started{remote_reset}'])
})

test('nobody there behind the proxy of the server: a gRPC call is answered with status 14, and tried again by default', async () => {
  const gone = await serve(() => {})
  await cluster({ ...gone, port: 1 })
  const { headers, body } = await call(await tunnel(), grpc, '')
  expect([headers[':status'], headers['grpc-status'], body]).toEqual([200, '14', ''])
  expect(headers['grpc-message']).toContain('upstream connect error')
  expect(headers['content-length']).toBeUndefined()
  const told = (direction: 'inbound' | 'outbound') => bed.pods.records.filter((record) => record.direction === direction).map(({ responseCode, responseFlags, grpcStatus }) => [responseCode, responseFlags, grpcStatus])
  expect(told('inbound')).toEqual(Array.from({ length: 3 }, () => [200, 'URX,UF', 14]))
  expect(told('outbound')).toEqual([[200, 'URX', 14]])
})

test('nobody there: 503 UF, and a server that comes later is found', async () => {
  await cluster(undefined, { kind: 'plain' })
  expect((await call(await tunnel())).headers[':status']).toBe(503)
  const gone = await serve(() => {})
  await cluster({ ...gone, port: 1 }, { kind: 'plain' })
  expect((await call(await tunnel())).headers[':status']).toBe(503)
  expect(bed.pods.log('outbound').at(-1)?.[1]).toBe('URX,UF')
  await cluster(await serve((stream) => { stream.respond({ ':status': 204 }, { endStream: true }) }), { kind: 'plain' })
  expect((await call(await tunnel())).headers[':status']).toBe(204)
})

test('an answer that breaks off resets the client\'s stream, and no other', async () => {
  await cluster(await serve((stream, headers) => {
    stream.respond({ ':status': 200 })
    if (headers[':path'] === '/good') stream.end('whole')
    else stream.write('par', () => { stream.destroy(new Error('broken')) })
  }))
  const session = await tunnel()
  const [broken, good] = await Promise.all([call(session), call(session, { ':path': '/good' })])
  expect(broken.rstCode).not.toBe(0)
  expect(good).toMatchObject({ body: 'whole', rstCode: 0 })
})

test('a client that resets its stream has the server\'s stream reset, and is logged DC', async () => {
  let [open, closed] = [false, false]
  await cluster(await serve((stream) => {
    open = true
    stream.on('close', () => { closed = true })
  }))
  const stream = (await tunnel()).request({ ':path': '/', ':authority': 'server' })
  stream.on('error', () => {})
  await until(() => open)
  stream.close(constants.NGHTTP2_CANCEL)
  await until(() => closed && bed.pods.records.length === 2)
  expect(bed.pods.log('outbound')).toEqual([[0, 'DC', 'downstream_remote_disconnect']])
})

test('grpc-timeout is the route\'s timeout where the rule has none, and no longer than that where it has one', async () => {
  await cluster(await serve(() => {}))
  const answer = await call(await tunnel(), { ...grpc, 'grpc-timeout': '50m' }, '')
  expect(answer.headers).toMatchObject({ ':status': 200, 'grpc-status': '4', 'grpc-message': 'upstream request timeout' })
  await cluster(await serve(() => {}), { rules: rule(`{timeout: 50ms, ${route}}`) })
  expect((await call(await tunnel(), { ...grpc, 'grpc-timeout': '1H' }, '')).headers['grpc-status']).toBe('4')
})

test('a gRPC call that the proxy of the server cannot pass on ejects the endpoint, though its answer is a 200', async () => {
  const gone = await serve(() => {})
  await cluster({ ...gone, port: 1 }, { rules: [...ejecting, ...rule(`{retries: {attempts: 0}, ${route}}`)] })
  expect((await call(await tunnel(), grpc, '')).headers['grpc-message']).toContain('upstream connect error')
  expect((await call(await tunnel(), grpc, '')).headers['grpc-message']).toBe('no healthy upstream')
})

test('a gRPC error in the head of an answer ejects the endpoint; one in trailers does not, nor one of a call that is not gRPC', async () => {
  let inHead = false
  await cluster(await serve((stream) => {
    if (inHead) {
      stream.respond({ ':status': 200, 'grpc-status': '13' }, { endStream: true })
      return
    }
    stream.respond({ ':status': 200 }, { waitForTrailers: true })
    stream.on('wantTrailers', () => { stream.sendTrailers({ 'grpc-status': '13' }) })
    stream.end()
  }), { rules: ejecting })
  const session = await tunnel()
  expect((await call(session, grpc, '')).trailers).toMatchObject({ 'grpc-status': '13' })
  expect((await call(session, grpc, '')).trailers).toMatchObject({ 'grpc-status': '13' })
  inHead = true
  expect((await call(session, { ...grpc, 'content-type': 'text/plain' }, '')).headers).toMatchObject({ 'grpc-status': '13' })
  expect((await call(session, grpc, '')).headers).toMatchObject({ ':status': 200, 'grpc-status': '13' })
  expect((await call(session, grpc, '')).headers).toMatchObject({ 'grpc-status': '14', 'grpc-message': 'no healthy upstream' })
})
