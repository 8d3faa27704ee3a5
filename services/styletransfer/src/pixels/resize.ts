import { createPicture, createPlane, type Picture, type Plane } from './picture.ts'

/** A plane made smaller by a whole factor, each pixel the mean of a square; what is left at the far sides counts as one more. */
export function shrunk (plane: Plane, factor: number): Plane {
  if (factor <= 1) return plane
  const out = createPlane(Math.ceil(plane.width / factor), Math.ceil(plane.height / factor))
  const { width, height, data } = plane
  for (let y = 0, o = 0; y < out.height; y++) {
    const rows = Math.min(factor, height - y * factor)
    for (let x = 0; x < out.width; x++, o++) {
      const columns = Math.min(factor, width - x * factor)
      let sum = 0
      for (let row = 0, at = y * factor * width + x * factor; row < rows; row++, at += width) {
        for (let column = 0; column < columns; column++) sum += data[at + column]
      }
      out.data[o] = sum / (rows * columns)
    }
  }
  return out
}

/** Where each pixel of a longer line falls between two of a shorter one, and how far. */
function places (from: number, to: number): { first: Int32Array, second: Int32Array, share: Float32Array } {
  const at = Float32Array.from({ length: to }, (_, i) => Math.min(from - 1, Math.max(0, (i + 0.5) * from / to - 0.5)))
  const first = Int32Array.from(at)
  return { first, second: first.map((index) => Math.min(from - 1, index + 1)), share: at.map((value, i) => value - first[i]) }
}

/** A plane brought to a size by bilinear interpolation. */
export function stretchedTo (plane: Plane, width: number, height: number): Plane {
  const out = createPlane(width, height)
  const { data } = plane
  const across = places(plane.width, width)
  const down = places(plane.height, height)
  const row = new Float32Array(plane.width)
  for (let y = 0, o = 0; y < height; y++) {
    const top = down.first[y] * plane.width
    const bottom = down.second[y] * plane.width
    const fy = down.share[y]
    for (let x = 0; x < row.length; x++) row[x] = data[top + x] + (data[bottom + x] - data[top + x]) * fy
    for (let x = 0; x < width; x++, o++) {
      const left = row[across.first[x]]
      out.data[o] = left + (row[across.second[x]] - left) * across.share[x]
    }
  }
  return out
}

/** A picture brought to a size by bilinear interpolation. */
export function enlarged (picture: Picture, width: number, height: number): Picture {
  const out = createPicture(width, height)
  // Between two bytes lies a byte: nothing to clamp, which a store into the picture would do at a price.
  const bytes = new Uint8Array(out.data.buffer)
  const { data } = picture
  const across = places(picture.width, width)
  const down = places(picture.height, height)
  const row = new Float32Array(picture.width * 3)
  for (let y = 0, o = 0; y < height; y++) {
    const top = down.first[y] * row.length
    const bottom = down.second[y] * row.length
    const fy = down.share[y]
    for (let i = 0; i < row.length; i++) row[i] = data[top + i] + (data[bottom + i] - data[top + i]) * fy
    for (let x = 0; x < width; x++, o += 3) {
      const left = across.first[x] * 3
      const right = across.second[x] * 3
      const fx = across.share[x]
      bytes[o] = row[left] + (row[right] - row[left]) * fx + 0.5
      bytes[o + 1] = row[left + 1] + (row[right + 1] - row[left + 1]) * fx + 0.5
      bytes[o + 2] = row[left + 2] + (row[right + 2] - row[left + 2]) * fx + 0.5
    }
  }
  return out
}

/** A picture made smaller by a whole factor, each pixel the mean of a square; what is left at the far sides counts as one more. */
export function reduced (picture: Picture, factor: number): Picture {
  if (factor <= 1) return picture
  const out = createPicture(Math.ceil(picture.width / factor), Math.ceil(picture.height / factor))
  for (let y = 0, o = 0; y < out.height; y++) {
    const bottom = Math.min(picture.height, (y + 1) * factor)
    for (let x = 0; x < out.width; x++, o += 3) {
      const right = Math.min(picture.width, (x + 1) * factor)
      let [r, g, b, count] = [0, 0, 0, 0]
      for (let sy = y * factor; sy < bottom; sy++) {
        for (let sx = x * factor, i = (sy * picture.width + sx) * 3; sx < right; sx++, i += 3) {
          r += picture.data[i]
          g += picture.data[i + 1]
          b += picture.data[i + 2]
          count++
        }
      }
      out.data[o] = r / count
      out.data[o + 1] = g / count
      out.data[o + 2] = b / count
    }
  }
  return out
}
