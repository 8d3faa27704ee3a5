/** Frames of SPDY/3.1, as far as a port-forward needs them. https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/#TOC-2.2-Framing */

export const type = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7, headers: 8 } as const
/** Of a frame: the sender sends no more on the stream. */
export const fin = 1
const version = 3
const headerLength = 8
/** The length field has 24 bits; kubectl sends 32 KiB at most. */
const maxLength = 1024 * 1024

export type Frame =
  | { readonly kind: 'data', readonly stream: number, readonly flags: number, readonly payload: Buffer }
  | { readonly kind: 'control', readonly type: number, readonly flags: number, readonly payload: Buffer }

export function dataFrame (stream: number, payload: Buffer, flags = 0): Buffer {
  return Buffer.concat([head(stream, flags, payload.length), payload])
}

export function controlFrame (kind: number, payload: Buffer, flags = 0): Buffer {
  return Buffer.concat([head((0x8000 | version) * 0x10000 + kind, flags, payload.length), payload])
}

/** Longer data goes in several frames. */
export const maxPayload = 64 * 1024

function head (first: number, flags: number, length: number): Buffer {
  const bytes = Buffer.alloc(headerLength)
  bytes.writeUInt32BE(first)
  bytes.writeUInt32BE((flags << 24 | length) >>> 0, 4)
  return bytes
}

/** Takes bytes as they come, and gives the frames that are whole. @throws Error for another version of the protocol, or a frame that is too long */
export function createFrameReader (): (bytes: Buffer) => Frame[] {
  let pending: Buffer[] = []
  let length = 0
  let wanted = headerLength
  return (bytes) => {
    pending.push(bytes)
    length += bytes.length
    const frames: Frame[] = []
    // Pieces are put together once for a frame, not once for each piece.
    while (length >= wanted) {
      const [only] = pending
      const whole = only !== undefined && pending.length === 1 ? only : Buffer.concat(pending)
      const size = headerLength + whole.readUIntBE(5, 3)
      if (size > headerLength + maxLength) throw new Error(`SPDY: a frame of ${size} bytes`)
      pending = [whole]
      wanted = size
      if (length < size) break
      frames.push(parse(whole.subarray(0, size)))
      pending = [whole.subarray(size)]
      length -= size
      wanted = headerLength
    }
    return frames
  }
}

function parse (frame: Buffer): Frame {
  const flags = frame.readUInt8(4)
  const payload = frame.subarray(headerLength)
  const first = frame.readUInt32BE()
  if (first < 0x80000000) return { kind: 'data', stream: first, flags, payload }
  if ((first >>> 16 & 0x7fff) !== version) throw new Error(`SPDY: version ${first >>> 16 & 0x7fff} came, 3 is expected`)
  return { kind: 'control', type: first & 0xffff, flags, payload }
}
