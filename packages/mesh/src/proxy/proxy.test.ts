import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatAccessLog } from '../access-log.ts'
import { startTwoPods, until, type TwoPods } from '../testing/two-pods.ts'

let pods: TwoPods

beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

const hello = (): ReturnType<typeof createServer> => createServer((request, response) => {
  response.setHeader('server', 'app')
  response.end(JSON.stringify(request.headers))
})

/** A tunnel to `target`; the CONNECT's status where it is refused. */
async function connectTo (target: string): Promise<Socket | number> {
  const { proxy, authorization } = pods
  const request = httpRequest({ host: proxy.host, port: proxy.port, method: 'CONNECT', path: target, headers: { host: target, 'proxy-authorization': authorization }, agent: false })
  request.end()
  const [response, socket] = await once(request, 'connect') as [IncomingMessage, Socket]
  return response.statusCode === 200 ? socket : response.statusCode ?? 0
}

async function inside (socket: Socket | number, host: string, path = '/'): Promise<{ response: IncomingMessage, body: string }> {
  if (typeof socket === 'number') throw new Error(`CONNECT was answered ${socket}`)
  const request = httpRequest({ createConnection: () => socket, path, headers: { host } })
  request.end()
  const [response] = await once(request, 'response') as [IncomingMessage]
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { response, body }
}

test('a call between two sidecars: headers of both sides, one log line of each', async () => {
  const { cluster, serve, call, records } = pods
  await cluster(await serve(hello()))
  const { status, headers, body } = await call({ path: '/a?b=1', headers: { 'user-agent': 'me' } })
  expect(status).toBe(200)
  expect(headers).toMatchObject({ server: 'envoy', 'x-envoy-upstream-service-time': expect.stringMatching(/^\d+$/) })
  expect(headers['x-envoy-decorator-operation']).toBeUndefined()
  expect(JSON.parse(body.toString())).toMatchObject({ host: 'server', 'x-forwarded-proto': 'http', 'x-envoy-attempt-count': '1', 'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) })
  await until(() => records.length === 2)
  const [line, other] = records.sort((a, b) => b.direction.localeCompare(a.direction)).map(formatAccessLog)
  expect(line).toMatch(/^\[\d{4}-.*Z\] "GET \/a\?b=1 HTTP\/1\.1" 200 - via_upstream - "-" 0 \d+ \d+ \d+ "-" "me" "[0-9a-f-]{36}" "server" "10\.44\.0\.2:8080" outbound\|80\|\|server\.default\.svc\.cluster\.local - 10\.96\.0\.1:80 10\.44\.0\.1:\d+ - default$/)
  expect(other).toMatch(/" 200 - via_upstream .* inbound\|8080\|\| - 10\.44\.0\.2:8080 10\.44\.0\.1:\d+ - default$/)
})

test('inside CONNECT the Host decides the route, and the tunnel\'s target is the original destination', async () => {
  const { cluster, serve, records } = pods
  await cluster(await serve(hello()))
  const { response } = await inside(await connectTo('10.96.0.1:80'), 'server.default')
  expect(response.statusCode).toBe(200)
  expect(response.headers['server']).toBe('envoy')
  await until(() => records.length === 2)
  expect(records.find(({ direction }) => direction === 'outbound')).toMatchObject({ authority: 'server.default', downstreamLocalAddress: '10.96.0.1:80', upstreamCluster: 'outbound|80||server.default.svc.cluster.local' })
})

test('a kept tunnel carries one request after the other', async () => {
  const { cluster, serve } = pods
  await cluster(await serve(hello()))
  const socket = await connectTo('server:80')
  if (typeof socket === 'number') throw new Error(`CONNECT was answered ${socket}`)
  for (const path of ['/one', '/two']) {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: server\r\n\r\n`)
    const [chunk] = await once(socket, 'data') as [Buffer]
    expect(chunk.toString()).toMatch(/^HTTP\/1\.1 200 /)
  }
  socket.destroy()
})

test('a port that nobody listens on: the sidecar accepts, then closes', async () => {
  const { cluster, records } = pods
  await cluster(undefined)
  const socket = await connectTo('10.44.0.2:9999')
  if (typeof socket === 'number') throw new Error(`CONNECT was answered ${socket}`)
  socket.resume()
  await once(socket, 'end')
  expect(records.at(-1)).toMatchObject({ responseCode: 0, responseFlags: 'UF', upstreamCluster: 'PassthroughCluster' })
})

test('a port without HTTP is carried as bytes, in both directions', async () => {
  const { mesh, serve, records } = pods
  const address = await serve(createTcpServer((socket) => { socket.on('data', (chunk: Buffer) => { socket.end(`echo ${chunk.toString()}`) }) }))
  const pod = { namespace: 'default', kind: 'sidecar', annotations: {}, serviceAccount: 'default', ready: true } as const
  await mesh.update({
    config: { domain: 'cluster.local', rootNamespace: 'istio-system', outboundTrafficPolicy: 'ALLOW_ANY' },
    namespaces: [],
    services: [{ name: 'echo', namespace: 'default', labels: {}, annotations: {}, clusterIP: '10.96.0.2', selector: { app: 'echo' }, ports: [{ number: 9000, name: 'tcp', protocol: 'TCP', targetPort: 9000 }] }],
    workloads: [
      { ...pod, id: 'default/client', name: 'client', labels: {}, ip: '10.44.0.1', ports: [] },
      { ...pod, id: 'default/echo', name: 'echo', labels: { app: 'echo' }, ip: '10.44.0.2', ports: [{ containerPort: 9000, address }] }
    ],
    rules: []
  })
  const socket = await connectTo('echo:9000')
  if (typeof socket === 'number') throw new Error(`CONNECT was answered ${socket}`)
  socket.write('hello')
  const [chunk] = await once(socket, 'data') as [Buffer]
  expect(chunk.toString()).toBe('echo hello')
  await until(() => records.length === 1)
  expect(records[0]).toMatchObject({ responseCode: 0, responseFlags: '-', upstreamCluster: 'outbound|9000||echo.default.svc.cluster.local', bytesReceived: 5, bytesSent: 10 })
})

test('a plain caller gets no headers of a proxy\'s from a plain server', async () => {
  const { cluster, serve, call, records } = pods
  await cluster(await serve(hello()), { kind: 'plain', clientKind: 'plain' })
  const { headers, body } = await call()
  expect(headers['server']).toBe('app')
  expect(Object.keys(JSON.parse(body.toString()) as object).sort()).toEqual(['connection', 'host'])
  expect(records).toEqual([])
})

test('a plain caller of a server with a sidecar meets the server\'s proxy', async () => {
  const { cluster, serve, call, log } = pods
  await cluster(await serve(hello()), { clientKind: 'plain' })
  const { headers, body } = await call()
  expect(headers).toMatchObject({ server: 'istio-envoy', 'x-envoy-decorator-operation': 'server.default.svc.cluster.local:80/*' })
  const seen = JSON.parse(body.toString()) as Record<string, string>
  expect(seen['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  expect(seen['x-envoy-attempt-count']).toBeUndefined()
  expect(log('outbound')).toEqual([])
  await until(() => log('inbound').length === 1)
})

test('localhost is the pod itself: its own port, its sidecar\'s, and nothing else', async () => {
  const { mesh, cluster, serve } = pods
  await cluster(await serve(hello()))
  const own = await mesh.listenOutbound({ workload: 'default/server', password: 'secret' })
  const ask = async (path: string): Promise<number | string> => {
    const authorization = `Basic ${Buffer.from('server:secret').toString('base64')}`
    const request = httpRequest({ host: own.host, port: own.port, path, headers: { host: new URL(path).host, 'proxy-authorization': authorization }, agent: false })
    request.end()
    try {
      const [response] = await once(request, 'response') as [IncomingMessage]
      response.resume()
      return response.statusCode ?? 0
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error)
    }
  }
  expect(await ask('http://localhost:8080/')).toBe(200)
  expect(await ask('http://127.0.0.1:15021/healthz/ready')).toBe(200)
  expect(await ask('http://localhost:15020/healthz/ready')).toBe(200)
  expect(await ask('http://localhost:15000/stats')).toBe(200)
  expect(await ask('http://localhost:15000/nothing')).toBe(404)
  expect(await ask('http://localhost:15090/stats/prometheus')).toBe(200)
  expect(await ask(`http://localhost:${own.port}/`)).toBe('ECONNRESET')
})

test('the sidecar\'s own container obeys no rules', async () => {
  const { mesh, cluster, serve } = pods
  await cluster(await serve(hello()))
  const own = await mesh.listenOutbound({ workload: 'default/client', password: 'secret', container: 'istio-proxy' })
  const request = httpRequest({ host: own.host, port: own.port, path: 'http://server/', headers: { host: 'server', 'proxy-authorization': pods.authorization }, agent: false })
  request.end()
  const [response] = await once(request, 'response') as [IncomingMessage]
  response.resume()
  expect(response.headers['server']).toBe('istio-envoy')
})

test('a name that does not resolve: 503 DF', async () => {
  const { cluster, call, proxy, authorization, log } = pods
  await cluster(undefined)
  expect((await call()).status).toBe(503)
  const request = httpRequest({ host: proxy.host, port: proxy.port, path: 'http://nosuch.example.com/', headers: { host: 'nosuch.example.com', 'proxy-authorization': authorization }, agent: false })
  request.end()
  const [response] = await once(request, 'response') as [IncomingMessage]
  response.resume()
  expect(response.statusCode).toBe(503)
  await until(() => log('outbound').some(([, flags]) => flags === 'DF'))
})

test('a workload that the mesh has not been told of reaches nothing by its rules', async () => {
  const { mesh, cluster, serve } = pods
  await cluster(await serve(hello()))
  const unknown = await mesh.listenOutbound({ workload: 'default/ghost', password: 'secret' })
  const request = httpRequest({ host: unknown.host, port: unknown.port, path: 'http://server/', headers: { host: 'server', 'proxy-authorization': `Basic ${Buffer.from('ghost:secret').toString('base64')}` }, agent: false })
  request.end()
  const [response] = await once(request, 'response') as [IncomingMessage]
  response.resume()
  // Without a sidecar of its own it is a plain caller.
  expect(response.headers['server']).toBe('istio-envoy')
})
