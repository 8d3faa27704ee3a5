import { connect as connectHttp2, createServer as createHttp2, constants, type ClientHttp2Session, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { createServer, request as httpRequest } from 'node:http'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rulesOf } from '../../testing/cluster.ts'
import { startTwoPods, until, type TwoPods } from '../../testing/two-pods.ts'
import type { Protocol, SocketAddress } from '../../model.ts'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

let pods: TwoPods
const sessions: ClientHttp2Session[] = []
beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy()
  await pods.close()
})

/** A server of HTTP/2 whose streams a test answers. */
async function serve (answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void): Promise<SocketAddress> {
  const server: Http2Server = createHttp2()
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {})
    answer(stream, headers)
  })
  server.on('session', (session) => { session.on('error', () => {}) })
  return await pods.serve(server as unknown as Server)
}

const rule = (http: string): ReturnType<typeof rulesOf> => rulesOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: server}
spec: {hosts: [server], http: [${http}]}
`)
const route = 'route: [{destination: {host: server}}]'

/** A session in a tunnel to the server, as a client that knows HTTP/2 beforehand opens it. */
async function tunnel (): Promise<ClientHttp2Session> {
  const { proxy, authorization } = pods
  const request = httpRequest({ host: proxy.host, port: proxy.port, method: 'CONNECT', path: 'server:80', headers: { 'proxy-authorization': authorization } })
  request.end()
  const [, socket] = await once(request, 'connect') as [unknown, Socket]
  const session = connectHttp2('http://server', { createConnection: () => socket })
  session.on('error', () => {})
  sessions.push(session)
  return session
}

interface Answer {
  readonly headers: IncomingHttpHeaders
  readonly trailers: IncomingHttpHeaders | undefined
  readonly body: string
  /** END_STREAM came with the head. */
  readonly headOnly: boolean
  readonly rstCode: number
}

async function call (session: ClientHttp2Session, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return await new Promise((resolve) => {
    const stream = session.request({ ':path': '/', ':authority': 'server', ...headers }, { endStream: body === undefined })
    let answer: IncomingHttpHeaders = {}
    let trailers: IncomingHttpHeaders | undefined
    let headOnly = false
    let text = ''
    stream.on('response', (head, flags) => {
      answer = head
      headOnly = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
    })
    stream.on('trailers', (fields) => { trailers = fields })
    stream.on('data', (chunk: Buffer) => { text += chunk.toString() })
    stream.on('error', () => {})
    stream.on('close', () => { resolve({ headers: answer, trailers, body: text, headOnly, rstCode: stream.rstCode }) })
    if (body !== undefined) stream.end(body)
  })
}

const cluster = async (address: SocketAddress | undefined, { protocol = 'GRPC', ...more }: { protocol?: Protocol, kind?: 'plain' | 'sidecar', rules?: ReturnType<typeof rulesOf> } = {}): Promise<void> => {
  await pods.cluster(address, { protocol, ...more })
}

const grpc = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' }

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
  await until(() => pods.records.length === 2)
  expect(pods.records.map(({ direction, protocol, responseCode, grpcStatus }) => [direction, protocol, responseCode, grpcStatus])).toEqual([['inbound', 'HTTP/2', 200, 0], ['outbound', 'HTTP/2', 200, 0]])
  expect(pods.telemetry.metrics('default/client')[0]?.values[0]?.labels).toMatchObject({ request_protocol: 'grpc', grpc_response_status: '0' })
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
  await cluster(await pods.serve(createServer((request, response) => {
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
  expect((await pods.call()).body.toString()).toBe('two server')
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
    : await pods.serve(createServer((_request, response) => {
      spoken = '1'
      response.end()
    }))
  await cluster(address, { protocol: 'HTTP', kind, rules })
  expect((await pods.call()).status).toBe(200)
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
  await cluster(await pods.serve(createServer((_request, response) => { response.end('one') })), { protocol: 'HTTP', kind: 'plain', rules })
  expect((await pods.call()).body.toString()).toBe('one')
})

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
  expect(pods.log('outbound').at(-1)).toEqual([503, 'UR', 'upstream_reset_before_response_started{remote_reset}'])
})

test('nobody there: 503 UF, and a server that comes later is found', async () => {
  await cluster(undefined, { kind: 'plain' })
  expect((await call(await tunnel())).headers[':status']).toBe(503)
  const gone = await serve(() => {})
  await cluster({ ...gone, port: 1 }, { kind: 'plain' })
  expect((await call(await tunnel())).headers[':status']).toBe(503)
  expect(pods.log('outbound').at(-1)?.[1]).toBe('URX,UF')
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
  await until(() => closed && pods.records.length === 2)
  expect(pods.log('outbound')).toEqual([[0, 'DC', 'downstream_remote_disconnect']])
})

test('grpc-timeout is the route\'s timeout where the rule has none, and no longer than that where it has one', async () => {
  await cluster(await serve(() => {}))
  const answer = await call(await tunnel(), { ...grpc, 'grpc-timeout': '50m' }, '')
  expect(answer.headers).toMatchObject({ ':status': 200, 'grpc-status': '4', 'grpc-message': 'upstream request timeout' })
  await cluster(await serve(() => {}), { rules: rule(`{timeout: 50ms, ${route}}`) })
  expect((await call(await tunnel(), { ...grpc, 'grpc-timeout': '1H' }, '')).headers['grpc-status']).toBe('4')
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
  const attachment = pods.mesh.attachGateway({ workload: 'default/client', bind: () => ({ host: '127.0.0.1', port: 0 }) })
  await until(() => (attachment.addresses().get(80) ?? []).length > 0)
  const [address] = attachment.addresses().get(80) ?? []
  const session = connectHttp2(`http://127.0.0.1:${address?.port ?? 0}`)
  sessions.push(session)
  expect(await call(session, { ':authority': 'a.example.com' })).toMatchObject({ body: 'two', trailers: { 'grpc-status': '0' }, headers: { server: 'istio-envoy' } })
  const answer = await fetch(`http://127.0.0.1:${address?.port ?? 0}/`)
  expect(await answer.text()).toBe('two')
})
