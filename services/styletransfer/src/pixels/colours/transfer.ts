import { clamp01 } from '../tone.ts'
import { createPicture, type Picture } from '../picture.ts'
import { labOf, rgbOf } from './lab.ts'

type Pair = readonly [number, number]
/** A symmetric 2 x 2 matrix: [[a, b], [b, c]]. */
interface Symmetric { readonly a: number, readonly b: number, readonly c: number }

/** How light and colour lie in a picture, in CIELAB. */
export interface Palette {
  readonly meanLight: number
  readonly deviationLight: number
  /** Share of pixels at most as light as each of 256 levels of L (0 to 100). */
  readonly ranks: Float64Array
  /** Colour of the shadows, the middle and the lights: mean and covariance of a and b. */
  readonly zones: ReadonlyArray<{ readonly mean: Pair, readonly covariance: Symmetric }>
}

const levels = 256
const zoneCentres = [1 / 6, 1 / 2, 5 / 6] as const

/** Weights of shadows, middle and lights for a rank, 0 (darkest pixel) to 1 (lightest); they add up to 1. */
function zoneWeights (rank: number): readonly [number, number, number] {
  const at = Math.min(2, Math.max(0, (rank - zoneCentres[0]) * 3))
  return [Math.max(0, 1 - at), 1 - Math.abs(at - 1), Math.max(0, at - 1)]
}

/** Measures a picture of some hundred pixels a side. */
export function measurePalette ({ width, height, data }: Picture): Palette {
  const count = width * height
  const lab = new Float32Array(count * 3)
  const ranks = new Float64Array(levels)
  let sum = 0
  let squares = 0
  for (let i = 0; i < lab.length; i += 3) {
    lab.set(labOf(data[i], data[i + 1], data[i + 2]), i)
    sum += lab[i]
    squares += lab[i] * lab[i]
    ranks[levelOf(lab[i])]++
  }
  let below = 0
  for (let level = 0; level < levels; level++) ranks[level] = below += ranks[level] / count
  const meanLight = sum / count
  return { meanLight, deviationLight: Math.sqrt(Math.max(0, squares / count - meanLight ** 2)), ranks, zones: measureZones(lab, ranks) }
}

const levelOf = (lightness: number) => Math.min(levels - 1, Math.max(0, Math.round(lightness / 100 * (levels - 1))))

function measureZones (lab: Float32Array, ranks: Float64Array): Palette['zones'] {
  const sums = zoneCentres.map(() => [0, 0, 0, 0, 0, 0])
  for (let i = 0; i < lab.length; i += 3) {
    const a = lab[i + 1]
    const b = lab[i + 2]
    zoneWeights(rankAt(ranks, lab[i])).forEach((weight, zone) => {
      const sum = sums[zone]
      sum[0] += weight
      sum[1] += weight * a
      sum[2] += weight * b
      sum[3] += weight * a * a
      sum[4] += weight * a * b
      sum[5] += weight * b * b
    })
  }
  return sums.map(([n, a, b, aa, ab, bb]) => {
    const total = n || 1
    const mean: Pair = [a / total, b / total]
    return { mean, covariance: { a: aa / total - mean[0] ** 2, b: ab / total - mean[0] * mean[1], c: bb / total - mean[1] ** 2 } }
  })
}

/** Rank in the middle of a level, so that one flat tone ranks at its middle and not at its end. */
function rankAt (ranks: Float64Array, lightness: number): number {
  const level = levelOf(lightness)
  return (ranks[level] + (level > 0 ? ranks[level - 1] : 0)) / 2
}

/**
 * Gives a picture the palette and tonality of another. Light: histogram matching, its slope held between 0.3 and 3 so
 * that no gradient bands, halfway to the mean and deviation of E. Reinhard et al., "Color transfer between images",
 * IEEE CG&A 21(5), 2001. Colour: for shadows, middle and lights apart, the linear map of mean and covariance that moves
 * colours least (F. Pitié and A. Kokaram, "The linear Monge-Kantorovitch linear colour mapping", CVMP 2007).
 */
export function transferred (picture: Picture, from: Palette, to: Palette): Picture {
  const light = lightCurve(from, to)
  const maps = from.zones.map(({ covariance, mean }, zone) => ({ from: mean, to: to.zones[zone].mean, matrix: leastMove(covariance, to.zones[zone].covariance) }))
  return throughCube(picture, (red, green, blue) => {
    const [l, a, b] = labOf(red, green, blue)
    const weights = zoneWeights(rankAt(from.ranks, l))
    let newA = 0
    let newB = 0
    maps.forEach(({ from, to, matrix }, zone) => {
      const da = a - from[0]
      const db = b - from[1]
      newA += weights[zone] * (to[0] + matrix.a * da + matrix.b * db)
      newB += weights[zone] * (to[1] + matrix.b * da + matrix.c * db)
    })
    const newL = light[levelOf(l)]
    // Near black and white a screen has no colour to give.
    const room = clamp01(Math.min(newL, 100 - newL) / 14 + 0.15)
    return rgbOf([newL, newA * room, newB * room])
  })
}

/** Lightness, 0 to 100, for each of 256 levels of lightness. */
function lightCurve (from: Palette, to: Palette): Float64Array {
  const matched = new Float64Array(levels)
  let level = 0
  for (let i = 0; i < levels; i++) {
    const rank = rankAt(from.ranks, i / (levels - 1) * 100)
    while (level < levels - 1 && to.ranks[level] < rank) level++
    matched[i] = level / (levels - 1) * 100
  }
  const gain = Math.min(2.5, Math.max(0.4, to.deviationLight / Math.max(1, from.deviationLight)))
  const curve = matched.map((value, i) => (value + to.meanLight + (i / (levels - 1) * 100 - from.meanLight) * gain) / 2)
  const step = 100 / (levels - 1)
  const middle = levelOf(from.meanLight)
  for (let i = middle + 1; i < levels; i++) curve[i] = curve[i - 1] + held(curve[i] - curve[i - 1], step)
  for (let i = middle - 1; i >= 0; i--) curve[i] = curve[i + 1] - held(curve[i + 1] - curve[i], step)
  return curve.map((value) => Math.min(100, Math.max(0, value)))
}

const held = (rise: number, step: number) => Math.min(3 * step, Math.max(0.3 * step, rise))

/** The symmetric matrix T with T from T = to that moves colours least. */
function leastMove (from: Symmetric, to: Symmetric): Symmetric {
  // A grey picture has no spread of its own; a little is lent to it, so that its noise is not blown up.
  const source = { a: from.a + 12, b: from.b, c: from.c + 12 }
  const target = { a: to.a + 6, b: to.b, c: to.c + 6 }
  const root = squareRoot(source)
  const inverse = inverted(root)
  const inner = squareRoot(sandwich(root, target))
  return sandwich(inverse, inner)
}

function squareRoot ({ a, b, c }: Symmetric): Symmetric {
  const s = Math.sqrt(Math.max(1e-9, a * c - b * b))
  const t = Math.sqrt(a + c + 2 * s)
  return { a: (a + s) / t, b: b / t, c: (c + s) / t }
}

function inverted ({ a, b, c }: Symmetric): Symmetric {
  const determinant = a * c - b * b
  return { a: c / determinant, b: -b / determinant, c: a / determinant }
}

/** M X M for symmetric M and X. */
function sandwich (m: Symmetric, x: Symmetric): Symmetric {
  const p = m.a * x.a + m.b * x.b
  const q = m.a * x.b + m.b * x.c
  const r = m.b * x.a + m.c * x.b
  const s = m.b * x.b + m.c * x.c
  return { a: p * m.a + q * m.b, b: p * m.b + q * m.c, c: r * m.b + s * m.c }
}

const nodes = 33

/** Applies a map of colours through a cube of 33 nodes a side, with values between nodes interpolated. */
function throughCube (picture: Picture, map: (red: number, green: number, blue: number) => readonly [number, number, number]): Picture {
  const cube = new Float32Array(nodes ** 3 * 3)
  const scale = 255 / (nodes - 1)
  for (let r = 0, o = 0; r < nodes; r++) {
    for (let g = 0; g < nodes; g++) {
      for (let b = 0; b < nodes; b++, o += 3) cube.set(map(r * scale, g * scale, b * scale), o)
    }
  }
  const out = createPicture(picture.width, picture.height)
  const { data } = picture
  const stepR = nodes * nodes * 3
  const stepG = nodes * 3
  for (let i = 0; i < data.length; i += 3) {
    const r = data[i] / scale
    const g = data[i + 1] / scale
    const b = data[i + 2] / scale
    const r0 = Math.min(nodes - 2, r | 0)
    const g0 = Math.min(nodes - 2, g | 0)
    const b0 = Math.min(nodes - 2, b | 0)
    const fr = r - r0
    const fg = g - g0
    const fb = b - b0
    const at = r0 * stepR + g0 * stepG + b0 * 3
    for (let channel = 0; channel < 3; channel++) {
      const n = at + channel
      const c00 = cube[n] + (cube[n + 3] - cube[n]) * fb
      const c01 = cube[n + stepG] + (cube[n + stepG + 3] - cube[n + stepG]) * fb
      const c10 = cube[n + stepR] + (cube[n + stepR + 3] - cube[n + stepR]) * fb
      const c11 = cube[n + stepR + stepG] + (cube[n + stepR + stepG + 3] - cube[n + stepR + stepG]) * fb
      const low = c00 + (c01 - c00) * fg
      out.data[i + channel] = low + (c10 + (c11 - c10) * fg - low) * fr
    }
  }
  return out
}
