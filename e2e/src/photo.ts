import { crc32, deflateSync } from 'node:zlib'

const width = 320
const height = 240

/** A small PNG that looks like a landscape: a sky, a sun, hills. 320 by 240 pixels, RGB, 8 bit (RFC 2083). */
export function photo (): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const hill = 150 + 30 * Math.sin(x / 40) + 12 * Math.sin(x / 11)
      const sun = Math.hypot(x - 240, y - 60) < 28
      const colour = sun ? [255, 226, 120] : y > hill ? [50 + y / 4, 110 + (x % 17), 60] : [90 + y / 2, 150 + y / 4, 225]
      rows.set(colour.map(Math.round), y * (1 + width * 3) + 1 + x * 3)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

function chunk (type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8 + body.length)
  frame.writeUInt32BE(data.length, 0)
  body.copy(frame, 4)
  frame.writeUInt32BE(crc32(body) >>> 0, 4 + body.length)
  return frame
}
