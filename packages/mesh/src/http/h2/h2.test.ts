import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { rulesOf } from '../../testing/cluster.ts'
import { call, grpc, route, useHttp2Pods } from '../../testing/http2-pods.ts'
import { until } from '../../testing/two-pods.ts'

const bed = useHttp2Pods()
const { serve, tunnel, cluster } = bed

test('a call of gRPC passes with its fields, bodies and trailers', async () => {
  const seen: IncomingHttpHeaders[] = []
  await cluster(await serve((stream, headers) => {
    seen.push(headers)
    let text = ''
    stream.on('data', (chunk: Buffer) => { text += chunk.toString() })
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => { stream.sendTrailers({ 'grpc-status': '0', 'x-more': ['a', 'b'] }) })
      stream.end(`heard ${text}`)
    })
  }))
  const answer = await call(await tunnel(), { ...grpc, ':path': '/Service/Method', 'x-a': 'b' }, 'hello')
  expect(answer).toMatchObject({ body: 'heard hello', trailers: { 'grpc-status': '0', 'x-more': 'a, b' }, headers: { ':status': 200, server: 'envoy' } })
  expect(seen[0]).toMatchObject({ ':path': '/Service/Method', ':authority': 'server', te: 'trailers', 'x-a': 'b', 'x-forwarded-proto': 'http', 'x-envoy-attempt-count': '1' })
  await until(() => bed.pods.records.length === 2)
  expect(bed.pods.records.map(({ direction, protocol, responseCode, grpcStatus }) => [direction, protocol, responseCode, grpcStatus])).toEqual([['inbound', 'HTTP/2', 200, 0], ['outbound', 'HTTP/2', 200, 0]])
  expect(bed.pods.telemetry.metrics('default/client')[0]?.values[0]?.labels).toMatchObject({ request_protocol: 'grpc', grpc_response_status: '0' })
})

test('messages go both ways before either end is done', async () => {
  await cluster(await serve((stream) => {
    stream.respond({ ':status': 200 })
    stream.on('data', (chunk: Buffer) => { stream.write(`echo ${chunk.toString()}`) })
    stream.on('end', () => { stream.end() })
  }))
  const stream = (await tunnel()).request({ ...grpc, ':path': '/', ':authority': 'server' }, { endStream: false })
  for (const text of ['one', 'two']) {
    stream.write(text)
    const [chunk] = await once(stream, 'data') as [Buffer]
    expect(chunk.toString()).toBe(`echo ${text}`)
  }
  stream.end()
  await once(stream, 'end')
})

test('a client of HTTP/2 reaches a server of HTTP/1.1, and the other way round', async () => {
  await cluster(await bed.pods.serve(createServer((request, response) => {
    request.resume()
    response.setHeader('set-cookie', ['a=1', 'b=2']).end(`${request.httpVersion} ${request.headers.host ?? ''} ${request.headers.cookie ?? ''}`)
  })), { protocol: 'HTTP' })
  const { body, headers } = await call(await tunnel(), { cookie: 'x=1; y=2' })
  expect(body).toBe('1.1 server x=1; y=2')
  expect(headers['set-cookie']).toEqual(['a=1', 'b=2'])
  await cluster(await serve((stream, headers) => {
    stream.respond({ ':status': 200 })
    stream.end(`two ${headers[':authority'] ?? ''}`)
  }))
  expect((await bed.pods.call()).body.toString()).toBe('two server')
})

test.for([
  ['h2UpgradePolicy: UPGRADE', 'plain', true],
  ['h2UpgradePolicy: DO_NOT_UPGRADE', 'plain', false],
  // Between two proxies it is; the application is spoken to as its port says.
  ['h2UpgradePolicy: UPGRADE', 'sidecar', false]
] as const)('with %s a server that is %s is spoken to in HTTP/2: %s', async ([setting, kind, expected]) => {
  let spoken = ''
  const rules = rulesOf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: server}
spec: {host: server, trafficPolicy: {connectionPool: {http: {${setting}}}}}
`)
  const address = expected
    ? await serve((stream) => {
      spoken = '2'
      stream.respond({ ':status': 200 }, { endStream: true })
    })
    : await bed.pods.serve(createServer((_request, response) => {
      spoken = '1'
      response.end()
    }))
  await cluster(address, { protocol: 'HTTP', kind, rules })
  expect((await bed.pods.call()).status).toBe(200)
  expect(spoken).toBe(expected ? '2' : '1')
})

test('useClientProtocol speaks to the server as the client speaks', async () => {
  const rules = rulesOf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: server}
spec: {host: server, trafficPolicy: {connectionPool: {http: {useClientProtocol: true}}}}
`)
  await cluster(await serve((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('two')
  }), { protocol: 'HTTP', kind: 'plain', rules })
  expect((await call(await tunnel())).body).toBe('two')
  await cluster(await bed.pods.serve(createServer((_request, response) => { response.end('one') })), { protocol: 'HTTP', kind: 'plain', rules })
  expect((await bed.pods.call()).body.toString()).toBe('one')
})

test('a slow reader holds a server of HTTP/2 back', async () => {
  let written = 0
  await cluster(await serve((stream) => {
    stream.respond({ ':status': 200 })
    const chunk = Buffer.alloc(1 << 14)
    const write = (): void => {
      while (written < 6400 && stream.write(chunk)) written++
      stream.once('drain', () => {
        written++
        write()
      })
    }
    write()
  }))
  const stream = (await tunnel()).request({ ':path': '/', ':authority': 'server' })
  stream.on('error', () => {})
  stream.pause()
  await once(stream, 'response')
  let before = -1
  await until(() => {
    const still = written === before && written > 0
    before = written
    return still
  })
  expect(written).toBeLessThan(1600)
})

test('at a gateway HTTP/1.1 and HTTP/2 come to the same port', async () => {
  await cluster(await serve((stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true })
    stream.on('wantTrailers', () => { stream.sendTrailers({ 'grpc-status': '0' }) })
    stream.end('two')
  }), {
    rules: rulesOf(`
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gateway}
spec: {selector: {app: client}, servers: [{port: {number: 80, name: grpc, protocol: GRPC}, hosts: ["*"]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec: {hosts: ["*"], gateways: [gateway], http: [{${route}}]}
`)
  })
  const attachment = bed.pods.mesh.attachGateway({ workload: 'default/client', bind: () => ({ host: '127.0.0.1', port: 0 }) })
  await until(() => (attachment.addresses().get(80) ?? []).length > 0)
  const [address] = attachment.addresses().get(80) ?? []
  const session = connectHttp2(`http://127.0.0.1:${address?.port ?? 0}`)
  onTestFinished(() => { session.destroy() })
  expect(await call(session, { ':authority': 'a.example.com' })).toMatchObject({ body: 'two', trailers: { 'grpc-status': '0' }, headers: { server: 'istio-envoy' } })
  const answer = await fetch(`http://127.0.0.1:${address?.port ?? 0}/`)
  expect(await answer.text()).toBe('two')
})

test.for([
  [['http2-settings', 'AAMAAABk'], undefined],
  [['te', 'gzip', 'te', 'trailers', 'te', 'trailers'], undefined],
  [['referer', 'a', 'referer', 'b'], 'a, b'],
  [['constructor', 'a'], 'a']
] as const)('fields of HTTP/1.1 that node:http2 would not send reach a server of HTTP/2, or are left out: %j', async ([fields, expected]) => {
  const seen: IncomingHttpHeaders[] = []
  await cluster(await serve((stream, headers) => {
    seen.push(headers)
    stream.respond({ ':status': 200 }, { endStream: true })
  }))
  const name = fields[0]
  const lines = fields.filter((_text, index) => index % 2 === 1)
  expect((await bed.pods.call({ headers: { [name]: lines } })).status).toBe(200)
  expect(Object.hasOwn(seen[0] ?? {}, name) ? seen[0]?.[name] : undefined).toBe(expected)
})

test.for([
  ['HTTP2-Settings: AAMAAABk', 'http2-settings', undefined],
  ['TE: gzip', 'te', undefined],
  ['Age: 1\r\nAge: 2', 'age', '1, 2'],
  ['Set-Cookie: a=1\r\nSet-Cookie: b=2', 'set-cookie', ['a=1', 'b=2']]
] as const)('and those of an answer reach a client of HTTP/2, or are left out: %j', async ([lines, name, expected]) => {
  await cluster(await bed.pods.serveBytes((socket) => { socket.end(`HTTP/1.1 200 OK\r\n${lines}\r\nContent-Length: 0\r\n\r\n`) }), { protocol: 'HTTP' })
  const { headers } = await call(await tunnel())
  expect(headers[':status']).toBe(200)
  expect(headers[name]).toEqual(expected)
})
