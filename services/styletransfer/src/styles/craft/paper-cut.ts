import { gaussian } from '../../pixels/blur.ts'
import { palette } from '../../pixels/colours/colour.ts'
import { flattened } from '../../pixels/edges/flatten.ts'
import { rgbOf, type Lab } from '../../pixels/colours/lab.ts'
import { paper, textureAt } from '../../pixels/noise.ts'
import { createPicture, createPlane, luminance, type Picture, type Plane, type Rgb } from '../../pixels/picture.ts'
import { reduced, stretchedTo } from '../../pixels/resize.ts'
import { clamp01, levelled } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/**
 * Sheets of coloured paper cut out and laid one above the other, darkest in front, each throwing its shadow on the one
 * beneath. Colours are the photo's own.
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
    const count = Math.round(4 + 4 * detail)
    const flat = flattened(reduced(picture, 2), { space: (17 - 10 * detail) * unit + 1, range: 0.55 })
    checkpoint()
    const light = stretchedTo(gaussian(levelled(luminance(flat), 1), Math.max(0.5, (1.9 - 1.3 * detail) * unit)), picture.width, picture.height)
    const colours = sheets(palette(flat, count))
    checkpoint()
    return stacked(light, { colours, unit, checkpoint })
  }
}

/** Paper comes in fewer and stronger colours than photos: steps of lightness made even, colour made full. */
function sheets (found: readonly Lab[]): readonly Rgb[] {
  const last = found.length - 1
  const middle = found[Math.floor(found.length / 2)]
  return found.map(([l, a, b], index) => {
    const even = 22 + 70 * index / last
    const chroma = Math.hypot(a, b)
    // Grey photos take warm and cool papers, so that sheets still tell apart.
    const plain = Math.max(0, 1 - chroma / 9)
    const gain = Math.min(2.1, 46 / Math.max(18, chroma))
    const lean = index / last - 0.5
    return rgbOf([l * 0.25 + even * 0.75, a * gain + plain * (lean * 14 + middle[1] * 0.3), b * gain + plain * lean * 34])
  })
}

function stacked (light: Plane, { colours, unit, checkpoint }: { colours: readonly Rgb[], unit: number, checkpoint: () => void }): Picture {
  const { width, height } = light
  const out = createPicture(width, height)
  const sheet = paper(171)
  const tooth = Math.max(0.7, 1 / unit)
  const ground = colours[colours.length - 1]
  for (let i = 0; i < out.data.length; i += 3) out.data.set(ground, i)
  const soft = 0.012
  for (let layer = colours.length - 2; layer >= 0; layer--) {
    const level = (layer + 1) / colours.length
    const mask = createPlane(width, height)
    for (let p = 0; p < mask.data.length; p++) mask.data[p] = clamp01((level - light.data[p]) / (2 * soft) + 0.5)
    const shadow = gaussian(mask, 5 * unit)
    checkpoint()
    lay(out, { mask, shadow, colour: colours[layer], offset: Math.round(4.5 * unit) })
  }
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const fibre = 1 + (textureAt(sheet, x * tooth, y * tooth) - 0.5) * 0.13
      out.data[i] *= fibre
      out.data[i + 1] *= fibre
      out.data[i + 2] *= fibre
    }
  }
  return out
}

function lay (out: Picture, { mask, shadow, colour, offset }: { mask: Plane, shadow: Plane, colour: Rgb, offset: number }): void {
  const { width, height } = mask
  for (let y = 0, p = 0, i = 0; y < height; y++) {
    const from = Math.max(0, y - offset) * width
    const above = Math.max(0, y - 1) * width
    for (let x = 0; x < width; x++, p++, i += 3) {
      const cover = mask.data[p]
      const shade = 1 - shadow.data[from + Math.max(0, x - offset)] * 0.55 * (1 - cover)
      // The cut edge of the sheet shows its white core to the light.
      const cut = Math.max(0, cover - mask.data[above + Math.max(0, x - 1)]) * 46
      for (let channel = 0; channel < 3; channel++) {
        out.data[i + channel] = out.data[i + channel] * shade * (1 - cover) + (colour[channel] + cut) * cover
      }
    }
  }
}
