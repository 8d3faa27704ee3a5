import { gaussian } from '../../pixels/blur.ts'
import { ramp } from '../../pixels/colours/colour.ts'
import { inset } from '../../pixels/marks/light.ts'
import { clouds, paper, textureAt, textureBetween } from '../../pixels/noise.ts'
import { createPicture, luminance } from '../../pixels/picture.ts'
import { clamp01, levelled, smoothstep } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/** Prussian blue, from full exposure to bare paper. */
const blues = ramp([[8, 22, 52], [14, 50, 104], [36, 94, 156], [118, 164, 200], [206, 220, 224], [243, 240, 228]])

/**
 * A sun print: iron salts brushed onto paper by hand, so the blue ends in brush marks, soaks into the fibres and
 * lies unevenly; whites are the paper's.
 */
export const cyanotype: Style = {
  id: 'cyanotype',
  name: { en: 'Cyanotype', zh: '蓝晒' },
  description: {
    en: 'A sun print in Prussian blue on hand-coated paper with brushed edges.',
    zh: '手工刷涂感光液的普鲁士蓝晒版，四周留有刷痕。'
  },
  detail: { en: 'Crisper print', zh: '影像更清晰' },
  render: (picture, { detail, unit, checkpoint }) => {
    const { width, height } = picture
    const sharp = levelled(luminance(picture), 0.95)
    const soft = gaussian(sharp, (3.2 - 2.4 * detail) * unit)
    const halo = gaussian(sharp, 10 * unit)
    checkpoint()
    const out = createPicture(width, height)
    const sheet = paper(111)
    const wash = clouds(5, 112)
    const tooth = Math.max(0.6, 1 / unit)
    for (let y = 0, p = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++, i += 3) {
        const u = x / unit
        const v = y / unit
        const fibre = textureAt(sheet, x * tooth, y * tooth) - 0.5
        const uneven = textureBetween(wash, u * 0.22, v * 0.5) - 0.5
        // Bristles ran along the sheet: at the sides the coating frays far, at top and bottom little.
        const fray = textureBetween(wash, u * 0.12 + 50, v * 1.9 + 50) - 0.5
        const sides = Math.min(x, width - 1 - x) / unit - 34 + fray * 105
        const ends = Math.min(y, height - 1 - y) / unit - 30 + (textureBetween(wash, u * 0.5, v * 0.15) - 0.5) * 40 + fray * 18
        const coated = smoothstep(0, 5, Math.min(sides, ends)) * (0.94 + fibre * 0.24)
        const edge = Math.min(sides, ends)
        const pooled = edge > 0 && edge < 14 ? (1 - edge / 14) * 0.09 : 0
        const value = soft.data[p] + (soft.data[p] - halo.data[p]) * 0.25
        const exposed = clamp01(0.06 + 0.94 * smoothstep(0.02, 1.02, value) + uneven * 0.16 + fibre * 0.14 - pooled)
        const at = Math.round(clamp01(exposed * coated + 1 - clamp01(coated)) * 255) * 3
        const stain = inset(width, height, x, y) / unit < 60 ? uneven * 10 : 0
        const bare = 1 + fibre * 0.06
        out.data[i] = blues[at] * bare + stain
        out.data[i + 1] = blues[at + 1] * bare + stain
        out.data[i + 2] = blues[at + 2] * bare + stain * 0.6
      }
    }
    return out
  }
}
