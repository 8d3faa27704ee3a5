import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { tested } from '../labtools.fixture.ts'
import { buildHttpbin } from './app.ts'
import { draw, parseChoices } from './routes/status.ts'

const httpbin = async () => await tested(buildHttpbin)

describe('what came in', () => {
  test('/headers tells the fields as they came, and no other', async () => {
    const { http } = await httpbin()
    const { body } = await http.get('/headers').set({ 'X-Request-Id': 'r-1', 'x-b3-traceid': 't', host: 'httpbin:8000', 'accept-encoding': 'identity' }).expect(200)
    expect(body.headers).toEqual({ 'Accept-Encoding': 'identity', Connection: 'close', Host: 'httpbin:8000', 'X-B3-Traceid': 't', 'X-Request-Id': 'r-1' })
  })
  test('/headers leaves out what every HTTP/1.1 connection is by default', async () => {
    const { http } = await httpbin()
    expect((await http.get('/headers').set('connection', 'Keep-Alive')).body.headers).not.toHaveProperty('Connection')
    expect((await http.get('/headers').set('connection', 'close')).body.headers).toHaveProperty('Connection', 'close')
  })
  test('a request without an id is not told to have one', async () => {
    const { http } = await httpbin()
    expect((await http.get('/headers')).body.headers).not.toHaveProperty('X-Request-Id')
  })
  test('/get tells the query, the address and the caller', async () => {
    const { http } = await httpbin()
    const { body, headers } = await http.get('/get?a=1&b=2&b=3').set('host', 'httpbin:8000').expect(200)
    expect(body).toMatchObject({ args: { a: '1', b: ['2', '3'] }, origin: '127.0.0.1', url: 'http://httpbin:8000/get?a=1&b=2&b=3' })
    expect(headers).toMatchObject({ 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true' })
  })
  test('the address and the caller are those of the request before the proxies', async () => {
    const { http } = await httpbin()
    const { body } = await http.get('/get').set({ host: 'bank.example', 'x-forwarded-proto': 'https', 'x-forwarded-for': '10.1.2.3' })
    expect(body).toMatchObject({ origin: '10.1.2.3', url: 'https://bank.example/get' })
    expect((await http.get('/ip').set('x-forwarded-for', '10.1.2.3')).body).toEqual({ origin: '10.1.2.3' })
  })
  test('/user-agent and /hostname', async () => {
    const { http } = await httpbin()
    expect((await http.get('/user-agent').set('user-agent', 'curl/8')).body).toEqual({ 'user-agent': 'curl/8' })
    expect((await http.get('/hostname')).body).toEqual({ hostname: 'tested-pod' })
  })
  test.each(['post', 'put', 'patch', 'delete'] as const)('/%s tells a JSON body', async (method) => {
    const { http } = await httpbin()
    const { body } = await http[method](`/${method}`).type('application/json').send('{"a":[1]}').expect(200)
    expect(body).toMatchObject({ data: '{"a":[1]}', json: { a: [1] }, form: {}, files: {} })
  })
  test('/post tells a form, a form with a file, and bytes that are no text', async () => {
    const { http } = await httpbin()
    expect((await http.post('/post').type('form').send('a=1&a=2&b=')).body).toMatchObject({ form: { a: ['1', '2'], b: '' }, data: '' })
    expect((await http.post('/post').field('x', '1').attach('f', Buffer.from('content'), 'f.txt')).body).toMatchObject({ form: { x: '1' }, files: { f: 'content' } })
    expect((await http.post('/post').type('application/octet-stream').send(Buffer.from([0xff, 0xfe]))).body)
      .toMatchObject({ data: 'data:application/octet-stream;base64,//4=', json: null })
    expect((await http.post('/post').type('application/json').send('{not json')).body).toMatchObject({ data: '{not json', json: null })
    expect((await http.post('/post').type('multipart/form-data; boundary=x').send('no form')).body).toMatchObject({ data: 'no form', form: {} })
  })
  test('/anything takes any method and path', async () => {
    const { http } = await httpbin()
    expect((await http.put('/anything/a/b?c=d').send('x')).body).toMatchObject({ method: 'PUT', args: { c: 'd' } })
    expect((await http.get('/anything')).body.method).toBe('GET')
    expect((await http.trace('/anything')).body.method).toBe('TRACE')
  })
  test('a body of more than 10 MiB is refused', async () => {
    const { http } = await httpbin()
    await http.post('/post').type('text/plain').send(Buffer.alloc(10 * 1024 * 1024 + 1)).expect(413)
  })
})

describe('status', () => {
  test.each([200, 201, 204, 304, 400, 404, 429, 500, 503])('/status/%i', async (status) => {
    const { http } = await httpbin()
    const { text } = await http.get(`/status/${status}`).expect(status)
    expect(text).toBe('')
  })
  test('the teapot', async () => {
    const { http } = await httpbin()
    const { text, headers } = await http.get('/status/418').expect(418)
    expect(text).toContain('-=[ teapot ]=-')
    expect(headers['x-more-info']).toBe('http://tools.ietf.org/html/rfc2324')
  })
  test('statuses that need a field have it', async () => {
    const { http } = await httpbin()
    expect((await http.get('/status/401')).headers['www-authenticate']).toBe('Basic realm="Fake Realm"')
    expect((await http.get('/status/407')).headers['proxy-authenticate']).toBe('Basic realm="Fake Realm"')
    expect((await http.get('/status/302').redirects(0)).headers['location']).toBe('/redirect/1')
  })
  test('HEAD and POST get the status too', async () => {
    const { http } = await httpbin()
    await http.head('/status/503').expect(503)
    await http.post('/status/503').send('body').expect(503)
  })
  test.each(['99', '600', '101', 'x', '200,', '200:x'])('/status/%s is no status', async (codes) => {
    const { http } = await httpbin()
    expect((await http.get(`/status/${codes}`).expect(400)).body.code).toBe('invalid_status')
  })
  test('one of several is drawn by weight', () => {
    const choices = parseChoices('200:3,500:1,404:0')
    expect([0, 0.749, 0.75, 0.999].map((random) => draw(choices, random))).toEqual([200, 200, 500, 500])
    expect([0, 0.499, 0.5].map((random) => draw(parseChoices('200,503'), random))).toEqual([200, 200, 503])
  })
  test('/unstable fails always at 1 and never at 0', async () => {
    const { http } = await httpbin()
    await http.get('/unstable?failure_rate=1').expect(500)
    await http.get('/unstable?failure_rate=0').expect(200)
    await http.get('/unstable?failure_rate=2').expect(400)
  })
})

describe('time', () => {
  test('/delay answers late, with the request', async () => {
    const { http } = await httpbin()
    const started = performance.now()
    const { body } = await http.get('/delay/0.3?a=b').expect(200)
    expect(performance.now() - started).toBeGreaterThan(290)
    expect(body).toMatchObject({ args: { a: 'b' }, data: '' })
  })
  test('/delay ends when the client has gone, and its server can close', async () => {
    const { url, lines } = await httpbin()
    await expect(fetch(`${url}/delay/10`, { signal: AbortSignal.timeout(100) })).rejects.toThrow()
    await expect.poll(() => lines, { timeout: 5000 }).toEqual([expect.stringContaining('"GET /delay/10 HTTP/1.1" 499')])
  })
  test('/delay refuses what is no time', async () => {
    const { http } = await httpbin()
    await http.get('/delay/soon').expect(400)
  })
})

describe('cookies', () => {
  test('shows them, sets them and deletes them', async () => {
    const { http } = await httpbin()
    expect((await http.get('/cookies').set('cookie', 'b=2; a=x%20y')).body).toEqual({ cookies: { a: 'x y', b: '2' } })
    const set = await http.get('/cookies/set?a=x;y').redirects(0).expect(302)
    expect(set.headers).toMatchObject({ location: '/cookies', 'set-cookie': ['a=x%3By; Path=/'] })
    expect((await http.get('/cookies/set/a/1').redirects(0)).headers['set-cookie']).toEqual(['a=1; Path=/'])
    expect(String((await http.get('/cookies/delete?a').redirects(0)).headers['set-cookie'])).toContain('Max-Age=0')
  })
})

describe('redirects', () => {
  test('lead to /get in as many steps', async () => {
    const { http } = await httpbin()
    const { body, redirects } = await http.get('/redirect/3').redirects(5).expect(200)
    expect(redirects).toHaveLength(3)
    expect(body.url).toMatch(/\/get$/)
    expect((await http.get('/absolute-redirect/2').set('host', 'h:1').redirects(0)).headers['location']).toBe('http://h:1/absolute-redirect/1')
    expect((await http.get('/relative-redirect/1').redirects(0)).headers['location']).toBe('/get')
  })
  test('/redirect-to leads anywhere, with any 3xx', async () => {
    const { http } = await httpbin()
    expect((await http.get('/redirect-to').query({ url: 'http://x.example/中?a=b', status_code: 307 }).redirects(0).expect(307)).headers['location']).toBe('http://x.example/%E4%B8%AD?a=b')
    expect((await http.get('/redirect-to?url=/50%').redirects(0).expect(302)).headers['location']).toBe('/50%25')
    await http.get('/redirect-to').expect(400)
    await http.get('/redirect-to?url=/&status_code=200').expect(400)
  })
})

describe('credentials', () => {
  test('basic, hidden and bearer', async () => {
    const { http } = await httpbin()
    expect((await http.get('/basic-auth/u/p').auth('u', 'p').expect(200)).body).toEqual({ authenticated: true, user: 'u' })
    expect((await http.get('/basic-auth/u/p').auth('u', 'q').expect(401)).headers['www-authenticate']).toContain('Basic')
    await http.get('/hidden-basic-auth/u/p').expect(404)
    await http.get('/hidden-basic-auth/u/p').auth('u', 'p').expect(200)
    await http.get('/bearer').expect(401)
    expect((await http.get('/bearer').set('authorization', 'Bearer abc')).body).toEqual({ authenticated: true, token: 'abc' })
  })
})

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
    const { url, http, lines } = await httpbin()
    const socket = new WebSocket(`${url.replace('http', 'ws')}/websocket/echo`)
    await once(socket, 'open')
    const echo = async (message: string | Buffer): Promise<unknown[]> => {
      socket.send(message)
      return await once(socket, 'message')
    }
    expect(await echo('你好')).toEqual([Buffer.from('你好'), false])
    expect(await echo(Buffer.of(0, 255))).toEqual([Buffer.of(0, 255), true])
    socket.close()
    await expect.poll(() => lines, { timeout: 5000 }).toEqual([expect.stringContaining('"GET /websocket/echo HTTP/1.1" 101')])
    expect((await http.get('/websocket').expect(426)).headers['upgrade']).toBe('websocket')
  })
  test('/uuid is one, and another each time', async () => {
    const { http } = await httpbin()
    const [a, b] = [(await http.get('/uuid')).body, (await http.get('/uuid')).body]
    expect(a.uuid).toMatch(/^[0-9a-f-]{36}$/)
    expect(a).not.toEqual(b)
  })
})

describe('the server', () => {
  test('/ tells what there is', async () => {
    const { http } = await httpbin()
    const { text } = await http.get('/').expect(200)
    for (const part of ['/status/{codes}', '/delay/{seconds}', '/basic-auth/{user}/{password}', 'tested-pod']) expect(text).toContain(part)
  })
  test('logs each request in the combined format, but not the kubelet\'s', async () => {
    const { http, lines } = await httpbin()
    await http.get('/healthz').expect(200)
    await http.get('/headers').set({ 'user-agent': 'curl/8 "x"' })
    await expect.poll(() => lines.length, { timeout: 5000 }).toBe(1)
    expect(lines[0]).toMatch(/^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/headers HTTP\/1\.1" 200 \d+ "-" "curl\/8 \\"x\\""$/)
  })
  test('says who answered', async () => {
    const { http } = await httpbin()
    expect((await http.get('/get')).headers).toMatchObject({ 'x-bankinfo-pod': 'tested-pod', 'x-bankinfo-version': 'v1' })
  })
})
