import { ServiceError } from '@bankinfo/service'
import sharp, { type Metadata, type Sharp } from 'sharp'
import { notAPhoto, unreadable } from '../intake/problems.ts'
import type { Picture } from '../pixels/picture.ts'
import { createPicture } from '../pixels/picture.ts'
import type { PhotoLimits, SourceImage } from './job.ts'

/** A photo ready to be styled: upright, sRGB, no larger than wanted, on white where it was transparent. */
export interface Photo {
  readonly picture: Picture
  /** Opacity of each pixel, 0 to 255; absent when the photo has none. */
  readonly alpha?: Uint8Array
}

/** Turns and mirrors for the eight EXIF orientations (EXIF 2.32, tag 0x0112); flop mirrors left and right, before the turn. */
const orientations: Readonly<Record<number, { readonly flop: boolean, readonly turn: 0 | 90 | 180 | 270 }>> = {
  2: { flop: true, turn: 0 },
  3: { flop: false, turn: 180 },
  4: { flop: true, turn: 180 },
  5: { flop: true, turn: 270 },
  6: { flop: false, turn: 90 },
  7: { flop: true, turn: 90 },
  8: { flop: false, turn: 270 }
}

/**
 * Reads a photo: its header first, against the limits, then its pixels.
 *
 * @throws ServiceError 415 when this build has no decoder for it, 422 when it is beyond a limit or damaged
 */
export async function decode (source: SourceImage, limits: PhotoLimits): Promise<Photo> {
  // A warning (a stray byte, an odd tag) is no reason to refuse a photo that any viewer shows; an error is.
  const options = { failOn: 'error', limitInputPixels: limits.pixels, pages: 1, sequentialRead: true } as const
  const image = sharp(source.bytes, options)
  const metadata = await readHeader(image, source)
  check(metadata, source, limits)
  try {
    const { data, info } = await image
      .timeout({ seconds: Math.ceil(limits.seconds) })
      .resize({ width: limits.edge, height: limits.edge, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const upright = await turned(data, { width: info.width, height: info.height }, metadata.orientation ?? 1)
    return split(upright.data, { ...upright, transparent: metadata.hasAlpha === true })
  } catch (error) {
    throw described(error, source)
  }
}

async function readHeader (image: Sharp, source: SourceImage): Promise<Metadata> {
  try {
    return await image.metadata()
  } catch (error) {
    throw described(error, source)
  }
}

function check (metadata: Metadata, { field, format }: SourceImage, limits: PhotoLimits): void {
  // Two readers that disagree on what a file is: a file made to be more than one thing.
  if (metadata.format !== format) throw notAPhoto(field, `a ${metadata.format ?? 'file'} disguised as ${format}`)
  const { width, height } = metadata
  if (width * height > limits.pixels) {
    throw new ServiceError(422, 'too_many_pixels', `"${field}" has ${width} x ${height} pixels; at most ${limits.pixels / 1e6} million are taken. Make it smaller first.`, { details: { field, width, height, maxPixels: limits.pixels } })
  }
  const frames = metadata.pages ?? 1
  if (frames > limits.frames) {
    throw new ServiceError(422, 'too_many_frames', `"${field}" has ${frames} frames or pages; at most ${limits.frames} are taken.`, { details: { field, frames, maxFrames: limits.frames } })
  }
}

async function turned (data: Buffer, size: { width: number, height: number }, orientation: number): Promise<{ data: Buffer, width: number, height: number }> {
  const how = orientations[orientation]
  if (how === undefined) return { data, ...size }
  const flopped = how.flop ? await sharp(data, { raw: { ...size, channels: 4 } }).flop().raw().toBuffer() : data
  const { data: upright, info } = await sharp(flopped, { raw: { ...size, channels: 4 } }).rotate(how.turn).raw().toBuffer({ resolveWithObject: true })
  return { data: upright, width: info.width, height: info.height }
}

function split (data: Buffer, { width, height, transparent }: { width: number, height: number, transparent: boolean }): Photo {
  const picture = createPicture(width, height)
  const alpha = new Uint8Array(width * height)
  let opaque = true
  for (let p = 0, i = 0, o = 0; p < alpha.length; p++, i += 4, o += 3) {
    const cover = data[i + 3]
    alpha[p] = cover
    if (cover === 255) {
      picture.data[o] = data[i]
      picture.data[o + 1] = data[i + 1]
      picture.data[o + 2] = data[i + 2]
    } else {
      opaque = false
      const white = 255 - cover
      picture.data[o] = (data[i] * cover) / 255 + white
      picture.data[o + 1] = (data[i + 1] * cover) / 255 + white
      picture.data[o + 2] = (data[i + 2] * cover) / 255 + white
    }
  }
  return transparent && !opaque ? { picture, alpha } : { picture }
}

/** What sharp and libvips say of a file they cannot read, as an answer that helps. */
function described (error: unknown, { field, format }: SourceImage): unknown {
  if (error instanceof ServiceError || !(error instanceof Error)) return error
  const text = error.message
  if (/timeout/i.test(text)) return error
  if (format === 'heif' && /codec|compression|decoder|unsupported|no .*plugin|bitstream not supported/i.test(text)) {
    return notAPhoto(field, 'a HEIC picture, which this build cannot read (in the camera settings of an iPhone choose "Most Compatible")')
  }
  if (/pixel limit/i.test(text)) return new ServiceError(422, 'too_many_pixels', `"${field}" has more pixels than are taken. Make it smaller first.`, { details: { field } })
  return unreadable(field, reasonOf(text))
}

/** First line of a libvips message without names of inner functions. */
function reasonOf (text: string): string {
  const line = text.split('\n').find((part) => part.trim() !== '') ?? ''
  const plain = line.replace(/^(Input (buffer|file) (has|contains) )/, '').replace(/^[\w ]*: /, '').replace(/[^\x20-\x7e]/g, '').slice(0, 120)
  return plain === '' ? 'no pixels could be read' : plain
}
