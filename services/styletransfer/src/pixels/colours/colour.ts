import { labOf, rgbOf, type Lab } from './lab.ts'
import { createPicture, type Picture, type Plane, type Rgb } from '../picture.ts'
import { clamp01 } from '../tone.ts'

/** Moves a picture's light to a new plane and keeps its hues: channels scale alike, deep shadows are lifted with care. */
export function relit (picture: Picture, from: Plane, to: Plane): Picture {
  const out = createPicture(picture.width, picture.height)
  for (let p = 0, i = 0; p < from.data.length; p++, i += 3) {
    const ratio = (to.data[p] + 0.06) / (from.data[p] + 0.06)
    for (let channel = 0; channel < 3; channel++) out.data[i + channel] = picture.data[i + channel] * ratio
  }
  return out
}

/** Colours moved away from grey (amount over 1) or towards it; strong colours move less, so that none clips flat. */
export function vivid (picture: Picture, amount: number): Picture {
  const { width, height, data } = picture
  const out = createPicture(width, height)
  for (let i = 0; i < data.length; i += 3) {
    const r = data[i]
    const g = data[i + 1]
    const b = data[i + 2]
    const grey = 0.2126 * r + 0.7152 * g + 0.0722 * b
    const spread = (Math.max(r, g, b) - Math.min(r, g, b)) / 255
    const gain = amount > 1 ? 1 + (amount - 1) * (1 - spread * 0.7) : amount
    out.data[i] = grey + (r - grey) * gain
    out.data[i + 1] = grey + (g - grey) * gain
    out.data[i + 2] = grey + (b - grey) * gain
  }
  return out
}

/** One picture laid over another: 0 is all `below`, 1 all `above`. */
export function mixed (below: Picture, above: Picture, amount: number): Picture {
  const share = Math.round(clamp01(amount) * 256)
  if (share === 256) return above
  const out = createPicture(below.width, below.height)
  for (let i = 0; i < out.data.length; i++) out.data[i] = below.data[i] + ((above.data[i] - below.data[i]) * share >> 8)
  return out
}

/** Colours of a ramp of light, from black to white, between stops of equal distance in CIELAB; 256 entries of 3. */
export function ramp (stops: readonly Rgb[]): Uint8ClampedArray {
  const labs = stops.map(([r, g, b]) => labOf(r, g, b))
  const table = new Uint8ClampedArray(256 * 3)
  for (let level = 0; level < 256; level++) {
    const at = level / 255 * (labs.length - 1)
    const index = Math.min(labs.length - 2, Math.floor(at))
    const from = labs[index]
    const to = labs[index + 1]
    const mix = (channel: 0 | 1 | 2) => from[channel] + (to[channel] - from[channel]) * (at - index)
    table.set(rgbOf([mix(0), mix(1), mix(2)]), level * 3)
  }
  return table
}

/** A plane of light painted with a ramp. */
export function painted (light: Plane, colours: Uint8ClampedArray): Picture {
  const out = createPicture(light.width, light.height)
  for (let p = 0, i = 0; p < light.data.length; p++, i += 3) {
    const at = Math.round(clamp01(light.data[p]) * 255) * 3
    out.data[i] = colours[at]
    out.data[i + 1] = colours[at + 1]
    out.data[i + 2] = colours[at + 2]
  }
  return out
}

/**
 * The colours that a picture is mostly made of, darkest first: k-means in CIELAB over some 2,500 of its pixels,
 * begun at even steps of lightness so that it needs no chance.
 */
export function palette (picture: Picture, count: number): Lab[] {
  const samples: Lab[] = []
  const pixels = picture.width * picture.height
  // A step that shares no factor with usual widths does not sample columns.
  const step = Math.max(1, Math.floor(pixels / 2500)) | 1
  for (let p = 0; p < pixels; p += step) samples.push(labOf(picture.data[p * 3], picture.data[p * 3 + 1], picture.data[p * 3 + 2]))
  samples.sort((one, other) => one[0] - other[0])
  let centres = Array.from({ length: count }, (_, index) => samples[Math.floor((index + 0.5) * samples.length / count)])
  for (let round = 0; round < 8; round++) {
    const sums = centres.map(() => [0, 0, 0, 0] as [number, number, number, number])
    for (const sample of samples) {
      const sum = sums[nearest(centres, sample)]
      sum[0] += sample[0]
      sum[1] += sample[1]
      sum[2] += sample[2]
      sum[3]++
    }
    centres = sums.map(([l, a, b, n], index): Lab => n === 0 ? centres[index] : [l / n, a / n, b / n])
  }
  return centres.sort((one, other) => one[0] - other[0])
}

/** Index of the centre nearest to a colour. */
export function nearest (centres: readonly Lab[], [l, a, b]: Lab): number {
  let best = 0
  let least = Infinity
  for (let index = 0; index < centres.length; index++) {
    const centre = centres[index]
    const distance = (centre[0] - l) ** 2 + (centre[1] - a) ** 2 + (centre[2] - b) ** 2
    if (distance < least) {
      least = distance
      best = index
    }
  }
  return best
}
