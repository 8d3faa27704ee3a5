import { createPlane, type Picture, type Plane } from './picture.ts'

/** From 0 to 1 between two edges, smoothly. */
export function smoothstep (from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)))
  return t * t * (3 - 2 * t)
}

export const clamp01 = (value: number): number => value < 0 ? 0 : value > 1 ? 1 : value

export const lerp = (from: number, to: number, amount: number): number => from + (to - from) * amount

/** Share of a plane's values below each of 256 levels. */
function cumulative ({ data }: Plane): Float64Array {
  const counts = new Float64Array(256)
  for (let i = 0; i < data.length; i += 3) counts[Math.min(255, Math.max(0, (data[i] * 255) | 0))]++
  let sum = 0
  for (const count of counts) sum += count
  let below = 0
  return counts.map((count) => (below += count) / sum)
}

/**
 * Stretches light so that dark, pale and flat photos draw as well as good ones. `amount` 1 uses the whole range; a
 * picture of nearly one tone is not blown up into noise (gain is limited to 4).
 */
export function levelled (plane: Plane, amount = 1): Plane {
  const below = cumulative(plane)
  const low = below.findIndex((share) => share >= 0.005) / 255
  const high = below.findIndex((share) => share >= 0.995) / 255
  const middle = below.findIndex((share) => share >= 0.5) / 255
  const gain = Math.min(4, 1 / Math.max(0.01, high - low))
  const from = gain < 4 ? low : (low + high) / 2 - 0.125
  const centre = clamp01((middle - from) * gain)
  // Brings the median towards the middle; held between 0.6 and 1.3, so that night stays night and snow snow.
  const gamma = Math.min(1.3, Math.max(0.6, Math.log(0.5) / Math.log(Math.min(0.95, Math.max(0.05, centre)))))
  const curve = Float32Array.from({ length: 1025 }, (_, i) => {
    const value = i / 1024
    return lerp(value, clamp01((value - from) * gain) ** gamma, amount)
  })
  const out = createPlane(plane.width, plane.height)
  for (let i = 0; i < out.data.length; i++) out.data[i] = curve[(clamp01(plane.data[i]) * 1024) | 0]
  return out
}

/** A picture's colours after one curve on all channels, 0 to 255 in and out. */
export function curved (picture: Picture, curve: (value: number) => number): Picture {
  const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => curve(value))
  return { ...picture, data: picture.data.map((value) => table[value]) }
}
