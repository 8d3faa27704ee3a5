import { createPicture, type Picture, type Plane } from '../picture.ts'
import { smoothstep } from '../tone.ts'

/**
 * A picture as if its surface had height: light from the upper left brightens one flank and darkens the other.
 *
 * @param depth how strongly one unit of height between neighbouring pixels shades
 */
export function embossed (picture: Picture, height: Plane, { depth, gloss = 0 }: { depth: number, gloss?: number }): Picture {
  const { width } = picture
  const out = createPicture(width, picture.height)
  for (let y = 0, p = 0; y < picture.height; y++) {
    const above = y > 0 ? -width : 0
    const below = y < picture.height - 1 ? width : 0
    for (let x = 0; x < width; x++, p++) {
      const dx = height.data[p + (x < width - 1 ? 1 : 0)] - height.data[p - (x > 0 ? 1 : 0)]
      const dy = height.data[p + below] - height.data[p + above]
      const slope = (dx + dy) * depth
      const shade = Math.max(-0.45, Math.min(0.45, slope))
      const shine = slope > 0.2 ? (slope - 0.2) * gloss * 255 : 0
      const i = p * 3
      const factor = 1 + shade
      out.data[i] = picture.data[i] * factor + shine
      out.data[i + 1] = picture.data[i + 1] * factor + shine
      out.data[i + 2] = picture.data[i + 2] * factor + shine
    }
  }
  return out
}

/** Light left at a pixel by a vignette: 1 in the middle, 1 - amount in the corners. */
export function vignette (width: number, height: number, amount: number): (x: number, y: number) => number {
  const cx = width / 2
  const cy = height / 2
  return (x, y) => {
    const dx = (x - cx) / cx
    const dy = (y - cy) / cy
    return 1 - amount * smoothstep(0.35, 2, dx * dx + dy * dy)
  }
}

/** Distance from a pixel to the picture's nearest border, in pixels. */
export const inset = (width: number, height: number, x: number, y: number): number =>
  Math.min(x, y, width - 1 - x, height - 1 - y)
