import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startBase, type Base } from '../conformance/base.ts'
import { parseManifests } from '../rules/index.ts'

let base: Base
let proxy: Awaited<ReturnType<Base['proxy']>>

const gateway = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw, namespace: default}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: default}
spec: {hosts: ["*"], gateways: [gw], http: [{route: [{destination: {host: reviews}}]}]}
`

beforeAll(async () => {
  base = await startBase('usual')
  proxy = await base.proxy('productpage')
  await base.apply(parseManifests([{ file: 'gateway.yaml', text: gateway }]).documents.map(({ resource }) => resource), 'ALLOW_ANY')
})
afterAll(async () => { await base.close() })
beforeEach(() => { for (const { seen } of [...base.backends.values()].flat()) seen.length = 0 })

function seen (): number {
  return [...base.backends.values()].flat().reduce((sum, backend) => sum + backend.seen.length, 0)
}

/** Sends bytes and collects what comes back until the other end closes, or says nothing more after an answer. */
async function raw (bytes: string, address: { host: string, port: number } = proxy): Promise<string> {
  return await new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(address.port, address.host, () => { socket.write(bytes, 'latin1') })
    const done = (): void => {
      clearTimeout(deadline)
      socket.destroy()
      resolve(received)
    }
    const deadline = setTimeout(done, 5000)
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      // A kept connection does not close; the test asks for one more request to see the end of the first.
      if (received.includes('x-end: yes')) done()
    })
    socket.on('end', done)
    socket.on('close', done)
    socket.on('error', (error: NodeJS.ErrnoException) => { if (error.code === 'ECONNRESET') done(); else reject(error) })
  })
}

const auth = (): string => `Proxy-Authorization: ${proxy.authorization}\r\n`

/** An absolute-form request with fields of the test's. */
const ask = (fields: string, body = '', method = 'POST'): string =>
  `${method} http://reviews:9080/ HTTP/1.1\r\nHost: reviews:9080\r\n${auth()}${fields}\r\n${body}`

const refusals: ReadonlyArray<readonly [what: string, status: number, request: () => string]> = [
  ['Content-Length and Transfer-Encoding', 400, () => ask('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
  ['two different Content-Lengths', 400, () => ask('Content-Length: 3\r\nContent-Length: 4\r\n', 'abcd')],
  ['a list as Content-Length', 400, () => ask('Content-Length: 3, 3\r\n', 'abc')],
  ['a signed Content-Length', 400, () => ask('Content-Length: +3\r\n', 'abc')],
  ['a hexadecimal Content-Length', 400, () => ask('Content-Length: 0x3\r\n', 'abc')],
  ['Transfer-Encoding twice', 400, () => ask('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
  ['Transfer-Encoding in front of chunked', 400, () => ask('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n')],
  ['an unknown Transfer-Encoding', 400, () => ask('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n')],
  ['an obs-fold', 400, () => ask('X-A: 1\r\n continued\r\n')],
  ['a bare CR in a value', 400, () => ask('X-A: 1\rX-B: 2\r\n')],
  ['NUL in a value', 400, () => ask('X-A: 1\0\r\n')],
  ['a blank before the colon', 400, () => ask('X-A : 1\r\n')],
  ['a line without a colon', 400, () => ask('X-A\r\n')],
  ['two Hosts', 400, () => ask('Host: evil\r\n')],
  ['a Host with a blank', 400, () => `GET / HTTP/1.1\r\nHost: a b\r\n${auth()}\r\n`],
  ['a Host with a path', 400, () => `GET http://reviews:9080/ HTTP/1.1\r\nHost: reviews:9080/x\r\n${auth()}\r\n`],
  ['no Host', 400, () => `GET http://reviews:9080/ HTTP/1.1\r\n${auth()}\r\n`],
  ['an absolute form with another Host', 400, () => `GET http://reviews:9080/ HTTP/1.1\r\nHost: httpbin:8000\r\n${auth()}\r\n`],
  ['an absolute form with userinfo', 400, () => `GET http://user@reviews:9080/ HTTP/1.1\r\nHost: reviews:9080\r\n${auth()}\r\n`],
  ['https in absolute form', 400, () => `GET https://reviews:9080/ HTTP/1.1\r\nHost: reviews:9080\r\n${auth()}\r\n`],
  ['an origin form', 400, () => `GET / HTTP/1.1\r\nHost: reviews:9080\r\n${auth()}\r\n`],
  ['Connection that names Content-Length', 400, () => ask('Content-Length: 3\r\nConnection: close, content-length\r\n', 'abc')],
  ['Connection that names Host', 400, () => ask('Connection: close, host\r\n')],
  ['an unknown method', 400, () => ask('', '', 'FROB')],
  ['HTTP/1.0', 426, () => `GET http://reviews:9080/ HTTP/1.0\r\nHost: reviews:9080\r\n${auth()}\r\n`],
  ['more than 100 fields', 431, () => ask('X-A: 1\r\n'.repeat(101))],
  ['more than 60 KiB of fields', 431, () => ask(`X-A: ${'a'.repeat(62_000)}\r\n`)],
  ['CONNECT without a port', 400, () => `CONNECT reviews HTTP/1.1\r\nHost: reviews\r\n${auth()}\r\n`],
  ['CONNECT to port 0', 400, () => `CONNECT reviews:0 HTTP/1.1\r\nHost: reviews:0\r\n${auth()}\r\n`],
  ['CONNECT to port 99999', 400, () => `CONNECT reviews:99999 HTTP/1.1\r\nHost: reviews:99999\r\n${auth()}\r\n`],
  ['CONNECT to a URL', 400, () => `CONNECT http://reviews:9080/ HTTP/1.1\r\nHost: reviews:9080\r\n${auth()}\r\n`],
  ['CONNECT with userinfo', 400, () => `CONNECT user@reviews:9080 HTTP/1.1\r\nHost: reviews:9080\r\n${auth()}\r\n`],
  ['no credentials', 407, () => 'GET http://reviews:9080/ HTTP/1.1\r\nHost: reviews:9080\r\nConnection: close\r\n\r\n'],
  ['CONNECT without credentials', 407, () => 'CONNECT reviews:9080 HTTP/1.1\r\nHost: reviews:9080\r\n\r\n'],
  ['a wrong password', 407, () => `GET http://reviews:9080/ HTTP/1.1\r\nHost: reviews:9080\r\nConnection: close\r\nProxy-Authorization: Basic ${Buffer.from('productpage:wrong').toString('base64')}\r\n\r\n`],
  ['the password of the right length but wrong', 407, () => `GET http://reviews:9080/ HTTP/1.1\r\nHost: reviews:9080\r\nConnection: close\r\nProxy-Authorization: Basic ${Buffer.from('productpage:conformancE').toString('base64')}\r\n\r\n`]
]

test.for(refusals)('%s is answered %i, and no server sees it', async ([, status, request]) => {
  const answer = await raw(request())
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  expect(seen()).toBe(0)
})

test('credentials are asked for by Proxy-Authenticate', async () => {
  expect(await raw('GET http://reviews:9080/ HTTP/1.1\r\nHost: reviews:9080\r\nConnection: close\r\n\r\n')).toMatch(/\r\nproxy-authenticate: Basic /i)
  expect(await raw('CONNECT reviews:9080 HTTP/1.1\r\nHost: reviews:9080\r\n\r\n')).toMatch(/\r\nproxy-authenticate: Basic /i)
})

test.for([
  ['a chunk size that is no number', 'zz\r\nabc\r\n0\r\n\r\n'],
  ['a chunk size with a sign', '-3\r\nabc\r\n0\r\n\r\n'],
  ['a chunk size that overflows', 'fffffffffffffffff\r\nabc\r\n0\r\n\r\n'],
  ['a chunk longer than its size', '2\r\nabc\r\n0\r\n\r\n']
])('%s ends the connection and is never a second request', async ([, body]) => {
  const smuggled = 'GET http://httpbin:8000/smuggled HTTP/1.1\r\nHost: httpbin:8000\r\n\r\n'
  const answer = await raw(ask('Transfer-Encoding: chunked\r\n', `${body ?? ''}${smuggled}`))
  expect(answer).not.toContain('smuggled')
  const paths = [...base.backends.values()].flat().flatMap((backend) => backend.seen.map(({ path }) => path))
  expect(paths).not.toContain('/smuggled')
})

const loopback = ['localhost', 'LOCALHOST', '127.0.0.1', '127.1', '127.0.0.2', '0.0.0.0', '0', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', 'localhost.', 'x.localhost']

test.for(loopback)('a target of %s is the pod\'s own loopback, never this machine\'s', async (host) => {
  const [reviews] = base.backends.get('reviews-v1') ?? []
  const target = `${host}:${reviews?.address.port ?? 0}`
  expect(await raw(`GET http://${target}/ HTTP/1.1\r\nHost: ${target}\r\n${auth()}\r\n`)).not.toContain(' 200 ')
  expect(await raw(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${auth()}\r\n`)).not.toContain(' 200 ')
  expect(seen()).toBe(0)
})

test('2,000 mangled requests: none is taken for another, and the proxy goes on', { timeout: 60_000 }, async () => {
  // A linear congruential generator (Numerical Recipes): the same requests each time.
  let state = 1
  const draw = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state % below
  }
  const whole = `${ask('Content-Length: 5\r\nX-A: 1\r\nConnection: close\r\n', 'hello')}GET http://httpbin:8000/smuggled HTTP/1.1\r\nHost: httpbin:8000\r\n\r\n`
  const pieces = ['\r\n', '\n', '\r', '\0', ' ', ':', 'Content-Length: 0\r\n', 'Transfer-Encoding: chunked\r\n', 'Host: evil\r\n', '0\r\n\r\n', 'Expect: 100-continue\r\n', 'Upgrade: h2c\r\n', '\xff', '%00']
  const mangle = (): string => {
    let text = whole
    for (let changes = 1 + draw(3); changes > 0; changes--) {
      const at = draw(text.length)
      text = `${text.slice(0, at)}${pieces[draw(pieces.length)] ?? ''}${text.slice(at + draw(4))}`
    }
    return text
  }
  const one = async (text: string): Promise<void> => {
    await new Promise<void>((resolve) => {
      const socket = connect(proxy.port, proxy.host, () => { socket.end(text, 'latin1') })
      socket.on('error', () => {})
      socket.on('close', () => { resolve() })
      socket.resume()
      socket.setTimeout(200, () => { socket.destroy() })
    })
  }
  for (let round = 0; round < 100; round++) await Promise.all(Array.from({ length: 20 }, async () => { await one(mangle()) }))
  const requests = [...base.backends.values()].flat().flatMap((backend) => backend.seen)
  // Without credentials of its own the second request must never get through, however the first one is cut.
  expect(requests.filter(({ path }) => path.includes('smuggled'))).toEqual([])
  expect(await raw(ask('Content-Length: 0\r\nConnection: close\r\n'))).toMatch(/^HTTP\/1\.1 200 /)
})

test('a field that Connection names stays on its connection', async () => {
  await raw(ask('Connection: close, x-secret\r\nX-Secret: 1\r\nX-Open: 2\r\nContent-Length: 0\r\n'))
  const [request] = [...base.backends.values()].flat().flatMap((backend) => backend.seen)
  const names = request?.headers.map(([name]) => name)
  expect(names).toContain('x-open')
  expect(names).not.toContain('x-secret')
  expect(names).not.toContain('proxy-authorization')
})

test('what proxies say among themselves is not believed from a client', async () => {
  await raw(ask('Connection: close\r\nX-Forwarded-Client-Cert: By=spiffe://forged\r\nX-Envoy-Attempt-Count: 9\r\nX-Envoy-Internal: true\r\nX-Bankinfo-Hops: 3\r\nContent-Length: 0\r\n'))
  const [request] = [...base.backends.values()].flat().flatMap((backend) => backend.seen)
  expect(request?.headers).toContainEqual(['x-envoy-attempt-count', '1'])
  for (const name of ['x-forwarded-client-cert', 'x-envoy-internal', 'x-bankinfo-hops']) expect(request?.headers.map(([field]) => field)).not.toContain(name)
})

test.for([
  ['Content-Length and Transfer-Encoding', 400, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['two Hosts', 400, 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
  ['an absolute form with another Host', 400, 'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['HTTP/1.0', 426, 'GET / HTTP/1.0\r\n\r\n'],
  ['huge fields', 431, `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(62_000)}\r\n\r\n`],
  ['CONNECT', 400, 'CONNECT reviews:9080 HTTP/1.1\r\nHost: reviews:9080\r\n\r\n'],
  ['another upgrade', 403, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: frobnicate\r\n\r\n']
] as const)('the gateway: %s is answered %i', async ([, status, request]) => {
  const [address] = base.gateway.addresses().get(80) ?? []
  const answer = address === undefined ? '' : await raw(request, address)
  if (status === 400 && request.startsWith('CONNECT')) expect(answer).not.toMatch(/ 200 /)
  else expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(seen()).toBe(0)
})

test('the gateway replaces what a client says of itself', async () => {
  const [address] = base.gateway.addresses().get(80) ?? []
  if (address === undefined) throw new Error('the gateway listens nowhere')
  await raw('GET /a/../b HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Request-Id: mine\r\nX-Forwarded-Proto: https\r\nX-Envoy-External-Address: 9.9.9.9\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n', address)
  const [request] = [...base.backends.values()].flat().flatMap((backend) => backend.seen)
  const headers = Object.fromEntries(request?.headers ?? [])
  expect(request?.path).toBe('/b')
  expect(headers).toMatchObject({ 'x-forwarded-proto': 'http', 'x-envoy-external-address': '127.0.0.1', 'x-forwarded-for': '1.2.3.4,127.0.0.1' })
  expect(headers['x-request-id']).not.toBe('mine')
})
