import { createPicture, type Picture } from '../picture.ts'
import { enlarged, reduced } from '../resize.ts'

/**
 * Smooths a picture and keeps its edges: the recursive domain transform
 * (E. S. L. Gastal and M. M. Oliveira, "Domain transform for edge-aware image and video processing", SIGGRAPH 2011).
 *
 * @param space reach in pixels
 * @param range difference of colour, 0 to 1, that counts as an edge
 */
export function flattened (picture: Picture, { space, range, rounds = 2 }: FlattenOptions): Picture {
  // Where all that is smaller than some pixels goes anyway, half the width holds what is left.
  if (space < 8) return smoothed(picture, { space, range, rounds })
  return enlarged(smoothed(reduced(picture, 2), { space: space / 2, range, rounds }), picture.width, picture.height)
}

export interface FlattenOptions {
  readonly space: number
  readonly range: number
  readonly rounds?: number
}

function smoothed (picture: Picture, { space, range, rounds }: Required<FlattenOptions>): Picture {
  const { width, height, data } = picture
  const across = differences(data, { length: width * height, stride: 3 })
  const down = differences(data, { length: width * height, stride: width * 3 })
  const values = new Float32Array(data.length)
  values.set(data)
  for (let round = 0; round < rounds; round++) {
    const deviation = space * Math.sqrt(3) * 2 ** (rounds - round - 1) / Math.sqrt(4 ** rounds - 1)
    const decay = -Math.SQRT2 / deviation
    const weights = Float32Array.from({ length: 766 }, (_, difference) => Math.exp(decay * (1 + space / range * difference / 255)))
    smoothRows(values, { width, height, across, weights })
    smoothColumns(values, { width, height, down, weights })
  }
  const out = createPicture(width, height)
  out.data.set(values)
  return out
}

/** How far each pixel's colour lies from that of the one `stride` values before it, 0 to 765. */
function differences (data: Uint8ClampedArray, { length, stride }: { length: number, stride: number }): Uint16Array {
  const out = new Uint16Array(length)
  for (let p = stride / 3, i = stride; p < length; p++, i += 3) {
    const j = i - stride
    out[p] = Math.abs(data[i] - data[j]) + Math.abs(data[i + 1] - data[j + 1]) + Math.abs(data[i + 2] - data[j + 2])
  }
  return out
}

function smoothRows (values: Float32Array, { width, height, across, weights }: { width: number, height: number, across: Uint16Array, weights: Float32Array }): void {
  for (let y = 0; y < height; y++) {
    const start = y * width
    let i = start * 3
    let r = values[i]
    let g = values[i + 1]
    let b = values[i + 2]
    for (let x = 1; x < width; x++) {
      i += 3
      const weight = weights[across[start + x]]
      r = values[i] += (r - values[i]) * weight
      g = values[i + 1] += (g - values[i + 1]) * weight
      b = values[i + 2] += (b - values[i + 2]) * weight
    }
    for (let x = width - 1; x > 0; x--) {
      i -= 3
      const weight = weights[across[start + x]]
      r = values[i] += (r - values[i]) * weight
      g = values[i + 1] += (g - values[i + 1]) * weight
      b = values[i + 2] += (b - values[i + 2]) * weight
    }
  }
}

function smoothColumns (values: Float32Array, { width, height, down, weights }: { width: number, height: number, down: Uint16Array, weights: Float32Array }): void {
  for (let y = 1; y < height; y++) mixRow(y * width, (y - 1) * width, y * width)
  for (let y = height - 1; y > 0; y--) mixRow((y - 1) * width, y * width, y * width)

  function mixRow (to: number, from: number, weightsAt: number): void {
    for (let x = 0, i = to * 3, j = from * 3; x < width; x++, i += 3, j += 3) {
      const weight = weights[down[weightsAt + x]]
      values[i] += (values[j] - values[i]) * weight
      values[i + 1] += (values[j + 1] - values[i + 1]) * weight
      values[i + 2] += (values[j + 2] - values[i + 2]) * weight
    }
  }
}
