import { expect, test } from 'vitest'
import { addedValues, analysis, answer, bank, signedIn } from '../bank.fixture.ts'

test('shows description, details and added values, and who gave each', async () => {
  const { http } = await bank()
  const { text } = await http.get('/productpage').expect(200).expect('content-type', 'text/html; charset=utf-8')
  for (const shown of ['Steady Wealth 90', 'BI-W-0090', 'Test Issuer', 'Risk analysis', '¥10,064.11', 'productpage-pod', 'details-v1-pod', 'addedvalues-v2-pod']) expect(text).toContain(shown)
})

test('leads from / to the page', async () => {
  await (await bank()).http.get('/').expect(302).expect('location', '/productpage')
})

test.each(['v1', 'v2', 'v3'])('says visibly that added values came from %s', async (version) => {
  const { http } = await bank({ addedValues: (_request, response) => answer(response, { service: 'addedvalues', version, body: addedValues(version) }) })
  const { text } = await http.get('/productpage')
  expect(text).toContain(`class="card added ${version}"`)
  expect(text).toMatch(new RegExp(`<strong>${version}</strong>`))
})

test('speaks the language that the browser likes, or that the visitor chose', async () => {
  const { http } = await bank()
  const asChinese = await http.get('/productpage').set('accept-language', 'zh-CN,zh;q=0.9,en;q=0.8')
  expect(asChinese.text).toContain('<html lang="zh-CN">')
  expect(asChinese.text).toContain('稳盈 90 天')
  const chosen = await http.get('/productpage?lang=en').set('accept-language', 'zh-CN')
  expect(chosen.text).toContain('<html lang="en">')
  const kept = await http.get('/productpage').set('accept-language', 'zh-CN').set('cookie', String(chosen.headers['set-cookie']).split(';')[0] ?? '')
  expect(kept.text).toContain('<html lang="en">')
  expect((await http.get('/productpage').set('accept-language', 'fr')).text).toContain('<html lang="en">')
})

test('asks both services at the same time', async () => {
  const waiting: (() => void)[] = []
  const together = () => { if (waiting.length === 2) waiting.forEach((go) => go()) }
  const { http } = await bank({
    details: (_request, response) => {
      waiting.push(() => answer(response, { service: 'details', body: {} }))
      together()
    },
    addedValues: (_request, response) => {
      waiting.push(() => answer(response, { service: 'addedvalues', version: 'v2', body: addedValues('v2', { analysis }) }))
      together()
    },
    env: { UPSTREAM_ATTEMPTS: '1' }
  })
  expect((await http.get('/productpage').expect(200)).text).toContain('Risk analysis')
})

test('hands identity and trace headers on to both services', async () => {
  const tested = await bank()
  const trace = {
    'x-request-id': 'request-17',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'a=b',
    baggage: 'c=d',
    b3: '0',
    'x-b3-traceid': '463ac35c9f6413ad48485a3953bb6124'
  }
  await tested.http.get('/productpage').set({ ...trace, cookie: await signedIn(tested, 'jason') }).expect(200)
  expect(tested.asked).toHaveLength(2)
  for (const { headers } of tested.asked) expect(headers).toMatchObject({ ...trace, 'end-user': 'jason' })
})

test('does not let a browser say who the user is', async () => {
  const tested = await bank()
  await tested.http.get('/productpage').set('end-user', 'yunqi').expect(200)
  await tested.http.get('/productpage').set({ 'end-user': 'yunqi', cookie: await signedIn(tested, 'jason') }).expect(200)
  expect(tested.asked.map(({ headers }) => headers['end-user'])).toEqual([undefined, undefined, 'jason', 'jason'])
})

test('a style transfer button that cannot be used says why, one that can opens a window', async () => {
  const reason = { code: 'blocked', status: 502, en: 'The mesh blocks it', zh: '被网格拦截' }
  const withState = (enabled: boolean) => bank({ addedValues: (_request, response) => answer(response, { service: 'addedvalues', version: 'v3', body: addedValues('v3', { analysis, styleTransfer: { enabled, reason } }) }) })
  const disabled = (await (await withState(false)).http.get('/productpage')).text
  expect(disabled).toMatch(/<button [^>]*id="style-transfer"[^>]* disabled/)
  expect(disabled).toContain('The mesh blocks it')
  const enabled = (await (await withState(true)).http.get('/productpage')).text
  expect(enabled).toMatch(/<a [^>]*id="style-transfer" href="\/styletransfer" target="_blank"/)
})

test('loads nothing from elsewhere and runs no inline script or style', async () => {
  const { http } = await bank()
  const { text, headers } = await http.get('/productpage')
  expect(text).not.toMatch(/(src|href|action)="(https?:)?\/\//)
  expect(text).not.toMatch(/<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=/i)
  expect(headers['content-security-policy']).toContain("default-src 'none'")
})

test('serves what its pages link to, to be kept for ever', async () => {
  const { http } = await bank()
  const { text } = await http.get('/productpage')
  const links = [...text.matchAll(/href="(\/assets\/[^"]+)"/g)].map(([, link]) => String(link))
  expect(links.length).toBeGreaterThanOrEqual(2)
  for (const link of links) await http.get(link).expect(200).expect('cache-control', /immutable/)
})

test('a module finds the next by its relative name; a page of another version gets what stands there now', async () => {
  const { http } = await bank({ addedValues: (_request, response) => answer(response, { service: 'addedvalues', version: 'v3', body: { styles: [{ id: 'neon', name: { en: 'Neon', zh: '霓虹' } }] } }) })
  const entry = /<script src="([^"]+)" type="module">/.exec((await http.get('/styletransfer')).text)?.[1] ?? ''
  const seen = new Set([entry])
  for (const address of seen) {
    const { text } = await http.get(address).expect(200).expect('content-type', /^text\/javascript/).expect('cache-control', /immutable/)
    for (const [, next] of text.matchAll(/^import .* from '(\.[^']+)'/gm)) seen.add(new URL(String(next), `http://page${address}`).pathname)
  }
  expect(seen.size).toBeGreaterThan(3)
  await http.get(entry.replace(/[0-9a-f]{12}/, '0123456789ab')).expect(200).expect('cache-control', 'no-store')
  for (const none of ['/assets/0123456789ab/no-such.js', '/assets/0123456789ab/..%2f..%2fpackage.json', '/assets/0123456789ab/__proto__']) await http.get(none).expect(404)
})

test.each(['no-such', '%3Cscript%3Ealert(1)%3C/script%3E', '..%2F..%2Fetc%2Fpasswd', '__proto__', 'constructor', 'a'.repeat(5000), '%00'])('shows an unknown product %s as a page that repeats nothing of it', async (id) => {
  const { http, asked } = await bank()
  const { text, status } = await http.get(`/productpage?product=${id}`).set('accept', 'text/html')
  expect([400, 404]).toContain(status)
  expect(text).toContain('<!doctype html>')
  expect(text).not.toContain('<script>')
  expect(asked).toEqual([])
})

test('escapes whatever another service sends', async () => {
  const evil = '"><script>alert(1)</script>'
  const { http } = await bank({
    addedValues: (_request, response) => answer(response, {
      service: 'addedvalues', version: 'v3', body: addedValues('v3', { user: evil, styleTransfer: { enabled: false, reason: { code: evil, en: evil, zh: evil } } })
    })
  })
  const { text } = await http.get('/productpage').expect(200)
  expect(text).not.toContain('<script>')
  expect(text).toContain('&lt;script&gt;')
})
