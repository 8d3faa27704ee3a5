import { describe, expect, test } from 'vitest'
import { shared, tested } from '../labtools.fixture.ts'
import { buildHttpbin } from './app.ts'
import { draw, parseChoices } from './routes/status.ts'

const httpbin = shared(buildHttpbin)

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
    const { app, url, lines } = await tested(buildHttpbin)
    const gone = new AbortController()
    app.server.once('request', () => gone.abort())
    await expect(fetch(`${url}/delay/10`, { signal: gone.signal })).rejects.toThrow()
    await expect.poll(() => lines, { timeout: 30_000 }).toEqual([expect.stringContaining('"GET /delay/10 HTTP/1.1" 499')])
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

describe('the server', () => {
  test('/ tells what there is', async () => {
    const { http } = await httpbin()
    const { text } = await http.get('/').expect(200)
    for (const part of ['/status/{codes}', '/delay/{seconds}', '/basic-auth/{user}/{password}', 'tested-pod']) expect(text).toContain(part)
  })
  test('logs each request in the combined format, but not the kubelet\'s', async () => {
    const { http, lines } = await tested(buildHttpbin)
    await http.get('/healthz').expect(200)
    await http.get('/headers').set({ 'user-agent': 'curl/8 "x"' })
    await expect.poll(() => lines.length, { timeout: 30_000 }).toBe(1)
    expect(lines[0]).toMatch(/^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/headers HTTP\/1\.1" 200 \d+ "-" "curl\/8 \\"x\\""$/)
  })
  test('says who answered', async () => {
    const { http } = await httpbin()
    expect((await http.get('/get')).headers).toMatchObject({ 'x-bankinfo-pod': 'tested-pod', 'x-bankinfo-version': 'v1' })
  })
})
