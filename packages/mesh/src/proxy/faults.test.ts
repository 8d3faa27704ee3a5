import { createServer, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTwoPods, until, type TwoPods } from '../testing/two-pods.ts'

let pods: TwoPods

beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

test('a server whose process is gone is answered for by its own proxy: 503 UF, seen as an answer by the caller', async () => {
  const { records, cluster, call, log } = pods
  await cluster(undefined)
  const { status, body, headers } = await call()
  expect(status).toBe(503)
  expect(body.toString()).toBe('upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure')
  expect(headers['x-envoy-upstream-service-time']).toMatch(/^\d+$/)
  await until(() => records.length === 2)
  expect(log('outbound')).toEqual([[503, '-', 'via_upstream']])
  expect(log('inbound')).toMatchObject([[503, 'URX,UF', expect.stringContaining('remote_connection_failure')]])
})

test('a server without sidecar that refuses is tried three times: 503 URX,UF', async () => {
  const { records, cluster, call, log } = pods
  await cluster(undefined, { kind: 'plain' })
  const { status, headers } = await call()
  expect(status).toBe(503)
  expect(headers['x-envoy-upstream-service-time']).toBeUndefined()
  expect(log('outbound')).toMatchObject([[503, 'URX,UF', expect.any(String)]])
  expect(records[0]?.attempts).toBe(3)
})

test('a server that closes before it answers: 503 UC', async () => {
  const { cluster, serveBytes, call, log } = pods
  await cluster(await serveBytes((socket) => { socket.end() }), { kind: 'plain' })
  const { status, body } = await call()
  expect([status, body.toString()]).toEqual([503, 'upstream connect error or disconnect/reset before headers. reset reason: connection termination'])
  expect(log('outbound')).toEqual([[503, 'UC', 'upstream_reset_before_response_started{connection_termination}']])
})

test.for([
  ['no HTTP at all', 'hello\r\n\r\n'],
  ['both lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
  ['NUL in a field', 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n'],
  ['100 KiB of fields', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(100 * 1024)}\r\nContent-Length: 0\r\n\r\n`]
])('a server that answers %s: 502 UPE', async ([, answer]) => {
  const { cluster, serveBytes, call, log } = pods
  await cluster(await serveBytes((socket) => { socket.end(answer ?? '') }), { kind: 'plain' })
  const { status } = await call()
  expect(status).toBe(502)
  expect(log('outbound')).toEqual([[502, 'UPE', 'upstream_reset_before_response_started{protocol_error}']])
})

test('a server that breaks off in its body breaks off the client\'s answer', async () => {
  const { cluster, serveBytes, call, log } = pods
  await cluster(await serveBytes((socket) => { socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc') }))
  const { status, broken } = await call()
  expect([status, broken]).toEqual([200, true])
  expect(log('outbound')).toMatchObject([[200, 'UPE', expect.any(String)]])
})

test('answers with fields of 70,000 bytes, early hints and trailers pass', async () => {
  const { cluster, serveBytes, requestOptions } = pods
  const fields = `X: ${'a'.repeat(70_000)}\r\n`
  await cluster(await serveBytes((socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n')
    socket.end(`HTTP/1.1 200 OK\r\n${fields}Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n`)
  }))
  const body = await new Promise<string>((resolve, reject) => {
    const request = httpRequest({ ...requestOptions(), maxHeaderSize: 200_000 }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => { text += chunk.toString() })
      response.on('end', () => { resolve(`${text} ${JSON.stringify(response.trailers)}`) })
    })
    request.on('error', reject)
    request.end()
  })
  expect(body).toBe('abc {}')
})

test('a client that goes away before the answer is logged DC by both proxies, and the server is hung up on', async () => {
  const { records, cluster, serve, requestOptions, log } = pods
  let hungUp = false
  await cluster(await serve(createServer((_request, response) => { response.on('close', () => { hungUp = true }) })))
  const request = httpRequest(requestOptions({ path: '/' }))
  request.on('error', () => {})
  request.end()
  await pause(50)
  request.destroy()
  await until(() => hungUp && records.length === 2)
  expect(log('outbound')).toEqual([[0, 'DC', 'downstream_remote_disconnect']])
  expect(log('inbound')).toEqual([[0, 'DC', 'downstream_remote_disconnect']])
})

test('a client that goes away in the middle of its upload leaves no request behind', async () => {
  const { proxy, authorization, cluster, serve, log } = pods
  let aborted = false
  await cluster(await serve(createServer((request) => {
    request.resume()
    request.on('error', () => { aborted = true })
    request.on('close', () => { aborted = true })
  })))
  const socket = connect(proxy.port, proxy.host, () => {
    socket.write(`POST http://server/ HTTP/1.1\r\nHost: server\r\nProxy-Authorization: ${authorization}\r\nContent-Length: 100\r\n\r\nabc`)
    setTimeout(() => { socket.destroy() }, 50)
  })
  await until(() => aborted && log('outbound').length === 1)
  expect(log('outbound')).toMatchObject([[0, 'DC', 'downstream_remote_disconnect']])
})

test('an early answer to an upload is passed on', async () => {
  const { cluster, serve, call } = pods
  await cluster(await serve(createServer((_request, response) => { response.writeHead(413, { connection: 'close' }).end('too large') })))
  const { status, body } = await call({ method: 'POST', body: Buffer.alloc(1000) })
  expect([status, body.toString()]).toEqual([413, 'too large'])
})

test('a body that is split by nothing but the network arrives whole, with its length', async () => {
  const { cluster, serve, call } = pods
  let lengths: string | undefined
  await cluster(await serve(createServer((request, response) => {
    lengths = request.headers['content-length']
    const hash = createHash('sha256')
    request.on('data', (chunk: Buffer) => hash.update(chunk))
    request.on('end', () => { response.end(hash.digest('hex')) })
  })))
  const body = randomBytes(5_000_000)
  const answer = await call({ method: 'POST', body })
  expect(answer.body.toString()).toBe(createHash('sha256').update(body).digest('hex'))
  expect(lengths).toBe('5000000')
})

test('HEAD and 204 have no body, and the connection goes on', async () => {
  const { cluster, serve, call } = pods
  await cluster(await serve(createServer((request, response) => {
    if (request.method === 'HEAD') response.writeHead(200, { 'content-length': 10 }).end()
    else response.writeHead(204).end()
  })))
  expect(await call({ method: 'HEAD' })).toMatchObject({ status: 200, headers: { 'content-length': '10' } })
  expect((await call()).status).toBe(204)
})
