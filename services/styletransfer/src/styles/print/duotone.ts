import { gaussian } from '../../pixels/blur.ts'
import { palette } from '../../pixels/colours/colour.ts'
import { grain, paper, textureAt } from '../../pixels/noise.ts'
import { createPicture, luminance, type Rgb } from '../../pixels/picture.ts'
import { clamp01, levelled, smoothstep } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/** Pairs of risograph inks, dark and bright. */
const warm: readonly [Rgb, Rgb] = [[28, 44, 120], [255, 88, 72]]
const cool: readonly [Rgb, Rgb] = [[98, 28, 116], [0, 168, 150]]

/**
 * Two inks through a risograph: the dark one carries the drawing in grain, the bright one the middle tones in a line
 * screen, a little out of register, on uncoated paper. The pair is chosen against the photo's own colours.
 */
export const duotone: Style = {
  id: 'duotone',
  name: { en: 'Duotone', zh: '双色印刷' },
  description: {
    en: 'Two risograph inks, grainy and a little out of register.',
    zh: '两种孔版油墨叠印，带颗粒，略有错位。'
  },
  detail: { en: 'Finer grain and screen', zh: '颗粒与网线更细' },
  render: (picture, { detail, unit, checkpoint }) => {
    const { width, height } = picture
    const light = levelled(luminance(picture), 1)
    const broad = gaussian(light, 3 * unit)
    checkpoint()
    const [, a, b] = palette(picture, 3)[1]
    const [dark, bright] = a + b >= -4 ? warm : cool
    const out = createPicture(width, height)
    const sheet = paper(121)
    const speckle = grain(122)
    const pitch = Math.max(3, (8.5 - 4.5 * detail) * unit)
    const coarse = 1 / Math.max(1, (2.4 - 1.4 * detail) * unit)
    const shiftX = Math.round(2.6 * unit)
    const shiftY = Math.round(-1.8 * unit)
    for (let y = 0, p = 0, i = 0; y < height; y++) {
      const sy = Math.min(height - 1, Math.max(0, y + shiftY))
      for (let x = 0; x < width; x++, p++, i += 3) {
        const rough = textureAt(sheet, x / Math.max(1, unit), y / Math.max(1, unit)) - 0.5
        const speck = textureAt(speckle, x * coarse, y * coarse)
        const shade = 1 - light.data[p]
        const first = smoothstep(0.92 - shade * 1.1, 1.16 - shade * 0.88, speck) * smoothstep(0.2, 0.5, shade) * 0.95
        const middle = 1 - broad.data[sy * width + Math.min(width - 1, x + shiftX)]
        const line = Math.abs((((x + shiftX) * 0.26 + (y + shiftY) * 0.97) / pitch) % 1 - 0.5) * 2
        const wide = clamp01(0.12 + middle * 1.25)
        const second = smoothstep(wide + 0.9 / pitch, wide - 0.9 / pitch, Math.abs(line)) * (0.9 + rough * 0.3) * smoothstep(0.02, 0.14, middle)
        const ground = 1 + rough * 0.06
        for (let channel = 0; channel < 3; channel++) {
          const white = channel === 2 ? 232 : channel === 1 ? 243 : 248
          const one = 1 - (1 - dark[channel] / 255) * clamp01(first)
          const two = 1 - (1 - bright[channel] / 255) * clamp01(second)
          out.data[i + channel] = white * ground * one * two
        }
      }
    }
    return out
  }
}
