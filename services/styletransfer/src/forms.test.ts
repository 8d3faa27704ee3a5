import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sample } from './testing/pictures.ts'
import { service } from './testing/service.ts'

async function connected (env: Record<string, string>) {
  const running = await service(env)
  await running.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = running.app.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => { socket.destroy() })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return { ...running, socket, port }
}

const head = (extra = '') => `POST /transfer HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=B\r\ntransfer-encoding: chunked\r\n${extra}\r\n`
const chunk = (text: string | Buffer) => Buffer.concat([Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n`), Buffer.from(text), Buffer.from('\r\n')])

async function answerOf (socket: Socket): Promise<string> {
  let text = ''
  for await (const data of socket) {
    text += String(data)
    if (text.includes('\r\n\r\n')) break
  }
  return text.split('\r\n', 1)[0] ?? ''
}

describe('a form that is not as it should be', () => {
  it('is refused when it is no form at all', async () => {
    const { request } = await service()
    const { body } = await request.post('/transfer').send({ image: 'x' }).expect(415)
    expect(body.message).toContain('multipart/form-data')
    await request.post('/transfer').expect(415)
  })

  it.each([
    ['image', 'missing', async () => ({ fields: { style: 'neon' }, files: {} })],
    ['style', 'which style', async () => ({ fields: {}, files: { image: 'bright.jpg' } })],
    ['style', 'no style "cubism"', async () => ({ fields: { style: 'cubism' }, files: { image: 'bright.jpg' } })],
    ['style', 'Both', async () => ({ fields: { style: 'neon' }, files: { image: 'bright.jpg', styleImage: 'night.jpg' } })],
    ['strength', '0 to 100', async () => ({ fields: { style: 'neon', strength: '101' }, files: { image: 'bright.jpg' } })],
    ['detail', '0 to 100', async () => ({ fields: { style: 'neon', detail: '1e1' }, files: { image: 'bright.jpg' } })],
    ['format', 'jpeg, png', async () => ({ fields: { style: 'neon', format: 'bmp' }, files: { image: 'bright.jpg' } })],
    ['download', 'true or false', async () => ({ fields: { style: 'neon', download: 'yes' }, files: { image: 'bright.jpg' } })],
    ['colour', 'no field "colour"', async () => ({ fields: { style: 'neon', colour: 'red' }, files: { image: 'bright.jpg' } })],
    ['photo', 'no file field "photo"', async () => ({ fields: { style: 'neon' }, files: { photo: 'bright.jpg' } })],
    ['image', 'must be a file', async () => ({ fields: { style: 'neon', image: 'x' }, files: {} })]
  ])('names the field %s: %s', async (field, words, make) => {
    const { request } = await service()
    const { fields, files } = await make()
    let post = request.post('/transfer')
    for (const [name, value] of Object.entries(fields)) post = post.field(name, value ?? '')
    for (const [name, file] of Object.entries(files)) post = post.attach(name, await sample(file ?? ''), file)
    const { body, status } = await post
    expect([status, body.code, body.field]).toEqual([400, 'bad_form', field])
    expect(body.message).toContain(words)
  })

  it('names a field that came twice', async () => {
    const { request } = await service()
    const photo = await sample('bright.jpg')
    const twoImages = await request.post('/transfer').attach('image', photo, 'a.jpg').attach('image', photo, 'b.jpg').field('style', 'neon').expect(400)
    expect(twoImages.body).toMatchObject({ field: 'image', message: expect.stringContaining('twice') })
    const twoStyles = await request.post('/transfer').field('style', 'neon').field('style', 'comic').attach('image', photo, 'a.jpg').expect(400)
    expect(twoStyles.body).toMatchObject({ field: 'style', message: expect.stringContaining('twice') })
  })

  it('takes the untouched inputs of an HTML form as not given', async () => {
    const { port } = await connected({})
    const form = new FormData()
    form.set('image', new Blob([await sample('bright.jpg')]), 'a.jpg')
    form.set('style', 'duotone')
    form.set('strength', '')
    form.set('styleImage', new Blob([]), '')
    const response = await fetch(`http://127.0.0.1:${port}/transfer`, { method: 'POST', body: form })
    expect(response.status).toBe(200)
  })

  it('is refused with 400 when it breaks off', async () => {
    const { socket } = await connected({})
    socket.write(head())
    socket.write(chunk('--B\r\ncontent-disposition: form-data; name="image"; filename="a.jpg"\r\n\r\nabc'))
    socket.write('0\r\n\r\n')
    expect(await answerOf(socket)).toContain('400')
  })

  it('is ended with 413 when it never ends', async () => {
    const { socket } = await connected({ MAX_UPLOAD_BYTES: '100000' })
    socket.write(head())
    socket.write(chunk('--B\r\ncontent-disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'))
    const timer = setInterval(() => { socket.write(chunk(Buffer.alloc(20_000, 7))) }, 1)
    onTestFinished(() => { clearInterval(timer) })
    expect(await answerOf(socket)).toContain('413')
  })

  it('is refused with 400 when it has endless parts', async () => {
    const { socket } = await connected({})
    socket.write(head())
    for (let part = 0; part < 200; part++) socket.write(chunk(`--B\r\ncontent-disposition: form-data; name="f${part}"\r\n\r\nx\r\n`))
    expect(await answerOf(socket)).toContain('400')
  })

  it('is given up with 408 when it comes too slowly, and others are served meanwhile', async () => {
    const { socket, request } = await connected({ UPLOAD_SECONDS: '0.3' })
    socket.write(head())
    socket.write(chunk('--B\r\ncontent-disposition: form-data; name="image"; filename="a.jpg"\r\n\r\na'))
    const timer = setInterval(() => { socket.write(chunk('a')) }, 20)
    onTestFinished(() => { clearInterval(timer) })
    const [line] = await Promise.all([
      answerOf(socket),
      request.post('/transfer').attach('image', await sample('bright.jpg'), 'a.jpg').field('style', 'duotone').expect(200)
    ])
    expect(line).toContain('408')
  })
})
