import { labOf } from '../pixels/colours/lab.ts'
import { luminance, type Picture } from '../pixels/picture.ts'
import { reduced, shrunk } from '../pixels/resize.ts'

/**
 * Structural similarity of two pictures of one size, 1 for the same: mean over squares of 8 pixels of the luma, on half
 * the width (Z. Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE TIP 13(4), 2004).
 */
export function structuralSimilarity (one: Picture, other: Picture): number {
  const a = shrunk(luminance(one), 2)
  const b = shrunk(luminance(other), 2)
  const side = 8
  let sum = 0
  let squares = 0
  for (let top = 0; top + side <= a.height; top += 4) {
    for (let left = 0; left + side <= a.width; left += 4) {
      let [meanA, meanB, aa, bb, ab] = [0, 0, 0, 0, 0]
      for (let y = top; y < top + side; y++) {
        for (let x = left; x < left + side; x++) {
          const va = a.data[y * a.width + x]
          const vb = b.data[y * a.width + x]
          meanA += va
          meanB += vb
          aa += va * va
          bb += vb * vb
          ab += va * vb
        }
      }
      const n = side * side
      meanA /= n
      meanB /= n
      const c1 = 0.01 ** 2
      const c2 = 0.03 ** 2
      const variances = aa / n - meanA ** 2 + bb / n - meanB ** 2
      sum += (2 * meanA * meanB + c1) * (2 * (ab / n - meanA * meanB) + c2) / ((meanA ** 2 + meanB ** 2 + c1) * (variances + c2))
      squares++
    }
  }
  return sum / squares
}

/** Mean difference of colour of two pictures of one size, in CIELAB (CIE 1976), on a quarter of the width. */
export function colourDifference (one: Picture, other: Picture): number {
  const a = reduced(one, 4).data
  const b = reduced(other, 4).data
  let sum = 0
  for (let i = 0; i < a.length; i += 3) {
    const first = labOf(a[i], a[i + 1], a[i + 2])
    const second = labOf(b[i], b[i + 1], b[i + 2])
    sum += Math.hypot(first[0] - second[0], first[1] - second[1], first[2] - second[2])
  }
  return sum / (a.length / 3)
}
