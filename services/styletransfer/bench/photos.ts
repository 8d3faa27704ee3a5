import sharp from 'sharp'
import { landscape } from '../scripts/scenes.ts'
import { randomFrom } from '../scripts/random.ts'

/** A drawn landscape as a camera of so many pixels would store it: JPEG with noise, some megabytes. */
export async function cameraPhoto (width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const { svg } = landscape()
  const drawn = await sharp(Buffer.from(svg)).flatten().png().toBuffer()
  const { data, info } = await sharp(drawn).resize(width, height, { fit: 'cover' }).sharpen({ sigma: 4 }).raw().toBuffer({ resolveWithObject: true })
  const random = randomFrom(5)
  for (let i = 0; i < data.length; i++) data[i] = Math.min(255, Math.max(0, data[i] + (random() - 0.5) * 14))
  return new Uint8Array(await sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } }).jpeg({ quality: 90 }).toBuffer())
}
