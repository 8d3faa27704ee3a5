import type { IncomingMessage, RequestListener } from 'node:http'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { answer, bank, signedIn, type Bank } from '../bank.fixture.ts'

const picture = Buffer.from('89504e470d0a1a0a', 'hex')
const styles = [{ id: 'ink-wash', name: { en: 'Ink wash', zh: '水墨' }, description: { en: 'Ink', zh: '墨' } }, { id: 'neon', name: { en: 'Neon', zh: '霓虹' } }]

interface Received {
  bytes: number
  headers: IncomingMessage['headers']
  text: string
}

/** addedvalues v3 with a gallery and a transfer that answers as told. */
function v3 (transfer: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url === '/styletransfer/styles') return answer(response, { service: 'addedvalues', version: 'v3', body: { styles } })
    if (request.url === '/styletransfer/transfer') return transfer(request, response)
    if (request.url === '/styletransfer/styles/neon/preview') return response.writeHead(200, { ...v3Headers, 'content-type': 'image/jpeg', etag: '"7"' }).end('jpeg')
    return answer(response, { service: 'addedvalues', version: 'v3', status: 404, body: { code: 'not_found', message: 'nothing' } })
  }
}

/** A gallery as styletransfer gives it: parameters, a style of the user's own, formats, limits. */
const range = { minimum: 0, maximum: 100, description: { en: 'Share of the style', zh: '比例' } }
const strength = { ...range, name: 'strength', label: { en: 'Strength', zh: '强度' }, default: 100 }
const detail = (en: string) => ({ ...range, name: 'detail', label: { en: 'Detail', zh: '细节' }, default: 50, description: { en, zh: '笔' } })
const fullGallery = {
  styles: [
    { id: 'ink-wash', name: { en: 'Ink wash', zh: '水墨' }, description: { en: 'Ink', zh: '墨' }, parameters: [strength, detail('Thinner brush')] },
    { id: 'neon', name: { en: 'Neon', zh: '霓虹' }, description: { en: 'Light', zh: '光' }, parameters: [strength, detail('Thinner tubes')] }
  ],
  styleImage: { name: { en: 'Your own style', zh: '自选风格图' }, description: { en: 'From a picture', zh: '取自图片' }, parameters: [strength] },
  formats: { input: ['image/jpeg'], output: ['image/jpeg', 'image/webp'] },
  limits: { maxUploadBytes: 7 * 1024 * 1024 }
}
const withFullGallery = (transfer: RequestListener): RequestListener => (request, response) => {
  if (request.url === '/styletransfer/styles') return answer(response, { service: 'addedvalues', version: 'v3', body: fullGallery })
  return transfer(request, response)
}

const v3Headers = { 'x-bankinfo-service': 'addedvalues', 'x-bankinfo-version': 'v3', 'x-bankinfo-pod': 'av-pod', 'x-bankinfo-via': 'styletransfer/v1/st-pod' }

const styled = (received?: Received): RequestListener => (request, response) => {
  request.on('data', (chunk: Buffer) => {
    if (received === undefined) return
    received.bytes += chunk.length
    if (received.text.length < 2000) received.text += chunk.toString('latin1')
  })
  request.on('end', () => {
    if (received !== undefined) received.headers = request.headers
    response.writeHead(200, { ...v3Headers, 'content-type': 'image/png', 'server-timing': 'style;dur=80' }).end(picture)
  })
}

const failing = (status: number, body: object, version = 'v3'): RequestListener => async (request, response) => {
  request.resume()
  request.on('end', () => answer(response, { service: 'addedvalues', version, status, body }))
}

const post = ({ http }: Bank, photo: Buffer | undefined = Buffer.from('a photo'), type = 'image/png') =>
  http.post('/styletransfer').field('style', 'ink-wash').attach('image', photo, { filename: 'me.png', contentType: type })

test('the window offers the gallery of styles', async () => {
  const { text } = await (await bank({ addedValues: v3(styled()) })).http.get('/styletransfer').expect(200)
  expect(text).toContain('name="image" type="file"')
  expect(text).toContain('value="ink-wash" checked')
  expect(text).toContain('src="/styletransfer/styles/neon/preview"')
})

test('the window offers what styletransfer takes: sliders, a style of one\'s own, formats, the largest photo', async () => {
  const { http } = await bank({ addedValues: withFullGallery(styled()) })
  const { text } = await http.get('/styletransfer?style=neon').expect(200)
  expect(text).toContain('value="neon" checked')
  expect(text.match(/<input id="strength" name="strength" type="range" min="0" max="100" value="100"/g)).toHaveLength(1)
  expect(text).toContain('<p class="hint" id="strength-hint">Share of the style</p>')
  expect(text, 'styles mean different things by it').toContain('<p class="hint" id="detail-hint"></p>')
  expect(text).toContain('name="styleImage" type="file"')
  expect(text).toContain('<option value="webp">WebP: small</option>')
  expect(text).toContain('at most 7 MB')
  const chinese = await http.get('/styletransfer?lang=zh')
  for (const shown of ['水墨', '自选风格图', '强度', '最大 7 MB']) expect(chinese.text).toContain(shown)
})

test('the page that answers a form keeps what was chosen in it', async () => {
  const { http } = await bank({ addedValues: withFullGallery(styled()) })
  const { text } = await http.post('/styletransfer').field({ style: 'neon', strength: '40', detail: '75', format: 'webp' }).attach('image', Buffer.from('a photo'), { filename: 'a.png', contentType: 'image/png' }).expect(200)
  expect(text).toContain('value="neon" checked')
  expect(text).toMatch(/name="strength"[^>]* value="40"/)
  expect(text).toMatch(/name="detail"[^>]* value="75"/)
  expect(text).toContain('<option value="webp" selected>')
})

test('a style of one\'s own is a download by that name', async () => {
  const { http } = await bank({ addedValues: withFullGallery(styled()) })
  const { text } = await http.post('/styletransfer').field('style', '').attach('image', Buffer.from('a photo'), { filename: 'a.png', contentType: 'image/png' }).attach('styleImage', Buffer.from('a style'), { filename: 'b.png', contentType: 'image/png' }).expect(200)
  expect(text).toContain('download="bankinfo-own-style.png"')
  expect(text).toMatch(/id="own-style"[^>]* checked/)
})

test.each([
  ['a style image that is missing', '', undefined, 'Your own style needs a style image'],
  ['both a style and a style image', 'neon', 'a style', 'There are a style of the gallery and a style image in the form'],
  ['a style that is not there', 'neon', undefined, 'There is no such style']
])('tells %s by what was sent', async (_what, style, styleImage, words) => {
  const { http } = await bank({ addedValues: withFullGallery(failing(400, { code: 'bad_form', field: 'style', message: 'x' })) })
  const sending = http.post('/styletransfer').field('style', style).attach('image', Buffer.from('a photo'), { filename: 'a.png', contentType: 'image/png' })
  if (styleImage !== undefined) sending.attach('styleImage', Buffer.from(styleImage), { filename: 'b.png', contentType: 'image/png' })
  expect((await sending.expect(400)).text).toContain(words)
})

test.each([
  [415, { code: 'not_a_photo', field: 'styleImage', message: 'x' }, 'About your style image: That file cannot be read'],
  [413, { code: 'too_large', maxUploadBytes: 3 * 1024 * 1024, message: 'x' }, 'at most 3 MB are taken'],
  [400, { code: 'bad_form', field: 'strength', message: 'Not a number' }, 'The form was not understood. Not a number']
])('%i %j is told in words', async (status, body, words) => {
  const { text } = await post(await bank({ addedValues: withFullGallery(failing(status, body)) })).expect(status)
  expect(text).toContain(words)
})

test('a program that asked for a picture gets the error as it came, and its explanation in the visitor\'s language', async () => {
  const tested = await bank({ addedValues: v3(failing(503, { code: 'busy', message: 'Too many photos at once', retryAfter: 4 })) })
  const reply = await post(tested).set({ accept: 'image/*', 'accept-language': 'zh-CN' }).expect(503).expect('content-type', /^application\/json/).expect('cache-control', 'no-store')
  expect(reply.body).toMatchObject({ code: 'busy', message: 'Too many photos at once', retryAfter: 4, explanation: expect.stringContaining('几秒后重试'), requestId: expect.any(String) })
  expect(reply.headers['x-bankinfo-via']).toBe('addedvalues/v3/addedvalues-v3-pod')
})

test('that program is told by the real kind when nobody answered', async () => {
  const tested = await bank({ addedValues: v3((request) => { request.socket.destroy() }) })
  const reply = await post(tested).set('accept', 'image/*').expect(502)
  expect(reply.body).toMatchObject({ code: 'addedvalues_reset', explanation: expect.stringContaining('Style transfer cannot be used at the moment.') })
})

test('a picture too long for a page is told as that', async () => {
  const long: RequestListener = (request, response) => { request.resume().on('end', () => response.writeHead(200, { ...v3Headers, 'content-type': 'image/png' }).end(Buffer.alloc(25 * 1024 * 1024))) }
  expect((await post(await bank({ addedValues: v3(long) })).expect(502)).text).toContain('Accept: image/*')
})

test('an answer that is no picture is no result', async () => {
  const tested = await bank({ addedValues: v3((request, response) => { request.resume().on('end', () => response.writeHead(200, { ...v3Headers, 'content-type': 'image/svg+xml' }).end('<svg/>')) }) })
  const { text } = await post(tested).expect(502)
  expect(text).toContain('The answer is no picture')
  expect(text).not.toContain('svg+xml;base64')
})

test('answers a form with before, after and a download', async () => {
  const { text, headers } = await post(await bank({ addedValues: v3(styled()) })).expect(200)
  expect(text).toContain(`src="data:image/png;base64,${Buffer.from('a photo').toString('base64')}"`)
  expect(text).toContain(`src="data:image/png;base64,${picture.toString('base64')}"`)
  expect(text).toContain('download="bankinfo-ink-wash.png"')
  expect(headers['x-bankinfo-via']).toBe('styletransfer/v1/st-pod, addedvalues/v3/av-pod')
})

test('answers Accept: image/* with the picture, and who had a part in it', async () => {
  const reply = await post(await bank({ addedValues: v3(styled()) })).set('accept', 'image/*').expect(200)
  expect(reply.body).toEqual(picture)
  expect(reply.headers).toMatchObject({ 'content-type': 'image/png', 'server-timing': 'style;dur=80', 'x-bankinfo-service': 'productpage', 'x-bankinfo-via': 'styletransfer/v1/st-pod, addedvalues/v3/av-pod' })
})

test('hands the form on byte for byte, with who the user is', async () => {
  const received: Received = { bytes: 0, headers: {}, text: '' }
  const tested = await bank({ addedValues: v3(styled(received)) })
  const photo = Buffer.alloc(3_000_000, 'x')
  await post(tested, photo).set('cookie', await signedIn(tested, 'yunqi2018')).expect(200)
  expect(received.headers).toMatchObject({ 'end-user': 'yunqi2018', 'content-length': String(received.bytes), 'content-type': expect.stringContaining('multipart/form-data; boundary=') })
  expect(received.bytes).toBeGreaterThan(photo.length)
  expect(received.text).toContain('name="style"\r\n\r\nink-wash')
})

test('does not show the original again when it is large', async () => {
  const { text } = await post(await bank({ addedValues: v3(styled()) }), Buffer.alloc(9 * 1024 * 1024)).expect(200)
  expect(text).toContain('The original is too large to be shown here again')
  expect(text.length).toBeLessThan(100_000)
})

test('gives back the memory of the originals it kept', async () => {
  const tested = await bank({ addedValues: v3(styled()) })
  for (let i = 0; i < 9; i++) {
    const { text } = await post(tested, Buffer.alloc(7 * 1024 * 1024)).expect(200)
    expect(text).toMatch(/<img src="data:image\/png;base64,AAAA[^"]+" alt="Your photo as it was"/)
  }
}, 30_000)

test('shows no original that a browser would not show as a picture', async () => {
  const { text } = await post(await bank({ addedValues: v3(styled()) }), Buffer.from('<svg onload="alert(1)"/>'), 'image/svg+xml').expect(200)
  expect(text).not.toContain('svg+xml;base64')
})

test.each([
  [400, { code: 'bad_form', message: 'x', field: 'image' }, 'There is no photo in the form'],
  [400, { code: 'bad_form', message: 'x', field: 'style' }, 'There is no such style'],
  [413, { code: 'too_large', message: 'x' }, 'The photo is too large'],
  [415, { code: 'not_a_photo', message: 'x' }, 'That file cannot be read as a picture'],
  [422, { code: 'unreadable', message: 'x' }, 'That file cannot be read as a picture'],
  [503, { code: 'busy', message: 'x' }, 'Many photos are being worked on'],
  [502, { code: 'styletransfer_blocked', message: 'x' }, 'Apply istio/serviceentry.yaml'],
  [504, { code: 'styletransfer_timeout', message: 'x' }, 'styletransfer did not answer within 60 s'],
  [503, { code: 'styletransfer_refused', message: 'x' }, 'Connection refused'],
  [500, { code: 'something_new', message: 'A new reason' }, 'A new reason']
])('%i %j is told in words', async (status, body, words) => {
  const { text } = await post(await bank({ addedValues: v3(failing(status, body)) })).expect(status)
  expect(text).toContain(words)
  expect(text).toContain('role="alert"><p>')
})

test('a form without a chosen file is told as that', async () => {
  const { text } = await post(await bank({ addedValues: v3(failing(415, { code: 'not_a_photo', message: 'x' })) }), Buffer.alloc(0)).expect(415)
  expect(text).toContain('There is no photo in the form')
})

test.each(['v1', 'v2'])('where %s answers, the window says so and which rule to apply', async (version) => {
  const { http } = await bank({ addedValues: failing(404, { code: 'not_in_this_version', message: 'x', version }, version) })
  const { text } = await http.get('/styletransfer').expect(200)
  expect(text).toContain(`addedvalues ${version} answered this request`)
  expect(text).toContain('virtual-service-user-v2-v3.yaml')
  expect((await post({ http } as Bank).expect(404)).text).toContain(`addedvalues ${version} answered this request`)
})

test('an upload that is too long is refused, told by its length or not', async () => {
  const tested = await bank({ addedValues: v3(styled()), env: { UPLOAD_MAX_BYTES: '100000' } })
  expect((await post(tested, Buffer.alloc(200_000)).expect(413)).text).toContain('The upload is too large')
  const reply = await chunked(tested, 3_000_000, { accept: 'image/*' })
  expect(reply).toMatchObject({ status: 413, body: expect.stringContaining('"too_large"') })
})

test('asks for a form when something else is sent', async () => {
  const { http } = await bank({ addedValues: v3(styled()) })
  await http.post('/styletransfer').type('json').send({ style: 'neon' }).expect(415)
  await http.post('/styletransfer').expect(415)
})

test('a visitor who goes away ends the upload at the other side', async () => {
  const gone = vi.fn()
  const tested = await bank({ addedValues: v3((request) => { request.resume().on('close', gone) }) })
  const { port } = tested.app.server.address() as AddressInfo
  const sending = httpRequest({ agent: false, port, host: '127.0.0.1', path: '/styletransfer', method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=b', 'transfer-encoding': 'chunked' } })
  sending.on('error', () => {})
  sending.write('--b\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n\r\nstart')
  await vi.waitFor(() => expect(tested.asked.map(({ url }) => url)).toContain('/styletransfer/transfer'), { timeout: 10_000 })
  sending.destroy()
  await vi.waitFor(() => expect(gone).toHaveBeenCalled(), { timeout: 10_000 })
})

test('an upload is sent once, whatever becomes of it', async () => {
  const tested = await bank({ addedValues: v3((request) => { request.socket.destroy() }) })
  await post(tested).expect(502)
  expect(tested.asked.filter(({ url }) => url === '/styletransfer/transfer')).toHaveLength(1)
})

test('passes previews on, with what a cache needs', async () => {
  const { http } = await bank({ addedValues: v3(styled()) })
  const reply = await http.get('/styletransfer/styles/neon/preview').expect(200)
  expect(reply.headers).toMatchObject({ 'content-type': 'image/jpeg', etag: '"7"' })
  await http.get('/styletransfer/styles/..%2F..%2Fmetrics/preview').expect(400)
})

/** Sends a form without saying its length. */
function chunked (tested: Bank, bytes: number, headers: Record<string, string>): Promise<{ status: number | undefined, body: string }> {
  const { port } = tested.app.server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const sending = httpRequest({ agent: false, port, host: '127.0.0.1', path: '/styletransfer', method: 'POST', headers: { ...headers, 'content-type': 'multipart/form-data; boundary=b', 'transfer-encoding': 'chunked' } }, async (response) => {
      let body = ''
      for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) body += chunk
      resolve({ status: response.statusCode, body })
    })
    sending.on('error', reject)
    sending.write('--b\r\ncontent-disposition: form-data; name="image"; filename="a.jpg"\r\ncontent-type: image/jpeg\r\n\r\n')
    sending.write(Buffer.alloc(bytes))
    sending.end('\r\n--b--\r\n')
  })
}
