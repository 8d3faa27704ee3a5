import sharp, { type Sharp } from 'sharp'
import { deflateSync, crc32 } from 'node:zlib'
import { readFile } from 'node:fs/promises'

/** One of the repo's own photos, by file name. */
export const sample = (name: string): Promise<Buffer> => readFile(new URL(`../../samples/${name}`, import.meta.url))

/** A picture with a red upper left quarter on green, so that turns and mirrors show. */
export function marked (width: number, height: number): Sharp {
  const red = { create: { width: Math.ceil(width / 2), height: Math.ceil(height / 2), channels: 3, background: '#e01010' } } as const
  return sharp({ create: { width, height, channels: 3, background: '#10a020' } }).composite([{ input: red, left: 0, top: 0 }])
}

function pngChunk (type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

/** A PNG whose header says so many pixels; its data are zeros that pack to almost nothing. */
export function pngBomb (width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.alloc(1024 * 1024))),
    pngChunk('IEND', Buffer.alloc(0))
  ])
}

/** A WebP in the extended format whose canvas is so large (RIFF container, chunk VP8X). */
export async function webpBomb (width: number, height: number): Promise<Buffer> {
  const small = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } }).webp().toBuffer()
  const extended = Buffer.alloc(18)
  extended.write('VP8X', 0, 'latin1')
  extended.writeUInt32LE(10, 4)
  extended.writeUIntLE(width - 1, 12, 3)
  extended.writeUIntLE(height - 1, 15, 3)
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), extended, small.subarray(12)])
  const riff = Buffer.alloc(8)
  riff.write('RIFF', 0, 'latin1')
  riff.writeUInt32LE(body.length, 4)
  return Buffer.concat([riff, body])
}
