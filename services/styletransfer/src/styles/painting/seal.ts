import { clouds, textureAt } from '../../pixels/noise.ts'
import type { Picture } from '../../pixels/picture.ts'

/** The character 印 (seal) on a grid of 16, as a carver would cut it. */
const glyph = [
  '................',
  '.....###..#####.',
  '..###.....#...#.',
  '..#.......#...#.',
  '..#.......#...#.',
  '..#.......#...#.',
  '..######..#...#.',
  '..#.......#...#.',
  '..#.......#...#.',
  '..#.......#...#.',
  '..#.......#.###.',
  '..#.......#.....',
  '..######..#.....',
  '..........#.....',
  '..........#.....',
  '................'
]

/** Stamps a square red seal with a white character in the lower right corner of a picture. */
export function stampSeal (picture: Picture, unit: number): Picture {
  const { width, height } = picture
  const size = Math.round(Math.min(62 * unit, width / 4, height / 4))
  if (size < 12) return picture
  const margin = Math.round(size * 0.75)
  const left = width - margin - size
  const top = height - margin - size
  const worn = clouds(6, 41)
  const out = { ...picture, data: picture.data.slice() }
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const rough = textureAt(worn, x / unit * 3, y / unit * 3)
      const border = Math.min(x, y, size - 1 - x, size - 1 - y) / size
      const cut = glyph[Math.floor(y / size * 16)][Math.floor(x / size * 16)] === '#'
      if (cut || rough > 0.8 || border < (rough - 0.55) * 0.09) continue
      const i = ((top + y) * width + left + x) * 3
      const ink = 0.9 - Math.max(0, rough - 0.6)
      out.data[i] = out.data[i] * (1 - ink) + 178 * ink
      out.data[i + 1] = out.data[i + 1] * (1 - ink) + 34 * ink
      out.data[i + 2] = out.data[i + 2] * (1 - ink) + 30 * ink
    }
  }
  return out
}
