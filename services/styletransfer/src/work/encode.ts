import sharp, { type Sharp } from 'sharp'
import type { OutputFormat } from '../intake/output-format.ts'
import type { Photo } from './decode.ts'

/** Writes a photo without any metadata. Transparency is kept by every format but JPEG, where it lies on white. */
export async function encode ({ picture, alpha }: Photo, format: OutputFormat): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = picture
  const raw = alpha === undefined || format === 'jpeg'
    ? sharp(picture.data, { raw: { width, height, channels: 3 } })
    : sharp(joined(picture.data, alpha), { raw: { width, height, channels: 4 } })
  const data = await written(raw, format).toBuffer()
  // Whoever sends it to another thread sends the whole buffer: nothing else may be in it.
  return data.byteOffset === 0 && data.byteLength === data.buffer.byteLength && data.buffer instanceof ArrayBuffer
    ? new Uint8Array(data.buffer)
    : new Uint8Array(data)
}

function written (image: Sharp, format: OutputFormat): Sharp {
  switch (format) {
    case 'jpeg': return image.jpeg({ quality: 88 })
    case 'png': return image.png({ compressionLevel: 6, adaptiveFiltering: false })
    case 'webp': return image.webp({ quality: 86, effort: 2 })
    case 'avif': return image.avif({ quality: 62, effort: 2 })
  }
}

function joined (rgb: Uint8ClampedArray, alpha: Uint8Array): Uint8Array {
  const out = new Uint8Array(alpha.length * 4)
  for (let p = 0, i = 0, o = 0; p < alpha.length; p++, i += 3, o += 4) {
    out[o] = rgb[i]
    out[o + 1] = rgb[i + 1]
    out[o + 2] = rgb[i + 2]
    out[o + 3] = alpha[p]
  }
  return out
}
