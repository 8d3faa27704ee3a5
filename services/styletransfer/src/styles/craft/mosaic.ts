import { gaussian } from '../../pixels/blur.ts'
import { vivid } from '../../pixels/colours/colour.ts'
import { edgeFlow, flowIndex } from '../../pixels/edges/flow.ts'
import { clouds, grain, randomFrom, textureAt, textureBetween } from '../../pixels/noise.ts'
import { createPicture, luminance, type Picture } from '../../pixels/picture.ts'
import type { Style } from '../style.ts'

/** A stone: where it lies, how it is turned, its colour. */
interface Tesserae {
  readonly count: number
  readonly columns: number
  readonly rows: number
  readonly step: number
  readonly x: Float32Array
  readonly y: Float32Array
  readonly cos: Float32Array
  readonly sin: Float32Array
  readonly colour: Float32Array
}

/**
 * Small square stones that turn with the shapes, in grey grout; cells of points by the largest of two distances along
 * the flow, as A. Hausner, "Simulating decorative mosaics", SIGGRAPH 2001.
 */
export const mosaic: Style = {
  id: 'mosaic',
  name: { en: 'Mosaic', zh: '马赛克镶嵌' },
  description: {
    en: 'Small stones set in grout, turned with the shapes, each lit on its own.',
    zh: '小石块顺着形体镶嵌在灰缝里，每块各有光泽。'
  },
  detail: { en: 'Smaller stones', zh: '石块更小' },
  render: (picture, { detail, unit, checkpoint }) => {
    // Smaller stones than eight pixels drown in their grout.
    const step = Math.max(8, (24 - 13 * detail) * unit)
    const light = gaussian(luminance(picture), step * 0.35)
    const flow = edgeFlow(light, step * 1.1, 2)
    checkpoint()
    const stones = lay(vivid(picture, 1.35), step, (x, y) => {
      const at = flowIndex(flow, x, y)
      // Where no edge is near, stones lie in straight rows.
      return flow.coherence[at] > 0.35 ? [flow.x[at], flow.y[at]] : [1, 0]
    })
    checkpoint()
    return set(picture, stones, unit)
  }
}

function lay (picture: Picture, step: number, direction: (x: number, y: number) => readonly [number, number]): Tesserae {
  const columns = Math.ceil(picture.width / step)
  const rows = Math.ceil(picture.height / step)
  const count = columns * rows
  const random = randomFrom(141)
  const floats = (size: number) => new Float32Array(size)
  const stones: Tesserae = { count, columns, rows, step, x: floats(count), y: floats(count), cos: floats(count), sin: floats(count), colour: floats(count * 3) }
  for (let stone = 0; stone < count; stone++) {
    const row = Math.floor(stone / columns)
    const x = ((stone % columns) + 0.5 + (random() - 0.5) * 0.3) * step
    const y = (row + 0.5 + (random() - 0.5) * 0.3) * step
    const [cos, sin] = direction(x, y)
    stones.x[stone] = x
    stones.y[stone] = y
    stones.cos[stone] = cos
    stones.sin[stone] = sin
    // Stones come in the colours that the workshop has: neighbours differ a little in lightness.
    const tint = 1.06 + (random() - 0.5) * 0.22
    const sample = mean(picture, x, y, step * 0.4)
    for (let channel = 0; channel < 3; channel++) stones.colour[stone * 3 + channel] = sample[channel] * tint
  }
  return stones
}

function mean ({ width, height, data }: Picture, x: number, y: number, radius: number): readonly [number, number, number] {
  const stride = Math.max(1, Math.floor(radius / 3))
  let [r, g, b, n] = [0, 0, 0, 0]
  for (let py = y - radius; py <= y + radius; py += stride) {
    for (let px = x - radius; px <= x + radius; px += stride) {
      const i = (Math.min(height - 1, Math.max(0, py | 0)) * width + Math.min(width - 1, Math.max(0, px | 0))) * 3
      r += data[i]
      g += data[i + 1]
      b += data[i + 2]
      n++
    }
  }
  return [r / n, g / n, b / n]
}

function set ({ width, height }: Picture, stones: Tesserae, unit: number): Picture {
  const out = createPicture(width, height)
  const { step, columns, rows, x: centreX, y: centreY, cos, sin, colour } = stones
  const grout = grain(142)
  const glaze = clouds(5, 143)
  const gap = Math.max(0.8, step * 0.07)
  const bevel = Math.max(1, step * 0.13)
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(y / step)
    const upper = Math.max(0, row - 1)
    const lower = Math.min(rows - 1, row + 1)
    for (let x = 0; x < width; x++, i += 3) {
      const column = Math.floor(x / step)
      const left = Math.max(0, column - 1)
      const right = Math.min(columns - 1, column + 1)
      let nearest = 0
      let least = Infinity
      let second = Infinity
      for (let r = upper; r <= lower; r++) {
        for (let stone = r * columns + left; stone <= r * columns + right; stone++) {
          const dx = x - centreX[stone]
          const dy = y - centreY[stone]
          const along = Math.abs(dx * cos[stone] + dy * sin[stone])
          const across = Math.abs(dy * cos[stone] - dx * sin[stone])
          const distance = along > across ? along + across * 0.08 : across + along * 0.08
          if (distance < least) {
            second = least
            least = distance
            nearest = stone
          } else if (distance < second) second = distance
        }
      }
      const edge = (second - least) * 0.5
      const rough = textureAt(grout, x, y) - 0.5
      if (edge < gap * 0.5) {
        const dark = 118 + rough * 46
        out.data[i] = dark
        out.data[i + 1] = dark - 4
        out.data[i + 2] = dark - 10
        continue
      }
      // Rounded at the rim: the flank that faces the upper left is lit, the other in shade.
      const rim = Math.max(0, 1 - (edge - gap * 0.5) / bevel)
      const facing = -((x - centreX[nearest]) + (y - centreY[nearest])) / step
      const shade = 1 + rim * facing * 0.75 + (textureBetween(glaze, x / unit * 0.9, y / unit * 0.9) - 0.5) * 0.24 + rough * 0.1
      const soft = Math.min(1, (edge - gap * 0.5) / 0.8)
      for (let channel = 0; channel < 3; channel++) out.data[i + channel] = (colour[nearest * 3 + channel] * shade) * soft + 108 * (1 - soft)
    }
  }
  return out
}
