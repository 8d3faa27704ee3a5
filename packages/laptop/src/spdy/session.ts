/** Many streams over one connection: SPDY/3.1, as kubectl's port-forward speaks it (without flow control, which it does not have). */
import { Duplex } from 'node:stream'
import { controlFrame, createFrameReader, dataFrame, fin, maxPayload, type, type Frame } from './frame.ts'
import { createHeaderCodec, type Headers } from './header-block.ts'

export interface SpdyStream extends Duplex {
  readonly headers: Headers
}

export interface SessionOptions {
  /** Called for each stream that the peer opens. */
  readonly onStream?: (stream: SpdyStream) => void
  /** Who asked for the connection: its streams have odd numbers. */
  readonly client: boolean
}

export interface Session {
  /** Opens a stream; data may be written at once. */
  readonly open: (headers: Headers) => Promise<SpdyStream>
  /** Ends every stream, then the connection. */
  readonly close: () => void
}

/** Statuses of RST_STREAM. */
const reset = { protocolError: 1, cancel: 5 }

/** Begins a session on a connection, and ends with it. */
export function createSession (connection: Duplex, { onStream, client }: SessionOptions): Session {
  const codec = createHeaderCodec()
  const streams = new Map<number, SessionStream>()
  const readFrames = createFrameReader()
  let next = client ? 1 : 2
  let closed = false
  // Header blocks share one zlib stream in each direction, so frames are read and written strictly one after the other.
  let reading: Promise<void> = Promise.resolve()
  let writing: Promise<void> = Promise.resolve()

  const send = (frame: Buffer, done?: (error?: Error | null) => void): void => {
    if (closed || connection.writableEnded || connection.destroyed) done?.()
    else connection.write(frame, done)
  }
  const sendHeaders = async (kind: number, before: Buffer, headers: Headers): Promise<void> => {
    writing = writing.then(async () => { send(controlFrame(kind, Buffer.concat([before, await codec.pack(headers)]))) })
    await writing
  }
  const close = (): void => {
    if (closed) return
    closed = true
    for (const stream of streams.values()) stream.destroy()
    streams.clear()
    codec.close()
    connection.destroy()
  }
  const createStream = (id: number, headers: Headers): SessionStream => {
    const stream = new SessionStream(headers, {
      send: (data, flags, done) => { send(dataFrame(id, data, flags), done) },
      wantsMore: () => { if (![...streams.values()].some(({ isFull }) => isFull)) connection.resume() },
      ended: (isReset) => {
        streams.delete(id)
        if (isReset) send(controlFrame(type.rstStream, Buffer.concat([number32(id), number32(reset.cancel)])))
      }
    })
    // Its owner hears of it, too; a stream that breaks must not end the process.
    stream.on('error', () => {})
    streams.set(id, stream)
    return stream
  }
  const control = async (frame: Extract<Frame, { kind: 'control' }>): Promise<void> => {
    const { payload } = frame
    const id = payload.length >= 4 ? payload.readUInt32BE() & 0x7fffffff : 0
    switch (frame.type) {
      case type.synStream: {
        const headers = await codec.unpack(payload.subarray(10))
        if (onStream === undefined || streams.has(id)) {
          send(controlFrame(type.rstStream, Buffer.concat([number32(id), number32(reset.protocolError)])))
          return
        }
        await sendHeaders(type.synReply, number32(id), {})
        const stream = createStream(id, headers)
        onStream(stream)
        if ((frame.flags & fin) !== 0) stream.push(null)
        return
      }
      // What these say is not needed, but their blocks belong to the one zlib stream.
      case type.synReply:
      case type.headers:
        await codec.unpack(payload.subarray(4))
        if ((frame.flags & fin) !== 0) streams.get(id)?.push(null)
        return
      case type.rstStream:
        streams.get(id)?.dropped()
        return
      case type.ping:
        // A ping of ours would come back with our parity.
        if (id % 2 === (client ? 0 : 1)) send(controlFrame(type.ping, payload))
        return
      case type.goAway:
        close()
    }
  }
  const take = async (frame: Frame): Promise<void> => {
    if (closed) return
    if (frame.kind === 'control') {
      await control(frame)
      return
    }
    const stream = streams.get(frame.stream)
    if (stream === undefined) return
    if (frame.payload.length > 0 && !stream.receive(frame.payload)) connection.pause()
    if ((frame.flags & fin) !== 0) stream.push(null)
  }

  connection.on('data', (bytes: Buffer) => {
    reading = reading.then(async () => { for (const frame of readFrames(bytes)) await take(frame) })
    reading.catch(close)
  })
  connection.on('end', close)
  connection.on('error', close)
  connection.on('close', close)
  return {
    open: async (headers) => {
      if (closed) throw new Error('SPDY: the session is over')
      const id = next
      next += 2
      const stream = createStream(id, headers)
      // Associated stream, priority and slot: none.
      await sendHeaders(type.synStream, Buffer.concat([number32(id), Buffer.alloc(6)]), headers)
      return stream
    },
    close
  }
}

interface StreamOwner {
  readonly send: (data: Buffer, flags: number, done: (error?: Error | null) => void) => void
  readonly wantsMore: () => void
  readonly ended: (isReset: boolean) => void
}

class SessionStream extends Duplex implements SpdyStream {
  readonly headers: Headers
  /** Nobody reads as fast as data comes. */
  isFull = false
  private readonly owner: StreamOwner
  private isDropped = false

  constructor (headers: Headers, owner: StreamOwner) {
    super({ allowHalfOpen: true })
    this.headers = headers
    this.owner = owner
  }

  /** @returns whether more may come */
  receive (data: Buffer): boolean {
    this.isFull = !this.push(data)
    return !this.isFull
  }

  /** The peer has thrown the stream away. */
  dropped (): void {
    this.isDropped = true
    this.destroy()
  }

  override _read (): void {
    if (!this.isFull) return
    this.isFull = false
    this.owner.wantsMore()
  }

  override _write (data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    for (let from = maxPayload; from < data.length; from += maxPayload) this.owner.send(data.subarray(from - maxPayload, from), 0, () => {})
    this.owner.send(data.subarray(Math.floor((data.length - 1) / maxPayload) * maxPayload), 0, done)
  }

  override _final (done: (error?: Error | null) => void): void {
    this.owner.send(Buffer.alloc(0), fin, done)
  }

  override _destroy (error: Error | null, done: (error?: Error | null) => void): void {
    const isWhole = this.readableEnded && this.writableFinished
    this.owner.ended(!isWhole && !this.isDropped)
    done(error)
  }
}

function number32 (value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
