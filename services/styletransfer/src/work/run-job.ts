import { mixed } from '../pixels/colours/colour.ts'
import { measurePalette, transferred } from '../pixels/colours/transfer.ts'
import type { Picture } from '../pixels/picture.ts'
import { findStyle } from '../styles/catalog.ts'
import { unitOf } from '../styles/style.ts'
import { decode } from './decode.ts'
import { encode } from './encode.ts'
import type { Job, Outcome } from './job.ts'

/** Longer side of the copy that a palette is measured on. */
const measureEdge = 384

/**
 * The whole work on one photo: decode, style, encode.
 *
 * @param checkpoint called between steps; what it throws ends the work
 * @throws ServiceError 4xx when a picture cannot be taken
 */
export async function runJob (job: Job, checkpoint: () => void): Promise<Outcome> {
  const start = performance.now()
  const photo = await decode(job.image, job.limits)
  checkpoint()
  const example = job.styleImage === undefined ? undefined : await decode(job.styleImage, { ...job.limits, edge: measureEdge })
  checkpoint()
  const decoded = performance.now()
  const styled = example === undefined
    ? renderStyle(photo.picture, job, checkpoint)
    : mixed(photo.picture, transferred(photo.picture, measurePalette(sampled(photo.picture)), measurePalette(example.picture)), job.strength)
  checkpoint()
  const drawn = performance.now()
  const format = job.format ?? (photo.alpha === undefined ? 'jpeg' : 'png')
  const bytes = await encode({ ...photo, picture: styled }, format)
  const end = performance.now()
  const { width, height } = styled
  return { bytes, format, width, height, timings: { decode: decoded - start, style: drawn - decoded, encode: end - drawn } }
}

/** A picture in a style, as strong as wanted. */
export function renderStyle (picture: Picture, { style: id, strength, detail }: Pick<Job, 'style' | 'strength' | 'detail'>, checkpoint: () => void): Picture {
  const style = findStyle(id ?? '')
  if (style === undefined) throw new Error(`no style ${id}`)
  const styled = style.render(picture, { strength, detail, unit: unitOf(picture.width, picture.height), checkpoint })
  return style.blends === true ? styled : mixed(picture, styled, strength)
}

/** Every n-th row and column, some hundred a side: enough for a palette. */
function sampled (picture: Picture): Picture {
  const step = Math.max(1, Math.floor(Math.max(picture.width, picture.height) / measureEdge))
  const width = Math.ceil(picture.width / step)
  const height = Math.ceil(picture.height / step)
  const data = new Uint8ClampedArray(width * height * 3)
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++, o += 3) {
      const i = (y * step * picture.width + x * step) * 3
      data[o] = picture.data[i]
      data[o + 1] = picture.data[i + 1]
      data[o + 2] = picture.data[i + 2]
    }
  }
  return { width, height, data }
}
