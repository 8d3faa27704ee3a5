import { join } from 'node:path'
import sharp from 'sharp'
import { landscape, portrait, type Scene } from '../scripts/scenes.ts'
import { randomFrom } from '../scripts/random.ts'

/** Files of photos as a camera stores them. */
export interface CameraPhotos {
  /** 12 megapixels, by what they show. */
  readonly twelve: Readonly<Record<'landscape' | 'portrait', string>>
  /** 24 megapixels. */
  readonly twentyFour: string
}

/** Draws the photos and stores them with `write` in a folder; `scale` 0.5 makes them half as wide, for a run that only shows that the bench works. */
export async function cameraPhotos (folder: string, scale: number, write: (name: string, bytes: Uint8Array) => Promise<void>): Promise<CameraPhotos> {
  await write('landscape.jpg', await cameraPhoto(landscape(), 4000 * scale, 3000 * scale))
  await write('portrait.jpg', await cameraPhoto(portrait(), 3000 * scale, 4000 * scale))
  await write('large.jpg', await cameraPhoto(landscape(), 6000 * scale, 4000 * scale))
  return { twelve: { landscape: join(folder, 'landscape.jpg'), portrait: join(folder, 'portrait.jpg') }, twentyFour: join(folder, 'large.jpg') }
}

/** A drawing as a camera of so many pixels would store it: JPEG with noise, some megabytes. */
async function cameraPhoto ({ svg }: Scene, width: number, height: number): Promise<Uint8Array> {
  const drawn = await sharp(Buffer.from(svg)).flatten().png().toBuffer()
  const { data, info } = await sharp(drawn).resize(width, height, { fit: 'cover' }).sharpen({ sigma: 4 }).raw().toBuffer({ resolveWithObject: true })
  const random = randomFrom(5)
  for (let i = 0; i < data.length; i++) data[i] = Math.min(255, Math.max(0, data[i] + (random() - 0.5) * 14))
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } }).jpeg({ quality: 90 }).toBuffer()
}
