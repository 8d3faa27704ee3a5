import { gaussian } from '../../pixels/blur.ts'
import { nearest, palette } from '../../pixels/colours/colour.ts'
import { labOf, rgbOf, type Lab } from '../../pixels/colours/lab.ts'
import { flattened } from '../../pixels/edges/flatten.ts'
import { paper, textureAt } from '../../pixels/noise.ts'
import { createPicture, createPlane, luminance, type Picture, type Plane } from '../../pixels/picture.ts'
import { enlarged, reduced, shrunk, stretchedTo } from '../../pixels/resize.ts'
import { clamp01, levelled } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/**
 * Sheets of coloured paper cut out and laid one above the other, darkest in front, each throwing its shadow on the one
 * beneath. Papers come in the few hues that the photo is made of.
 */
export const paperCut: Style = {
  id: 'paper-cut',
  name: { en: 'Paper cut', zh: '剪纸' },
  description: {
    en: 'Layers of cut coloured paper with soft shadows between them.',
    zh: '层层叠放的彩色剪纸，纸间有柔和的投影。'
  },
  detail: { en: 'More sheets, finer cuts', zh: '纸层更多，剪得更细' },
  render: (picture, { detail, unit, checkpoint }) => {
    const { width, height } = picture
    const flat = flattened(reduced(picture, 2), { space: (17 - 10 * detail) * unit + 1, range: 0.55 })
    checkpoint()
    const light = stretchedTo(gaussian(levelled(luminance(flat), 1), Math.max(0.5, (1.9 - 1.3 * detail) * unit)), width, height)
    const hues = enlarged(huesOf(flat), width, height)
    checkpoint()
    return stacked({ light, hues, sheets: Math.round(4 + 3 * detail), unit, checkpoint })
  }
}

/** Lightness at which hues are kept, before a sheet's own lightness scales them. */
const middle = 62

/** Each pixel in the nearest of the photo's main hues, all equally light and strong. */
function huesOf (picture: Picture): Picture {
  const papers = palette(picture, 12)
  const colours = papers.map(([, a, b]) => {
    const chroma = Math.hypot(a, b)
    const gain = Math.min(2.2, 44 / Math.max(16, chroma))
    return rgbOf([middle, a * gain, b * gain])
  })
  // Colours are told apart by their upper five bits: a table of 32,768 instead of a search for each pixel.
  const known = new Int8Array(32768).fill(-1)
  const hueOf = ([l, a, b]: Lab) => nearest(papers.map(([pl, pa, pb]): Lab => [pl * 0.35, pa, pb]), [l * 0.35, a, b])
  const out = createPicture(picture.width, picture.height)
  for (let i = 0; i < out.data.length; i += 3) {
    const [r, g, b] = [picture.data[i], picture.data[i + 1], picture.data[i + 2]]
    const key = (r >> 3) << 10 | (g >> 3) << 5 | b >> 3
    if (known[key] < 0) known[key] = hueOf(labOf(r, g, b))
    const colour = colours[known[key]]
    out.data[i] = colour[0]
    out.data[i + 1] = colour[1]
    out.data[i + 2] = colour[2]
  }
  return out
}

function stacked ({ light, hues, sheets, unit, checkpoint }: { light: Plane, hues: Picture, sheets: number, unit: number, checkpoint: () => void }): Picture {
  const { width, height } = light
  const out = createPicture(width, height)
  const texture = paper(171)
  const tooth = Math.max(0.7, 1 / unit)
  // How light a sheet is against the middle one: the lowest is nearly white.
  const tones = Array.from({ length: sheets }, (_, sheet) => 0.34 + 1.18 * (sheet / (sheets - 1)) ** 1.05)
  for (let i = 0; i < out.data.length; i++) out.data[i] = toned(hues.data[i], tones[sheets - 1])
  const coarse = shrunk(light, 2)
  for (let sheet = sheets - 2; sheet >= 0; sheet--) {
    const level = (sheet + 1) / sheets
    const mask = createPlane(coarse.width, coarse.height)
    for (let p = 0; p < mask.data.length; p++) mask.data[p] = covered(level, coarse.data[p])
    const shadow = gaussian(mask, Math.max(1, 3 * unit))
    checkpoint()
    lay(out, { light, level, shadow, hues, tone: tones[sheet], offset: Math.round(4.5 * unit) })
  }
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const fibre = 1 + (textureAt(texture, x * tooth, y * tooth) - 0.5) * 0.13
      out.data[i] *= fibre
      out.data[i + 1] *= fibre
      out.data[i + 2] *= fibre
    }
  }
  return out
}

/** How much of a pixel a sheet covers that is cut where the light reaches a level; 0 to 1, soft over some hundredths. */
const covered = (level: number, light: number): number => clamp01((level - light) / 0.024 + 0.5)

/** A hue made darker by scaling, or lighter by mixing in white. */
const toned = (value: number, tone: number): number => tone <= 1 ? value * tone : value + (255 - value) * (tone - 1) * 1.35

/** Lays one sheet on; its shadow is given on half the width. */
function lay (out: Picture, { light, level, shadow, hues, tone, offset }: { light: Plane, level: number, shadow: Plane, hues: Picture, tone: number, offset: number }): void {
  const { width, height } = light
  const half = shadow.width
  const colours = Float32Array.from({ length: 256 }, (_, value) => toned(value, tone))
  for (let y = 0, p = 0, i = 0; y < height; y++) {
    const from = (Math.max(0, y - offset) >> 1) * half
    const above = Math.max(0, y - 1) * width
    for (let x = 0; x < width; x++, p++, i += 3) {
      const cover = covered(level, light.data[p])
      const fallen = shadow.data[from + (Math.max(0, x - offset) >> 1)]
      if (cover === 0 && fallen < 0.004) continue
      const under = (1 - fallen * 0.55 * (1 - cover)) * (1 - cover)
      // The cut edge of a sheet shows its white core to the light.
      const cut = cover === 0 ? 0 : Math.max(0, cover - covered(level, light.data[above + Math.max(0, x - 1)])) * 46
      out.data[i] = out.data[i] * under + (colours[hues.data[i]] + cut) * cover
      out.data[i + 1] = out.data[i + 1] * under + (colours[hues.data[i + 1]] + cut) * cover
      out.data[i + 2] = out.data[i + 2] * under + (colours[hues.data[i + 2]] + cut) * cover
    }
  }
}
