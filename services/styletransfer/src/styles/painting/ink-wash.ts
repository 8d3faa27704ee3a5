import { gaussian } from '../../pixels/blur.ts'
import { flattened } from '../../pixels/edges/flatten.ts'
import { edgeFlow } from '../../pixels/edges/flow.ts'
import { inset } from '../../pixels/marks/light.ts'
import { darkEdges } from '../../pixels/edges/lines.ts'
import { clouds, paper, textureAt, textureBetween } from '../../pixels/noise.ts'
import { reduced, stretchedTo } from '../../pixels/resize.ts'
import { createPicture, createPlane, luminance, type Picture, type Plane } from '../../pixels/picture.ts'
import { clamp01, levelled, smoothstep } from '../../pixels/tone.ts'
import { stampSeal } from './seal.ts'
import type { Style } from '../style.ts'

/**
 * Chinese ink on xuan paper: five tones of ink that bleed into the wet paper, brush lines thick and dry, paper left
 * bare where the light is, and the painter's red seal.
 */
export const inkWash: Style = {
  id: 'ink-wash',
  name: { en: 'Ink wash', zh: '水墨' },
  description: {
    en: 'Ink in five tones that bleeds into rice paper, dry brush lines, blank space, a red seal.',
    zh: '墨分五色，在宣纸上晕染，枯笔勾勒，留白，钤红印。'
  },
  detail: { en: 'Thinner brush, more lines', zh: '笔更细，线条更多' },
  render: (picture, { detail, unit, checkpoint }) => {
    const { width, height } = picture
    // Washes are soft: they are laid on half the width, and only the brush works on all of it.
    const small = flattened(reduced(picture, 2), { space: (13 - 7 * detail) * unit + 1, range: 0.45 })
    checkpoint()
    const light = levelled(luminance(small), 0.95)
    const flow = edgeFlow(light, Math.max(2, 2.5 * unit), 2)
    const bold = stretchedTo(darkEdges(light, flow, { sigma: Math.max(0.6, (1.7 - 0.8 * detail) * unit), gain: 14, reach: 5 }), width, height)
    checkpoint()
    const thin = darkEdges(levelled(luminance(picture), 0.7), { ...flow, factor: 4 }, { sigma: Math.max(0.6, 1.1 * unit), gain: 13, reach: 4 })
    checkpoint()
    const wash = stretchedTo(bled(light, unit / 2), width, height)
    checkpoint()
    return stampSeal(inked({ wash, bold, thin, unit, thinInk: 0.25 + 0.55 * detail }), unit)
  }
}

/** Five tones of ink; where one meets the next it has run some way into the paper and stands darker at its rim. */
function bled (light: Plane, unit: number): Plane {
  const near = gaussian(light, 2 * unit)
  const far = gaussian(light, 12 * unit)
  const wet = clouds(5, 31)
  const tones = createPlane(light.width, light.height)
  for (let y = 0, p = 0; y < light.height; y++) {
    for (let x = 0; x < light.width; x++, p++) {
      const wetness = textureBetween(wet, x / unit * 0.35, y / unit * 0.35)
      const value = (near.data[p] * (1 - wetness * 0.5) + far.data[p] * wetness * 0.5 + (wetness - 0.5) * 0.1) * 5
      const step = Math.floor(value)
      tones.data[p] = clamp01((step + smoothstep(0.25, 0.8, value - step)) / 5)
    }
  }
  const rims = gaussian(tones, 3 * unit)
  for (let p = 0; p < tones.data.length; p++) tones.data[p] = clamp01(tones.data[p] - Math.max(0, rims.data[p] - tones.data[p]) * 0.55)
  return tones
}

function inked ({ wash, bold, thin, unit, thinInk }: { wash: Plane, bold: Plane, thin: Plane, unit: number, thinInk: number }): Picture {
  const { width, height } = wash
  const out = createPicture(width, height)
  const sheet = paper(32)
  const dry = clouds(6, 33)
  const fade = clouds(4, 34)
  const tooth = Math.max(0.6, 1 / unit)
  for (let y = 0, p = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++, i += 3) {
      const u = x / unit
      const v = y / unit
      const fibre = textureAt(sheet, x * tooth, y * tooth) - 0.5
      const border = inset(width, height, x, y) / unit
      const kept = border > 145 ? 1 : smoothstep(-25, 70, border + (textureBetween(fade, u * 0.4, v * 0.4) - 0.5) * 150)
      const tone = 1 - wash.data[p]
      // Pale tones give way to bare paper.
      const washed = tone <= 0.16 ? 0 : tone * (0.35 + 0.75 * tone) * smoothstep(0.16, 0.46, tone) * (1.02 + (textureBetween(dry, u * 0.5, v * 0.5) - 0.5) * 0.5 + fibre * 0.22)
      const stroke = bold.data[p]
      const brush = stroke < 0.02 ? 0 : stroke * (0.35 + 0.65 * smoothstep(0.38, 0.6, textureAt(dry, u * 2.2, v * 2.2) + stroke * 0.3))
      const ink = clamp01(Math.max(washed, brush * 0.96, thin.data[p] * thinInk * 0.8) * kept)
      const white = 1 + fibre * 0.07
      const dark = 1 - ink
      // Ink is warm black; thin ink shows a breath of blue.
      out.data[i] = (244 * dark + 20 * ink - 8 * ink * dark) * white
      out.data[i + 1] = (239 * dark + 19 * ink) * white
      out.data[i + 2] = (226 * dark + 22 * ink + 16 * ink * dark) * white
    }
  }
  return out
}
