import cookieSignature from '@fastify/cookie'
import { expect, test } from 'vitest'
import { answer, bank, signedIn } from '../bank.fixture.ts'

const key = 'a key that only tests have'

test.each([
  { username: 'jason' },
  { username: 'jason', password: '' },
  { username: 'jason', password: 'jason' },
  { username: '  yunqi2018 ' }
])('signs in with %j and shows who is signed in', async (form) => {
  const tested = await bank()
  const reply = await tested.http.post('/login').type('form').send(form).expect(303).expect('location', '/productpage')
  const cookie = String(reply.headers['set-cookie'])
  expect(cookie).toMatch(/^session=[^;]+; Max-Age=28800; Path=\/; HttpOnly; SameSite=Lax$/)
  const { text } = await tested.http.get('/productpage').set('cookie', cookie.split(';')[0] ?? '')
  expect(text).toContain(`<span class="name">${form.username.trim()}</span>`)
  expect(text).toContain('action="/logout"')
})

test('the cookie is Secure where the visitor came by https', async () => {
  const { http } = await bank()
  const reply = await http.post('/login').set('x-forwarded-proto', 'https').type('form').send({ username: 'jason' })
  expect(String(reply.headers['set-cookie'])).toContain('; Secure')
})

test.each([
  [{ username: 'jason', password: 'wrong' }, 'Wrong password'],
  [{ username: '' }, 'Please give a user name'],
  [{}, 'Please give a user name'],
  [{ username: 'a b' }, 'A user name has letters'],
  [{ username: '云栖' }, 'A user name has letters'],
  [{ username: 'x\r\nset-cookie: a=b' }, 'A user name has letters'],
  [{ username: '<script>alert(1)</script>' }, 'A user name has letters'],
  [{ username: 'a'.repeat(65) }, 'A user name has letters']
])('refuses %j with 401 and says why', async (form, message) => {
  const { http } = await bank()
  const reply = await http.post('/login').type('form').send(form).expect(401)
  expect(reply.text).toContain(message)
  expect(reply.text).not.toContain('<script>')
  expect(reply.headers['set-cookie']).toBeUndefined()
})

test('returns to the product that one came from', async () => {
  await (await bank()).http.post('/login').type('form').send({ username: 'jason', product: 'gold-savings' }).expect('location', '/productpage?product=gold-savings')
})

test('returns to the style transfer window when one came from there', async () => {
  const { http } = await bank({ addedValues: (_request, response) => answer(response, { service: 'addedvalues', version: 'v2', status: 404, body: { code: 'not_in_this_version', message: 'x', version: 'v2' } }) })
  expect((await http.get('/styletransfer')).text).toMatch(/<form method="post" action="\/login"[^>]*>\s*<input type="hidden" name="next" value="styletransfer">/)
  await http.post('/login').type('form').send({ username: 'jason', next: 'styletransfer' }).expect(303).expect('location', '/styletransfer')
  await http.post('/logout').type('form').send({ next: 'styletransfer' }).expect(303).expect('location', '/styletransfer')
  const refused = await http.post('/login').type('form').send({ username: 'jason', password: 'wrong', next: 'styletransfer' }).expect(401)
  expect(refused.text).toContain('name="next" value="styletransfer"')
  expect((await http.get('/login?next=styletransfer')).text).toContain('name="next" value="styletransfer"')
  expect((await http.get('/login?next=//evil.example')).text).not.toContain('evil')
})

test.each(['https://evil.example', '//evil.example', '/\\evil.example', 'wealth-90\r\nset-cookie: a=b', '../x'])('does not lead to %j', async (product) => {
  const { http } = await bank()
  await http.post('/login').type('form').send({ username: 'jason', product, next: product }).expect(303).expect('location', '/productpage')
  await http.post('/logout').type('form').send({ product }).expect(303).expect('location', '/productpage')
})

test('signs out', async () => {
  const tested = await bank()
  const cookie = await signedIn(tested, 'jason')
  const reply = await tested.http.post('/logout').set('cookie', cookie).expect(303)
  expect(String(reply.headers['set-cookie'])).toMatch(/^session=; .*Expires=Thu, 01 Jan 1970/)
})

const sign = (value: string, secret: string) => encodeURIComponent(cookieSignature.sign(value, secret))
const now = () => Math.floor(Date.now() / 1000)

test.each([
  ['unsigned', () => `yunqi:${now()}`],
  ['signed with another key', () => sign(`yunqi:${now()}`, 'another key of some length')],
  ['expired', () => sign(`yunqi:${now() - 8 * 60 * 60}`, key)],
  ['from the future', () => sign(`yunqi:${now() + 1000}`, key)],
  ['without a time', () => sign('yunqi', key)],
  ['of a name that is none', () => sign(`y q:${now()}`, key)],
  ['empty', () => ''],
  ['very long', () => 'x'.repeat(7000)]
])('takes a session that is %s for none', async (_what, value) => {
  const tested = await bank()
  const { text } = await tested.http.get('/productpage').set('cookie', `session=${value()}`).expect(200)
  expect(text).toContain('action="/login"')
  expect(tested.asked.map(({ headers }) => headers['end-user'])).toEqual([undefined, undefined])
})

test('takes a session of its own key', async () => {
  const tested = await bank()
  await tested.http.get('/productpage').set('cookie', `session=${sign(`yunqi:${now()}`, key)}`).expect(200)
  expect(tested.asked[0]?.headers['end-user']).toBe('yunqi')
})

test.each([
  { origin: 'http://evil.example' },
  { origin: 'null' },
  { origin: 'not an address' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1' }
])('refuses a post from another site: %j', async (headers) => {
  const { http } = await bank()
  for (const path of ['/login', '/logout', '/styletransfer']) {
    const reply = await http.post(path).set(headers).type('form').send({ username: 'jason' }).expect(403)
    expect(reply.body.code).toBe('cross_site')
    expect(reply.headers['set-cookie']).toBeUndefined()
  }
})

test('takes a post from its own pages, and from clients that are no browsers', async () => {
  const { http } = await bank()
  await http.post('/login').set({ host: 'bank.example:8080', origin: 'http://bank.example:8080' }).type('form').send({ username: 'jason' }).expect(303)
  await http.post('/login').set({ 'sec-fetch-site': 'same-origin', origin: 'http://elsewhere.example' }).type('form').send({ username: 'jason' }).expect(303)
  await http.post('/login').type('form').send({ username: 'jason' }).expect(303)
})

test('refuses a form that is too large, or of another type', async () => {
  const { http } = await bank()
  await http.post('/login').type('form').send(`username=${'a'.repeat(70_000)}`).expect(413)
  await http.post('/login').type('xml').send('<username>jason</username>').expect(415)
})

test('takes no key that is too short, and tells nothing of it', async () => {
  await expect(bank({ env: { SESSION_KEY: 'short' } })).rejects.toThrow(/^(?!.*"short").*SESSION_KEY/s)
})
