import { gaussian } from '../../pixels/blur.ts'
import { inset, vignette } from '../../pixels/marks/light.ts'
import { clouds, grain, randomFrom, textureAt, textureBetween } from '../../pixels/noise.ts'
import { createPicture, luminance, type Picture } from '../../pixels/picture.ts'
import { clamp01, levelled, smoothstep } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/**
 * A colour print of the seventies out of a drawer: faded dyes, halation round the lights, film grain, a light leak,
 * dust and scratches, corners fallen off, and the white border of the print.
 */
export const vintage: Style = {
  id: 'vintage',
  name: { en: 'Vintage', zh: '复古' },
  description: {
    en: 'A faded seventies print: grain, light leak, scratches and a white border.',
    zh: '褪色的七十年代相片：颗粒、漏光、划痕与白边。'
  },
  detail: { en: 'Finer grain, sharper lens', zh: '颗粒更细，镜头更锐' },
  render: (picture, { detail, unit, checkpoint }) => {
    const light = levelled(luminance(picture), 0.5)
    const glow = gaussian(light, 16 * unit)
    checkpoint()
    return scratched(faded(picture, { glow: glow.data, unit, detail }), unit)
  }
}

function faded (picture: Picture, { glow, unit, detail }: { glow: Float32Array, unit: number, detail: number }): Picture {
  const { width, height } = picture
  const out = createPicture(width, height)
  const film = grain(131)
  const stains = clouds(4, 132)
  const coarse = 1 / Math.max(1, (2.1 - 1.2 * detail) * unit)
  const falloff = vignette(width, height, 0.5)
  const border = Math.max(2, 30 * unit)
  const round = 14 * unit
  // Dyes fade unlike: red stays in the shadows, blue goes first, lights turn cream.
  const red = curve([[0, 46], [64, 92], [128, 152], [192, 212], [255, 250]])
  const green = curve([[0, 34], [64, 76], [128, 134], [192, 198], [255, 238]])
  const blue = curve([[0, 52], [64, 82], [128, 116], [192, 160], [255, 198]])
  for (let y = 0, p = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++, i += 3) {
      const halo = Math.max(0, glow[p] - 0.62) * 70
      const shade = falloff(x, y)
      const speck = (textureAt(film, x * coarse, y * coarse) - 0.5)
      const r0 = picture.data[i]
      const g0 = picture.data[i + 1]
      const b0 = picture.data[i + 2]
      const grey = 0.3 * r0 + 0.59 * g0 + 0.11 * b0
      const noise = speck * (64 - Math.abs(grey - 110) * 0.28)
      const leak = smoothstep(0.32, 0, x / width + (textureBetween(stains, x / unit * 0.12, y / unit * 0.12) - 0.5) * 0.34 + 0.12 * Math.abs(y / height - 0.35))
      const r = red[channel(grey + (r0 - grey) * 0.74)] * shade + halo + noise + leak * 105
      const g = green[channel(grey + (g0 - grey) * 0.7)] * shade + halo * 0.5 + noise + leak * 42
      const b = blue[channel(grey + (b0 - grey) * 0.62)] * shade + halo * 0.2 + noise * 0.9 + leak * 4
      const cx = Math.max(0, border + round - Math.min(x, width - 1 - x))
      const cy = Math.max(0, border + round - Math.min(y, height - 1 - y))
      const outside = cx > 0 && cy > 0 ? round - Math.hypot(cx, cy) : inset(width, height, x, y) - border
      const inside = clamp01(outside + 0.5)
      const yellowed = 1 + (textureBetween(stains, x / unit * 0.25 + 40, y / unit * 0.25) - 0.5) * 0.08 + speck * 0.02
      out.data[i] = r * inside + 240 * yellowed * (1 - inside)
      out.data[i + 1] = g * inside + 232 * yellowed * (1 - inside)
      out.data[i + 2] = b * inside + 212 * yellowed * (1 - inside)
    }
  }
  return out
}

const channel = (value: number) => Math.min(255, Math.max(0, value)) | 0

function curve (points: ReadonlyArray<readonly [number, number]>): Float32Array {
  return Float32Array.from({ length: 256 }, (_, value) => {
    const next = Math.max(1, points.findIndex(([at]) => at >= value))
    const [fromX, fromY] = points[next - 1]
    const [toX, toY] = points[next]
    return fromY + (toY - fromY) * (value - fromX) / (toX - fromX)
  })
}

function scratched (picture: Picture, unit: number): Picture {
  const { width, height, data } = picture
  const random = randomFrom(133)
  const touch = (x: number, y: number, amount: number) => {
    if (x < 0 || y < 0 || x >= width || y >= height) return
    const i = ((y | 0) * width + (x | 0)) * 3
    for (let c = 0; c < 3; c++) data[i + c] += (238 - data[i + c]) * amount
  }
  for (let scratch = 0; scratch < 9; scratch++) {
    let x = random() * width
    const top = random() * height * 0.8
    const bottom = top + (0.08 + random() * 0.5) * height
    const lean = (random() - 0.5) * 0.06
    for (let y = top; y < bottom; y++) {
      x += lean + (random() - 0.5) * 0.5
      if (random() < 0.88) touch(x, y, 0.16 + random() * 0.24)
    }
  }
  for (let speck = 0; speck < 70; speck++) {
    let x = random() * width
    let y = random() * height
    let turn = random() * 7
    const length = (1.5 + random() * random() * 26) * unit
    for (let step = 0; step < length; step += 0.5) {
      touch(x, y, 0.5)
      turn += (random() - 0.5) * 0.5
      x += Math.cos(turn) * 0.5
      y += Math.sin(turn) * 0.5
    }
  }
  return picture
}
