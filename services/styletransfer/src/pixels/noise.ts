/** A source of numbers from 0 up to 1. */
export type Random = () => number

/** Mulberry32: a small generator with a seed, so that a picture comes out the same each time. */
export function randomFrom (seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** A square of noise that continues at its edges; side is a power of two, values run from 0 to 1 with mean near 0.5. */
export interface Texture {
  readonly side: number
  readonly data: Float32Array<ArrayBuffer>
}

const side = 512
const made = new Map<string, Texture>()

function once (key: string, make: () => Float32Array<ArrayBuffer>): Texture {
  const texture = made.get(key) ?? { side, data: stretched(make()) }
  made.set(key, texture)
  return texture
}

/** Even grain: each point its own value, softened just enough to survive scaling. */
export const grain = (seed = 1): Texture => once(`grain${seed}`, () => {
  const random = randomFrom(seed)
  return smoothed(Float32Array.from({ length: side * side }, random), 1, 1)
})

/** Clouds: sum of octaves of smooth value noise; `octaves` finest first halve in size and weight. */
export const clouds = (octaves = 5, seed = 2): Texture => once(`clouds${octaves}-${seed}`, () => {
  const sum = new Float32Array(side * side)
  for (let octave = 0; octave < octaves; octave++) addOctave(sum, { cells: 8 << octave, weight: 0.5 ** octave, random: randomFrom(seed * 97 + octave) })
  return sum
})

/** Paper: fine tooth over slow unevenness, with fibres lying every way. */
export const paper = (seed = 3): Texture => once(`paper${seed}`, () => {
  const random = randomFrom(seed)
  const sum = smoothed(Float32Array.from({ length: side * side }, random), 1, 1)
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] - 0.5) * 0.9
  addOctave(sum, { cells: 64, weight: 0.16, random })
  for (let fibre = 0; fibre < 900; fibre++) {
    const angle = random() * Math.PI
    const bend = (random() - 0.5) * 0.06
    const depth = (random() - 0.35) * 0.2
    let [x, y, turn] = [random() * side, random() * side, angle]
    for (let step = 0; step < 16 + random() * 22; step++) {
      sum[(y & (side - 1)) * side + (x & (side - 1))] += depth
      x += Math.cos(turn)
      y += Math.sin(turn)
      turn += bend
    }
  }
  return sum
})

/** Value of a texture at a point, nearest point, repeating. Scale x and y beforehand. */
export const textureAt = ({ side, data }: Texture, x: number, y: number): number =>
  data[((y & (side - 1)) * side) + (x & (side - 1))]

/** Value of a texture at a point, between its points, repeating; x and y are at least 0. */
export function textureBetween ({ side, data }: Texture, x: number, y: number): number {
  const mask = side - 1
  const x0 = Math.floor(x)
  const y0 = Math.floor(y)
  const fx = x - x0
  const fy = y - y0
  const row0 = (y0 & mask) * side
  const row1 = ((y0 + 1) & mask) * side
  const left = x0 & mask
  const right = (x0 + 1) & mask
  const top = data[row0 + left] + (data[row0 + right] - data[row0 + left]) * fx
  const bottom = data[row1 + left] + (data[row1 + right] - data[row1 + left]) * fx
  return top + (bottom - top) * fy
}

function addOctave (sum: Float32Array, { cells, weight, random }: { cells: number, weight: number, random: Random }): void {
  const lattice = Float32Array.from({ length: cells * cells }, random)
  const step = side / cells
  for (let y = 0; y < side; y++) {
    const cy = Math.floor(y / step)
    const fy = ease(y / step - cy)
    const row0 = cy * cells
    const row1 = ((cy + 1) % cells) * cells
    for (let x = 0; x < side; x++) {
      const cx = Math.floor(x / step)
      const fx = ease(x / step - cx)
      const next = (cx + 1) % cells
      const top = lattice[row0 + cx] + (lattice[row0 + next] - lattice[row0 + cx]) * fx
      const bottom = lattice[row1 + cx] + (lattice[row1 + next] - lattice[row1 + cx]) * fx
      sum[y * side + x] += weight * (top + (bottom - top) * fy - 0.5)
    }
  }
}

const ease = (t: number) => t * t * (3 - 2 * t)

function smoothed (data: Float32Array<ArrayBuffer>, radius: number, rounds: number): Float32Array<ArrayBuffer> {
  let from = data
  for (let round = 0; round < rounds; round++) {
    const to = new Float32Array(data.length)
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        let total = 0
        for (let dy = -radius; dy <= radius; dy++) {
          for (let dx = -radius; dx <= radius; dx++) total += from[((y + dy) & (side - 1)) * side + ((x + dx) & (side - 1))]
        }
        to[y * side + x] = total / (2 * radius + 1) ** 2
      }
    }
    from = to
  }
  return from
}

/** Brings values to mean 0.5 and deviation 0.18, inside 0 to 1, so that every texture weighs alike. */
function stretched (data: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  let sum = 0
  let squares = 0
  for (const value of data) {
    sum += value
    squares += value * value
  }
  const mean = sum / data.length
  const deviation = Math.sqrt(squares / data.length - mean * mean) || 1
  return data.map((value) => Math.min(1, Math.max(0, 0.5 + (value - mean) / deviation * 0.18)))
}
