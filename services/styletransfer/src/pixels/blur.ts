import { createPlane, type Plane } from './picture.ts'
import { shrunk, stretchedTo } from './resize.ts'

/**
 * Gaussian blur of a plane by two box blurs, whose cost does not grow with sigma
 * (W. M. Wells, "Efficient synthesis of Gaussian filters by cascaded uniform filters", IEEE PAMI 8(2), 1986).
 *
 * @param sigma standard deviation in pixels; under 0.4 the plane comes back as it is
 */
export function gaussian (plane: Plane, sigma: number): Plane {
  if (sigma < 0.4) return plane
  // The narrowest kernels fall between boxes: a binomial kernel stands in for them.
  if (sigma < 0.9) return binomial(plane, Math.max(1, Math.round(sigma * sigma * 2)))
  // A wide blur leaves nothing that a grid of half the width could not hold.
  if (sigma >= 6 && Math.min(plane.width, plane.height) >= 16) {
    return stretchedTo(gaussian(shrunk(plane, 2), Math.sqrt(sigma * sigma - 0.5) / 2), plane.width, plane.height)
  }
  const out = createPlane(plane.width, plane.height)
  const other = createPlane(plane.width, plane.height)
  const radii = boxRadii(sigma)
  boxRows(plane, out, radii[0])
  boxRows(out, other, radii[1])
  boxColumns(other, out, radii[0])
  boxColumns(out, other, radii[1])
  return other
}

/** Mean over a square of 2 * radius + 1 pixels. */
export function boxMean (plane: Plane, radius: number): Plane {
  const rows = createPlane(plane.width, plane.height)
  const out = createPlane(plane.width, plane.height)
  boxRows(plane, rows, radius)
  boxColumns(rows, out, radius)
  return out
}

/** Radii of two boxes whose variances add up to sigma squared, as near as whole pixels allow. */
function boxRadii (sigma: number): readonly [number, number] {
  const ideal = Math.sqrt(6 * sigma * sigma + 1)
  let lower = Math.floor(ideal)
  if (lower % 2 === 0) lower--
  const small = Math.round((12 * sigma * sigma - 2 * lower * lower - 8 * lower - 6) / (-4 * lower - 4))
  const radius = (index: number) => ((index < small ? lower : lower + 2) - 1) / 2
  return [radius(0), radius(1)]
}

function boxRows ({ width, height, data }: Plane, to: Plane, radius: number): void {
  const reach = Math.min(radius, width - 1)
  const norm = 1 / (2 * radius + 1)
  for (let y = 0; y < height; y++) {
    const row = y * width
    const last = row + width - 1
    const first = data[row]
    const final = data[last]
    let sum = first * (radius + 1) + final * (radius - reach)
    for (let i = 1; i <= reach; i++) sum += data[row + i]
    for (let x = 0; x < width; x++) {
      to.data[row + x] = sum * norm
      const enter = x + radius + 1
      const leave = x - radius
      sum += (enter < width ? data[row + enter] : final) - (leave > 0 ? data[row + leave] : first)
    }
  }
}

function boxColumns ({ width, height, data }: Plane, to: Plane, radius: number): void {
  const norm = 1 / (2 * radius + 1)
  const sums = new Float64Array(width)
  for (let dy = -radius; dy <= radius; dy++) {
    const row = Math.min(height - 1, Math.max(0, dy)) * width
    for (let x = 0; x < width; x++) sums[x] += data[row + x]
  }
  for (let y = 0; y < height; y++) {
    const row = y * width
    const enter = Math.min(height - 1, y + radius + 1) * width
    const leave = Math.max(0, y - radius) * width
    for (let x = 0; x < width; x++) {
      to.data[row + x] = sums[x] * norm
      sums[x] += data[enter + x] - data[leave + x]
    }
  }
}

function binomial (plane: Plane, rounds: number): Plane {
  let from = plane
  for (let round = 0; round < rounds; round++) {
    const rows = createPlane(plane.width, plane.height)
    const to = createPlane(plane.width, plane.height)
    const { width, height } = plane
    for (let y = 0; y < height; y++) {
      for (let x = 0, row = y * width; x < width; x++) {
        rows.data[row + x] = (from.data[row + Math.max(0, x - 1)] + 2 * from.data[row + x] + from.data[row + Math.min(width - 1, x + 1)]) / 4
      }
    }
    for (let y = 0; y < height; y++) {
      const above = Math.max(0, y - 1) * width
      const below = Math.min(height - 1, y + 1) * width
      for (let x = 0, row = y * width; x < width; x++) to.data[row + x] = (rows.data[above + x] + 2 * rows.data[row + x] + rows.data[below + x]) / 4
    }
    from = to
  }
  return from
}
