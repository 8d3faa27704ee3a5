import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import 'reflect-metadata'
import { expect, onTestFinished, test } from 'vitest'
import { LimitError } from './limits.ts'
import { runLoad, WarmUpError, type Call, type LoadOptions } from './load.ts'
import { reportOf } from './report.ts'
import { describeTarget, TargetError } from './target.ts'

async function listen (listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function selfSigned (): Promise<{ key: string, cert: string }> {
  const { PemConverter, X509CertificateGenerator } = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const cert = await X509CertificateGenerator.createSelfSigned({ name: 'CN=bank.example', keys, signingAlgorithm: algorithm })
  return { key: PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY'), cert: cert.toString('pem') }
}

const run = async (url: string, options: Partial<LoadOptions> = {}) =>
  await runLoad({ target: describeTarget({ url }), connections: 2, requests: 20, timeoutMs: 5000, ...options })

test('makes exactly as many calls as asked, over as many connections', async () => {
  let busy = 0
  let most = 0
  const sockets = new Set<Socket>()
  const url = await listen((request, response) => {
    sockets.add(request.socket)
    most = Math.max(most, ++busy)
    setImmediate(() => {
      busy -= 1
      response.end('0123456789')
    })
  })
  const result = await run(url, { connections: 3, requests: 20 })
  expect(result.statuses).toEqual(new Map([[200, 20]]))
  expect(result.latency.count).toBe(20)
  expect([sockets.size, result.sockets]).toEqual([3, 3])
  expect(most).toBeLessThanOrEqual(3)
  const [bytes = 0] = result.totalBytes.sorted()
  expect(bytes - (result.headerBytes.sorted()[0] ?? 0)).toBe(10)
})

test('counts statuses apart', async () => {
  let calls = 0
  const url = await listen((_request, response) => {
    response.statusCode = ++calls % 4 === 0 ? 503 : 200
    response.end()
  })
  expect(reportOf(await run(url))).toMatchObject({ calls: 20, statuses: { 200: 15, 503: 5 }, errors: {}, sockets: 2, interrupted: false })
})

test('tells the bytes of the header as they were on the wire', async () => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a: b\r\n\r\nhi'))
  })
  onTestFinished(() => { server.close() })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const result = await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { requests: 1, connections: 1 })
  expect([...result.headerBytes.sorted(), ...result.totalBytes.sorted()]).toEqual([46, 48])
})

test('a refused connection is a call without an answer', async () => {
  const url = await listen(() => {})
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  const report = reportOf(await run(`http://127.0.0.1:${port}`, { requests: 2 }))
  expect(report).toMatchObject({ calls: 2, statuses: { '-1': 2 } })
  expect(Object.keys(report.errors)).toEqual([expect.stringContaining('ECONNREFUSED')])
  expect(url).toContain('127')
})

test('resets, cut answers and late answers are told apart', async () => {
  const url = await listen((request, response) => {
    if (request.url === '/reset') request.socket.destroy()
    else if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': 100 }).write('part')
      setImmediate(() => request.socket.destroy())
    }
  })
  const errors = async (path: string, timeoutMs = 30_000) => [...(await run(url + path, { requests: 1, connections: 1, timeoutMs })).errors.keys()]
  expect(await errors('/reset')).toEqual(['connection reset'])
  expect(await errors('/cut')).toEqual([expect.stringMatching(/aborted|reset|early/)])
  expect(await errors('/late', 200)).toEqual(['timeout after 200 ms'])
})

test('a kept connection that the server has closed is no failure', async () => {
  let calls = 0
  const url = await listen((request, response) => {
    calls += 1
    // Answers, then closes without having said so.
    response.end('ok', () => setImmediate(() => request.socket.destroy()))
  })
  const result = await run(url, { requests: 10, connections: 1 })
  expect(result.statuses).toEqual(new Map([[200, 10]]))
  expect(calls).toBeGreaterThanOrEqual(10)
})

test('without keep-alive each call has a connection of its own', async () => {
  const url = await listen((_request, response) => response.end())
  const result = await runLoad({ target: describeTarget({ url, keepAlive: false }), connections: 2, requests: 6, timeoutMs: 5000 })
  expect(result.sockets).toBe(6)
})

test('sends method, header fields and body', async () => {
  const seen: { method: string | undefined, headers: IncomingMessage['headers'], body: string }[] = []
  const url = await listen((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => { body += chunk }).on('end', () => {
      seen.push({ method: request.method, headers: request.headers, body })
      response.end()
    })
  })
  const target = describeTarget({ url: url.slice('http://'.length), headers: [['Host', 'httpbin.example.com'], ['X-A', '1'], ['X-A', '2']], body: Buffer.from('body') })
  await runLoad({ target, connections: 1, requests: 1, timeoutMs: 5000 })
  expect(seen).toMatchObject([{ method: 'POST', body: 'body', headers: { host: 'httpbin.example.com', 'x-a': '1, 2', 'content-length': '4' } }])
})

test('asks the environment\'s proxy in absolute form, with its password', async () => {
  const seen: { url: string | undefined, host: string | undefined, credentials: string | undefined }[] = []
  const proxy = await listen((request, response) => {
    seen.push({ url: request.url, host: request.headers.host, credentials: request.headers['proxy-authorization'] })
    response.end()
  })
  const before = { ...process.env }
  process.env['http_proxy'] = proxy.replace('http://', 'http://pod:to%40ken@')
  process.env['no_proxy'] = ''
  process.env['NO_PROXY'] = ''
  onTestFinished(() => { process.env = before })
  await run('http://httpbin:8000/get?a=1', { target: describeTarget({ url: 'httpbin:8000/get?a=1', proxyFromEnvironment: true }), requests: 1, connections: 1 })
  expect(seen).toEqual([{ url: 'http://httpbin:8000/get?a=1', host: 'httpbin:8000', credentials: `Basic ${Buffer.from('pod:to@ken').toString('base64')}` }])
})

test('reaches an https server by a tunnel of the proxy, and takes a stranger\'s certificate only when told to', async () => {
  const server = createSecureServer(await selfSigned(), (request, response) => response.end(request.headers.host))
  const asked: string[] = []
  const proxy = createServer().on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url ?? '')
    const upstream = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    for (const end of [socket, upstream]) end.on('error', () => {}).on('close', () => [socket, upstream].forEach((other) => other.destroy()))
  })
  onTestFinished(() => {
    for (const one of [server, proxy]) {
      one.closeAllConnections()
      one.close()
    }
  })
  await Promise.all([server, proxy].map(async (one) => await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))))
  const before = { ...process.env }
  process.env['https_proxy'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  process.env['no_proxy'] = ''
  process.env['NO_PROXY'] = ''
  onTestFinished(() => { process.env = before })
  const url = 'https://bank.example/'
  const trusting = await run(url, { target: describeTarget({ url, proxyFromEnvironment: true, insecure: true }), requests: 4 })
  expect([trusting.statuses, trusting.sockets, asked]).toEqual([new Map([[200, 4]]), 2, ['bank.example:443', 'bank.example:443']])
  const wary = await run(url, { target: describeTarget({ url, proxyFromEnvironment: true }), requests: 1, connections: 1 })
  expect([...wary.errors.keys()]).toEqual([expect.stringMatching(/self.signed certificate/)])
})

test('keeps to the rate', async () => {
  const began: number[] = []
  const url = await listen((_request, response) => {
    began.push(performance.now())
    response.end()
  })
  const result = await run(url, { connections: 2, requests: 10, rate: 40 })
  expect(result.statuses.get(200)).toBe(10)
  // Five calls of each connection are 50 ms apart, so that none of the last two can begin before 200 ms.
  expect(Math.max(...began) - Math.min(...began)).toBeGreaterThan(150)
})

test('a run by duration ends by itself', async () => {
  const url = await listen((_request, response) => response.end())
  const result = await run(url, { requests: undefined, durationMs: 150 })
  expect(result.seconds).toBeGreaterThanOrEqual(0.149)
  expect(result.latency.count).toBeGreaterThan(0)
})

test('warms each connection up, uncounted, and does not begin where that fails', async () => {
  let calls = 0
  const url = await listen((request, response) => {
    calls += 1
    response.statusCode = request.url === '/bad' ? 503 : 200
    response.end()
  })
  const result = await run(url, { requests: 4, warmUp: 'must-succeed' })
  expect([result.latency.count, result.warmUpCalls, result.sockets, calls]).toEqual([4, 2, 2, 6])
  await expect(run(`${url}/bad`, { warmUp: 'must-succeed' })).rejects.toThrow(WarmUpError)
  expect((await run(`${url}/bad`, { warmUp: 'may-fail', requests: 3 })).statuses).toEqual(new Map([[503, 3]]))
})

test('a signal ends the run; what was under way is not counted', async () => {
  const controller = new AbortController()
  const calls: Call[] = []
  const url = await listen((request, response) => { if (request.url === '/') response.end() })
  const result = await run(url, { requests: 1000, signal: controller.signal, onCall: (call) => { if (calls.push(call) === 5) controller.abort() } })
  expect(result.interrupted).toBe(true)
  expect(result.latency.count).toBe(calls.length)
  const hanging = new AbortController()
  setTimeout(() => hanging.abort(), 50)
  expect((await run(`${url}/never`, { signal: hanging.signal })).latency.count).toBe(0)
})

test.each([
  [{ connections: 0 }, 'connections'], [{ connections: 1001 }, 'connections'], [{ connections: 1.5 }, 'connections'],
  [{ requests: 0 }, 'requests'], [{ requests: 1_000_001 }, 'requests'], [{ durationMs: 600_001 }, 'duration'], [{ rate: 0 }, 'rate'], [{ requests: undefined }, 'expected a number']
])('refuses %j before the first call', async (options, message) => {
  await expect(run('http://127.0.0.1:1', options)).rejects.toThrow(LimitError)
  await expect(run('http://127.0.0.1:1', options)).rejects.toThrow(message)
})

test.each(['ftp://x', 'http://', 'http://a b'])('%s is no target', (url) => {
  expect(() => describeTarget({ url })).toThrow(TargetError)
})

test('a header with a line end is refused', () => {
  expect(() => describeTarget({ url: 'x', headers: [['a', 'b\r\nc: d']] })).toThrow('characters that no header may have')
  expect(() => describeTarget({ url: 'x', headers: [['a b', 'c']] })).toThrow('no name of a header field')
})

test('a rate over a duration makes as many calls as fit', async () => {
  const url = await listen((_request, response) => response.end())
  const result = await run(url, { connections: 2, requests: undefined, durationMs: 500, rate: 20 })
  expect(result.latency.count).toBeLessThanOrEqual(10)
  expect(result.latency.count).toBeGreaterThanOrEqual(2)
})
