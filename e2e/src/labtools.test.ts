import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLaptop, type Laptop } from './laptop.ts'

const samples = ['httpbin', 'helloworld', 'grpc-echo', 'sleep', 'fortio', 'external']
let laptop: Laptop

beforeAll(async () => {
  laptop = await startLaptop()
  for (const name of samples) await succeed('apply', '-f', `samples/${name}.yaml`)
  for (const name of ['httpbin', 'helloworld-v1', 'helloworld-v2', 'grpc-echo-v1', 'grpc-echo-v2', 'sleep', 'fortio-deploy']) await succeed('rollout', 'status', `deploy/${name}`)
  await succeed('rollout', 'status', 'deploy/httpbin', '-n', 'external')
})
afterAll(() => laptop.close())

async function succeed (...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await laptop.bankinfo(...args)
  expect(code, `${args.join(' ')}: ${stdout}${stderr}`).toBe(0)
  return stdout
}

const inPod = async (deployment: string, container: string, ...command: string[]): Promise<string> =>
  await succeed('exec', `deploy/${deployment}`, '-c', container, '--', ...command)

async function apply (name: string, text: string): Promise<void> {
  const file = join(laptop.home, name)
  await writeFile(file, text)
  await succeed('apply', '-f', file)
}

test('the samples run in the mesh, but for the one that stands outside', async () => {
  const pods = await succeed('get', 'pods')
  for (const name of ['httpbin-', 'helloworld-v1-', 'helloworld-v2-', 'grpc-echo-v1-', 'sleep-', 'fortio-deploy-']) expect(pods).toMatch(new RegExp(`^${name}\\S+ +2/2 +Running`, 'm'))
  expect(await succeed('get', 'pods', '-n', 'external')).toMatch(/^httpbin-\S+ +1\/1 +Running/m)
})

test('curl in the sleep pod goes by its sidecar, and httpbin tells and logs what came', async () => {
  const { headers } = JSON.parse(await inPod('sleep', 'sleep', 'curl', '-s', 'http://httpbin:8000/headers')) as { headers: Record<string, string> }
  expect(headers).toMatchObject({ Host: 'httpbin:8000', 'X-Envoy-Attempt-Count': '1', 'X-Request-Id': expect.any(String) })
  expect(await inPod('sleep', 'sleep', 'sh', '-c', 'curl -s http://httpbin:8000/status/418')).toContain('-=[ teapot ]=-')
  expect(await succeed('logs', 'deploy/httpbin', '-c', 'httpbin')).toMatch(/"GET \/headers HTTP\/1\.1" 200 \d+ "-" "curl\/[^"]*"\n.*"GET \/status\/418 HTTP\/1\.1" 418/)
})

test('helloworld answers in both versions', async () => {
  const seen = new Set<string>()
  for (let call = 0; call < 40; call += 1) {
    const text = await inPod('sleep', 'sleep', 'curl', '-s', 'http://helloworld:5000/hello')
    expect(text).toMatch(/^Hello version: v[12], instance: helloworld-v[12]-/)
    seen.add(text.slice(0, 'Hello version: v1'.length))
    if (seen.size === 2) return
  }
  expect([...seen]).toHaveLength(2)
})

test('the stand-in outside answers once a ServiceEntry has opened the way', async () => {
  const call = async (): Promise<string> => await inPod('sleep', 'sleep', 'curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', 'http://httpbin.external.svc.cluster.local/get')
  expect(await call()).toBe('502')
  await apply('opened.yaml', `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: httpbin-ext}
spec:
  hosts: [httpbin.external.svc.cluster.local]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: DNS
  location: MESH_EXTERNAL
`)
  expect(await call()).toBe('200')
})

test('fortio runs as the seed writes it, named by its place in the image', async () => {
  const output = await inPod('fortio-deploy', 'fortio', '/usr/local/bin/fortio', 'load', '-c', '2', '-qps', '0', '-n', '20', '-loglevel', 'Warning', 'http://httpbin:8000/get')
  expect(output).toContain('Code 200 : 20 (100.0 %)\n')
  expect(output).toMatch(/^All done 20 calls \(plus 0 warmup\)/m)
  expect(await inPod('fortio-deploy', 'fortio', '/usr/bin/fortio', 'load', '-curl', 'http://httpbin:8000/get')).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*server: envoy\r\n[^]*"url": "http:\/\/httpbin:8000\/get"/)
})

test('gRPC calls over one connection are shared among the pods', async () => {
  const output = await inPod('fortio-deploy', 'fortio', 'fortio', 'grpcping', '-quiet', '-n', '40', 'grpc-echo:8079')
  expect(output).toMatch(/^Answered by grpc-echo-v1-\S+ : \d+$/m)
  expect(output).toMatch(/^Answered by grpc-echo-v2-\S+ : \d+$/m)
  expect(await inPod('fortio-deploy', 'fortio', 'fortio', 'grpcping', '-quiet', '-health', 'grpc-echo:8079')).toContain('Health SERVING : 1\n')
})

test('server-sent events come through the mesh one by one, and a WebSocket is opened', async () => {
  // The stream lasts for hours: a proxy that kept it back would keep this test, too.
  const events = await inPod('sleep', 'sleep', 'sh', '-c', 'curl -sN "http://httpbin:8000/sse?count=10000&delay=1" | head -n 2')
  expect(events).toBe('event: ping\nid: 0\n')
  const upgrade = ['connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==']
  const { stdout } = await laptop.bankinfo('exec', 'deploy/sleep', '-c', 'sleep', '--', 'curl', '-siN', '-m', '3', ...upgrade.flatMap((field) => ['-H', field]), 'http://httpbin:8000/websocket/echo')
  expect(stdout).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n[^]*sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/)
})

test('load tells what the circuit breaker did, as fortio and the sidecar\'s log do', async () => {
  await apply('breaker.yaml', `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: httpbin}
spec:
  host: httpbin
  trafficPolicy:
    connectionPool:
      tcp: {maxConnections: 1}
      http: {http1MaxPendingRequests: 1, maxRequestsPerConnection: 1}
`)
  const { report, flags } = JSON.parse(await succeed('load', 'http://httpbin:8000/delay/0.05', '--from', 'fortio-deploy', '-c', '6', '-n', '60', '-o', 'json')) as {
    report: { calls: number, statuses: Record<string, number> }
    flags: Record<string, number>
  }
  expect(report.calls).toBe(60)
  // One call is served and one waits while four have no place. The server's own sidecar has the same limits, and its 503s have no flags here.
  expect(report.statuses['503']).toBeGreaterThan(20)
  expect(flags['UO']).toBeGreaterThan(20)
  expect((flags['UO'] ?? 0) + (flags['-'] ?? 0)).toBe(60)
})

test('load from outside goes through the gateway', async () => {
  const text = await succeed('load', `${laptop.address}/productpage`, '-n', '10', '-c', '2')
  expect(text).toMatch(/^200 +10 +100\.0 % +OK$/m)
  expect(text).toMatch(/^- +10 +100\.0 %/m)
  expect(await succeed('load', `${laptop.address}/none`, '-n', '4')).toMatch(/^NR +4 +100\.0 % +no route matches$/m)
})

test('load spares servers that are not the user\'s own', async () => {
  const { code, stderr } = await laptop.bankinfo('load', 'http://httpbin.org/get', '--from', 'sleep')
  expect([code, stderr]).toEqual([1, expect.stringContaining('httpbin.org is no Service of the cluster')])
})
