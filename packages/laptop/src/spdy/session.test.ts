import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { eventually } from '../testing/fixture.ts'
import { controlFrame, createFrameReader, dataFrame, fin, type } from './frame.ts'
import { createHeaderCodec, dictionary } from './header-block.ts'
import { createSession, type SpdyStream } from './session.ts'

const closing: Array<() => void> = []
afterEach(() => { for (const close of closing.splice(0)) close() })

async function sockets (): Promise<readonly [client: Socket, server: Socket]> {
  const listener = createServer()
  listener.listen({ host: '127.0.0.1', port: 0 })
  await once(listener, 'listening')
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1')
  const [[server]] = await Promise.all([once(listener, 'connection') as Promise<[Socket]>, once(client, 'connect')])
  closing.push(() => { client.destroy(); server.destroy(); listener.close() })
  return [client, server]
}

async function textOf (stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

it('has the dictionary of the protocol', () => {
  // SHA-256 of the 1423 bytes in the document.
  expect([dictionary.length, createHash('sha256').update(dictionary).digest('hex').slice(0, 16)]).toEqual([1423, '51d27341373f923f'])
})

it('packs and unpacks header blocks one after the other', async () => {
  const [one, other] = [createHeaderCodec(), createHeaderCodec()]
  closing.push(one.close, other.close)
  for (const headers of [{ streamtype: 'data', port: '80' }, {}, { streamtype: 'data', port: '80', more: 'ü'.repeat(100) }]) expect(await other.unpack(await one.pack(headers))).toEqual(headers)
  await expect(other.unpack(Buffer.from('no zlib'))).rejects.toThrow()
})

it('finds frames however the bytes are cut', () => {
  const bytes = Buffer.concat([dataFrame(1, Buffer.from('hello'), fin), controlFrame(type.ping, Buffer.of(0, 0, 0, 1)), dataFrame(3, Buffer.alloc(0))])
  for (const size of [1, 3, 8, 100]) {
    const read = createFrameReader()
    const frames = []
    for (let at = 0; at < bytes.length; at += size) frames.push(...read(bytes.subarray(at, at + size)))
    expect(frames).toMatchObject([{ kind: 'data', stream: 1, flags: fin, payload: Buffer.from('hello') }, { kind: 'control', type: type.ping }, { stream: 3, payload: Buffer.alloc(0) }])
  }
  expect(() => createFrameReader()(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toThrow('SPDY: a frame of')
  expect(() => createFrameReader()(Buffer.of(0x80, 2, 0, 1, 0, 0, 0, 0))).toThrow('version 2 came, 3 is expected')
})

it('carries streams side by side, each half closed on its own, and large bodies whole', async () => {
  const [left, right] = await sockets()
  const server = createSession(right, { client: false, onStream: (stream) => { stream.pipe(stream) } })
  const client = createSession(left, { client: true })
  closing.push(server.close, client.close)
  const bodies = [randomBytes(5 * 1024 * 1024), Buffer.from('small'), Buffer.alloc(0)]
  const echoed = await Promise.all(bodies.map(async (body) => {
    const stream = await client.open({ a: 'b' })
    stream.end(body)
    const pieces: Buffer[] = []
    for await (const piece of stream) pieces.push(piece as Buffer)
    return Buffer.concat(pieces)
  }))
  expect(echoed.map((body, index) => body.equals(bodies[index] ?? Buffer.of(1)))).toEqual([true, true, true])
})

it('does not read on while nobody takes what came', async () => {
  const [left, right] = await sockets()
  let received: SpdyStream | undefined
  closing.push(createSession(right, { client: false, onStream: (stream) => { received = stream } }).close)
  const client = createSession(left, { client: true })
  closing.push(client.close)
  const stream = await client.open({})
  let isDone = false
  stream.write(Buffer.alloc(16 * 1024 * 1024), () => { isDone = true })
  stream.end()
  const waiting = await eventually('the stream', () => received)
  await eventually('the pause', () => right.isPaused())
  expect(isDone).toBe(false)
  expect((await textOf(waiting)).length).toBe(16 * 1024 * 1024)
})

it('tells the other end of a stream that is thrown away, and ends all streams with the connection', async () => {
  const [left, right] = await sockets()
  const received: SpdyStream[] = []
  createSession(right, { client: false, onStream: (stream) => { received.push(stream.resume() as SpdyStream) } })
  const client = createSession(left, { client: true })
  const [first, second] = [await client.open({ name: 'first' }), await client.open({ name: 'second' })]
  first.on('error', () => {}).destroy()
  await eventually('the end of the first', () => received[0]?.destroyed)
  expect([received[0]?.headers, received[1]?.destroyed]).toEqual([{ name: 'first' }, false])
  right.destroy()
  await eventually('the end of the second', () => second.destroyed && received[1]?.destroyed)
  await expect(client.open({})).rejects.toThrow('over')
})

it('survives what is no SPDY', async () => {
  for (const bytes of [Buffer.from('\x80\x03\x00\x01\x00\x00\x00\x14' + 'x'.repeat(20), 'latin1'), Buffer.of(0x80, 9, 0, 1, 0, 0, 0, 0), Buffer.from('\x80\x03\x00\x01\x00\x00\x00\x02xx', 'latin1')]) {
    const [left, right] = await sockets()
    createSession(right, { client: false, onStream: (stream) => { stream.resume() } })
    left.on('error', () => {})
    left.resume()
    left.write(bytes)
    await eventually('the end of the connection', () => right.destroyed)
  }
})
