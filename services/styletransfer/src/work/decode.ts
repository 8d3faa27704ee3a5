import { ServiceError } from '@bankinfo/service/errors'
import sharp, { type Metadata } from 'sharp'
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
  const metadata = await readHeader(source)
  check(metadata, source, limits)
  try {
    const small = sharp(source.bytes, options)
      .timeout({ seconds: Math.ceil(limits.seconds) })
      .resize({ width: limits.edge, height: limits.edge, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
    const { data, info } = await (metadata.hasAlpha === true ? small.ensureAlpha() : small.removeAlpha())
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return separated(await turned({ data, ...info }, metadata.orientation ?? 1))
  } catch (error) {
    throw described(error, source)
  }
}

async function readHeader (source: SourceImage): Promise<Metadata> {
  try {
    // Too many pixels are refused by check, which can say how many they are.
    return await sharp(source.bytes, { limitInputPixels: false }).metadata()
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

interface Raw {
  readonly data: Buffer
  readonly width: number
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
}

async function turned (image: Raw, orientation: number): Promise<Raw> {
  const how = orientations[orientation]
  if (how === undefined) return image
  const open = ({ data, width, height, channels }: Raw) => sharp(data, { raw: { width, height, channels } })
  const flopped = how.flop ? { ...image, data: await open(image).flop().raw().toBuffer() } : image
  const { data, info } = await open(flopped).rotate(how.turn).raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: image.channels }
}

/** Colour on white, and opacity where there is any but full. */
function separated ({ data, width, height, channels }: Raw): Photo {
  const picture = createPicture(width, height)
  if (channels === 3) {
    picture.data.set(data)
    return { picture }
  }
  if (channels !== 4) throw new Error(`libvips gave ${channels} channels for sRGB`)
  const alpha = new Uint8Array(width * height)
  let opaque = true
  for (let p = 0, i = 0, o = 0; p < alpha.length; p++, i += 4, o += 3) {
    const cover = data[i + 3]
    const white = 255 - cover
    alpha[p] = cover
    opaque &&= cover === 255
    for (let channel = 0; channel < 3; channel++) picture.data[o + channel] = data[i + channel] * cover / 255 + white
  }
  return opaque ? { picture } : { picture, alpha }
}

/** What sharp and libvips say of a file they cannot read, as an answer that helps. */
function described (error: unknown, { field, format }: SourceImage): unknown {
  if (error instanceof ServiceError || !(error instanceof Error)) return error
  const text = error.message
  if (/timeout/i.test(text)) return error
  if (format === 'heif' && /codec|compression|decoder|unsupported|no .*plugin|bitstream not supported/i.test(text)) {
    return notAPhoto(field, 'a HEIC picture, which this build cannot read (in the camera settings of an iPhone choose "Most Compatible")')
  }
  return unreadable(field, reasonOf(text))
}

/** First line of a libvips message without names of inner functions. */
function reasonOf (text: string): string {
  const line = text.split('\n').find((part) => part.trim() !== '') ?? ''
  const plain = line.replace(/^(Input (buffer|file) (has|contains) )/, '').replace(/^[\w ]*: /, '').replace(/[^\x20-\x7e]/g, '').slice(0, 120)
  return plain === '' ? 'no pixels could be read' : plain
}
