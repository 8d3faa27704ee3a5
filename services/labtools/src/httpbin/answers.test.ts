import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { shared, tested } from '../labtools.fixture.ts'
import { buildHttpbin } from './app.ts'

const httpbin = shared(buildHttpbin)

describe('forms of an answer', () => {
  test.each([['gzip', 'gzipped', 'gzip'], ['deflate', 'deflated', 'deflate']])('/%s', async (path, key, coding) => {
    const { http } = await httpbin()
    const { body, headers } = await http.get(`/${path}`).expect(200)
    expect(headers['content-encoding']).toBe(coding)
    expect(body).toMatchObject({ [key]: true, method: 'GET', origin: '127.0.0.1' })
  })
  test('/brotli', async () => {
    const { url } = await httpbin()
    expect(await (await fetch(`${url}/brotli`)).json()).toMatchObject({ brotli: true })
  })
  test.each([
    ['/html', 'text/html; charset=utf-8', '<h1>'], ['/json', 'application/json; charset=utf-8', 'slideshow'], ['/xml', 'application/xml', '<slideshow'],
    ['/robots.txt', 'text/plain', 'Disallow: /deny'], ['/deny', 'text/plain', 'robot'], ['/encoding/utf8', 'text/html; charset=utf-8', '银行'],
    ['/links/3/1', 'text/html; charset=utf-8', '<a href=\'/links/3/0\'>0</a> 1 '], ['/base64/5Lit', 'text/plain; charset=utf-8', '中']
  ])('%s', async (path, type, content) => {
    const { url } = await httpbin()
    const response = await fetch(url + path)
    expect(response.headers.get('content-type')).toMatch(type)
    expect(await response.text()).toContain(content)
  })
  test('/base64 never makes a page', async () => {
    const { http } = await httpbin()
    expect((await http.get(`/base64/${Buffer.from('<script>').toString('base64url')}`)).headers['content-type']).toBe('text/plain; charset=utf-8')
    await http.get('/base64/not!base64').expect(400)
  })
  test.each([['png', '89504e47'], ['jpeg', 'ffd8ff'], ['webp', '52494646'], ['svg', '3c737667']])('/image/%s', async (kind, magic) => {
    const { url } = await httpbin()
    const bytes = Buffer.from(await (await fetch(`${url}/image/${kind}`)).arrayBuffer())
    expect(bytes.toString('hex').startsWith(magic)).toBe(true)
  })
  test('/image chooses by Accept', async () => {
    const { http } = await httpbin()
    expect((await http.get('/image').set('accept', 'text/html, image/webp;q=0.8, */*')).headers['content-type']).toBe('image/webp')
    expect((await http.get('/image').set('accept', '*/*')).headers['content-type']).toBe('image/png')
    await http.get('/image').set('accept', 'text/html').expect(406)
  })
})

describe('caches and header fields', () => {
  test('/cache answers conditional requests with 304', async () => {
    const { http } = await httpbin()
    expect((await http.get('/cache').expect(200)).headers).toHaveProperty('etag')
    await http.get('/cache').set('if-none-match', 'x').expect(304)
    expect((await http.get('/cache/60')).headers['cache-control']).toBe('public, max-age=60')
  })
  test('/etag obeys If-None-Match and If-Match', async () => {
    const { http } = await httpbin()
    expect((await http.get('/etag/abc').expect(200)).headers['etag']).toBe('abc')
    await http.get('/etag/abc').set('if-none-match', '"abc", "x"').expect(304)
    await http.get('/etag/abc').set('if-match', '"x"').expect(412)
    await http.get('/etag/abc').set('if-match', '*').expect(200)
  })
  test('/response-headers sets what it is asked for, and tells its own length', async () => {
    const { http } = await httpbin()
    const { headers, body, text } = await http.get('/response-headers').query({ 'x-a': ['1', '2'], 'Content-Type': 'text/html', 'bad name': 'x', 'x-line': 'a\r\nb: c' }).expect(200)
    expect(headers).toMatchObject({ 'x-a': '1, 2', 'content-type': 'application/json; charset=utf-8', 'x-line': 'a  b: c' })
    expect(Number(body['Content-Length'])).toBe(Buffer.byteLength(text))
  })
  test('OPTIONS tells what another origin may ask', async () => {
    const { http } = await httpbin()
    const { headers } = await http.options('/get').set({ origin: 'http://a.example', 'access-control-request-headers': 'x-b' }).expect(200)
    expect(headers).toMatchObject({ 'access-control-allow-origin': 'http://a.example', 'access-control-allow-headers': 'x-b', 'access-control-max-age': '3600' })
  })
})

describe('bytes', () => {
  test('/bytes gives as many as asked, 100 KiB at most, the same for a seed', async () => {
    const { url } = await httpbin()
    const get = async (path: string) => Buffer.from(await (await fetch(url + path)).arrayBuffer())
    expect(await get('/bytes/1000')).toHaveLength(1000)
    expect(await get('/bytes/1000000')).toHaveLength(102_400)
    expect(await get('/bytes/64?seed=7')).toEqual(await get('/stream-bytes/64?seed=7&chunk_size=5'))
    expect(await get('/bytes/64?seed=7')).not.toEqual(await get('/bytes/64?seed=8'))
  })
  test('/stream-bytes is sent in chunks', async () => {
    const { http } = await httpbin()
    expect((await http.get('/stream-bytes/10?chunk_size=3')).headers['transfer-encoding']).toBe('chunked')
  })
  test('/range gives parts', async () => {
    const { url } = await httpbin()
    const part = async (range: string) => {
      const response = await fetch(`${url}/range/26`, { headers: { range } })
      return [response.status, response.headers.get('content-range'), await response.text()]
    }
    expect(await part('bytes=2-4')).toEqual([206, 'bytes 2-4/26', 'cde'])
    expect(await part('bytes=-2')).toEqual([206, 'bytes 24-25/26', 'yz'])
    expect(await part('bytes=24-99')).toEqual([206, 'bytes 24-25/26', 'yz'])
    expect(await part('bytes=26-')).toEqual([416, 'bytes */26', ''])
    expect(await part('lines=1-2')).toEqual([200, null, 'abcdefghijklmnopqrstuvwxyz'])
  })
  test('/drip sends its bytes with its status, no faster than asked', async () => {
    const { url } = await httpbin()
    const started = performance.now()
    const response = await fetch(`${url}/drip?numbytes=5&duration=0.3&code=201`)
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([201, '5', '*****'])
    expect(performance.now() - started).toBeGreaterThan(280)
  })
  test('/stream sends one line of JSON for each', async () => {
    const { url } = await httpbin()
    const lines = (await (await fetch(`${url}/stream/3`)).text()).trim().split('\n').map((line) => JSON.parse(line) as { id: number })
    expect(lines.map(({ id }) => id)).toEqual([0, 1, 2])
  })
  test('/sse sends each event when it is made', async () => {
    const { url } = await httpbin()
    const response = await fetch(`${url}/sse?count=2&delay=0.2`)
    const reader = response.body?.getReader()
    const first = Buffer.from((await reader?.read())?.value ?? []).toString('utf8')
    expect(first).toMatch(/^event: ping\nid: 0\ndata: \{"id":0,/)
    expect(first).not.toContain('id: 1')
    expect(Buffer.from((await reader?.read())?.value ?? []).toString('utf8')).toContain('id: 1')
  })
  test('/websocket sends each message back, text as text and bytes as bytes', async () => {
    const { url, http, lines } = await tested(buildHttpbin)
    const socket = new WebSocket(`${url.replace('http', 'ws')}/websocket/echo`)
    await once(socket, 'open')
    const echo = async (message: string | Buffer): Promise<unknown[]> => {
      socket.send(message)
      return await once(socket, 'message')
    }
    expect(await echo('你好')).toEqual([Buffer.from('你好'), false])
    expect(await echo(Buffer.of(0, 255))).toEqual([Buffer.of(0, 255), true])
    socket.close()
    await expect.poll(() => lines, { timeout: 30_000 }).toEqual([expect.stringContaining('"GET /websocket/echo HTTP/1.1" 101')])
    expect((await http.get('/websocket').expect(426)).headers['upgrade']).toBe('websocket')
  })
  test('/uuid is one, and another each time', async () => {
    const { http } = await httpbin()
    const [a, b] = [(await http.get('/uuid')).body, (await http.get('/uuid')).body]
    expect(a.uuid).toMatch(/^[0-9a-f-]{36}$/)
    expect(a).not.toEqual(b)
  })
})
