import { createPicture, createPlane, type Picture, type Plane } from './picture.ts'

/** A plane made smaller by a whole factor, each pixel the mean of a square; what is left at the far sides counts as one more. */
export function shrunk (plane: Plane, factor: number): Plane {
  if (factor <= 1) return plane
  const out = createPlane(Math.ceil(plane.width / factor), Math.ceil(plane.height / factor))
  for (let y = 0; y < out.height; y++) {
    for (let x = 0; x < out.width; x++) {
      let sum = 0
      let count = 0
      for (let sy = y * factor; sy < Math.min(plane.height, (y + 1) * factor); sy++) {
        for (let sx = x * factor; sx < Math.min(plane.width, (x + 1) * factor); sx++) {
          sum += plane.data[sy * plane.width + sx]
          count++
        }
      }
      out.data[y * out.width + x] = sum / count
    }
  }
  return out
}

/** A plane brought to a size by bilinear interpolation. */
export function stretchedTo (plane: Plane, width: number, height: number): Plane {
  const out = createPlane(width, height)
  for (let y = 0; y < height; y++) {
    const sy = Math.min(plane.height - 1, Math.max(0, (y + 0.5) * plane.height / height - 0.5))
    const y0 = Math.floor(sy)
    const y1 = Math.min(plane.height - 1, y0 + 1)
    const fy = sy - y0
    for (let x = 0; x < width; x++) {
      const sx = Math.min(plane.width - 1, Math.max(0, (x + 0.5) * plane.width / width - 0.5))
      const x0 = Math.floor(sx)
      const x1 = Math.min(plane.width - 1, x0 + 1)
      const fx = sx - x0
      const top = plane.data[y0 * plane.width + x0] * (1 - fx) + plane.data[y0 * plane.width + x1] * fx
      const bottom = plane.data[y1 * plane.width + x0] * (1 - fx) + plane.data[y1 * plane.width + x1] * fx
      out.data[y * width + x] = top * (1 - fy) + bottom * fy
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
