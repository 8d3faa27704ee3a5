import type { Picture } from '../picture.ts'

/** A picture cut into cells: which cell each pixel belongs to. */
export interface Cells {
  readonly width: number
  readonly height: number
  readonly count: number
  readonly label: Int32Array
}

/** Mean colour of each cell, interleaved; a cell without pixels is black. */
export function cellColours (picture: Picture, { count, label }: Cells): Float32Array {
  const sums = new Float64Array(count * 4)
  for (let p = 0, i = 0; p < label.length; p++, i += 3) {
    const at = label[p] * 4
    sums[at] += picture.data[i]
    sums[at + 1] += picture.data[i + 1]
    sums[at + 2] += picture.data[i + 2]
    sums[at + 3]++
  }
  const colours = new Float32Array(count * 3)
  for (let cell = 0; cell < count; cell++) {
    const pixels = sums[cell * 4 + 3] || 1
    for (let channel = 0; channel < 3; channel++) colours[cell * 3 + channel] = sums[cell * 4 + channel] / pixels
  }
  return colours
}

/**
 * Cuts a picture into cells of about `size` pixels across that follow its colours: SLIC
 * (R. Achanta et al., "SLIC superpixels compared to state-of-the-art superpixel methods", IEEE PAMI 34(11), 2012).
 *
 * @param compactness weight of nearness against colour; more makes rounder cells
 */
export function superpixels (picture: Picture, { size, compactness, rounds = 5 }: { size: number, compactness: number, rounds?: number }): Cells {
  const { width, height, data } = picture
  const columns = Math.max(1, Math.round(width / size))
  const rows = Math.max(1, Math.round(height / size))
  const count = columns * rows
  const label = new Int32Array(width * height)
  // x, y, r, g, b of each centre; every second row is shifted, so that cells begin as a honeycomb.
  const centres = new Float64Array(count * 5)
  for (let cell = 0; cell < count; cell++) {
    const row = Math.floor(cell / columns)
    const x = Math.min(width - 1, ((cell % columns) + (row % 2 === 0 ? 0.25 : 0.75)) * width / columns)
    const y = (row + 0.5) * height / rows
    const i = ((y | 0) * width + (x | 0)) * 3
    centres.set([x, y, data[i], data[i + 1], data[i + 2]], cell * 5)
  }
  const spacing = Math.sqrt(width * height / count)
  const nearness = (compactness * 255 / spacing) ** 2
  const distances = new Float32Array(width * height)
  for (let round = 0; round < rounds; round++) {
    distances.fill(Infinity)
    for (let cell = 0; cell < count; cell++) claim(cell)
    settle()
  }
  return { width, height, count, label }

  function claim (cell: number): void {
    const [cx, cy, cr, cg, cb] = centres.subarray(cell * 5, cell * 5 + 5)
    const reach = spacing * 1.25
    const bottom = Math.min(height - 1, Math.ceil(cy + reach))
    const right = Math.min(width - 1, Math.ceil(cx + reach))
    for (let y = Math.max(0, Math.floor(cy - reach)); y <= bottom; y++) {
      for (let x = Math.max(0, Math.floor(cx - reach)); x <= right; x++) {
        const p = y * width + x
        const i = p * 3
        const distance = (data[i] - cr) ** 2 + (data[i + 1] - cg) ** 2 + (data[i + 2] - cb) ** 2 + ((x - cx) ** 2 + (y - cy) ** 2) * nearness
        if (distance < distances[p]) {
          distances[p] = distance
          label[p] = cell
        }
      }
    }
  }

  function settle (): void {
    const sums = new Float64Array(count * 6)
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) {
        const at = label[p] * 6
        sums[at] += x
        sums[at + 1] += y
        sums[at + 2] += data[p * 3]
        sums[at + 3] += data[p * 3 + 1]
        sums[at + 4] += data[p * 3 + 2]
        sums[at + 5]++
      }
    }
    for (let cell = 0; cell < count; cell++) {
      const pixels = sums[cell * 6 + 5]
      if (pixels === 0) continue
      for (let field = 0; field < 5; field++) centres[cell * 5 + field] = sums[cell * 6 + field] / pixels
    }
  }
}
