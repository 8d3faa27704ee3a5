import { gaussian } from '../../pixels/blur.ts'
import { edgeFlow } from '../../pixels/edges/flow.ts'
import { darkEdges } from '../../pixels/edges/lines.ts'
import { paper, textureAt } from '../../pixels/noise.ts'
import { createPicture, luminance, type Picture, type Plane } from '../../pixels/picture.ts'
import { clamp01, levelled, smoothstep } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/** The portrait on a banknote: parallel lines that swell with the shadow and bend with the form, crossed where it is dark. */
export const engraving: Style = {
  id: 'engraving',
  name: { en: 'Banknote engraving', zh: '钞版雕刻' },
  description: {
    en: 'Swelling lines that bend with the form, in banknote green.',
    zh: '线条随明暗粗细变化、顺形弯曲，用钞票的绿色印成。'
  },
  detail: { en: 'Finer lines', zh: '线条更细密' },
  render: (picture, { detail, unit, checkpoint }) => {
    const light = levelled(luminance(picture), 0.95)
    const soft = gaussian(light, 1.2 * unit)
    const form = gaussian(light, 14 * unit)
    const flow = edgeFlow(light, Math.max(2, 3 * unit), 4)
    checkpoint()
    const lines = darkEdges(light, flow, { sigma: Math.max(0.6, 1.1 * unit), gain: 14, reach: 4 })
    checkpoint()
    return engraved({ soft, form, lines, unit, pitch: Math.max(2.6, (7.5 - 3.5 * detail) * unit) })
  }
}

function engraved ({ soft, form, lines, unit, pitch }: { soft: Plane, form: Plane, lines: Plane, unit: number, pitch: number }): Picture {
  const { width, height } = soft
  const out = createPicture(width, height)
  const sheet = paper(81)
  const bend = 34 * unit / pitch
  const softness = 0.55 / pitch
  const tooth = Math.max(0.7, 1 / unit)
  const widths = lineWidths()
  for (let y = 0, p = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++, i += 3) {
      const tone = ((clamp01(soft.data[p]) * tones) | 0) * 2
      const lift = form.data[p] * bend
      const one = Math.abs(fraction((y + x * 0.18) / pitch + lift) - 0.5) * 2
      const two = Math.abs(fraction((x * 0.92 - y * 0.42) / pitch - lift) - 0.5) * 2
      const firstWidth = widths[tone]
      const secondWidth = widths[tone + 1]
      const first = firstWidth === 0 ? 0 : smoothstep(firstWidth + softness * 2, firstWidth - softness * 2, one)
      const second = secondWidth < 0.04 ? 0 : smoothstep(secondWidth + softness * 2, secondWidth - softness * 2, two)
      const ink = clamp01(Math.max(first, second, lines.data[p] * 0.95))
      const white = 1 + (textureAt(sheet, x * tooth, y * tooth) - 0.5) * 0.05
      out.data[i] = (236 - 214 * ink) * white
      out.data[i + 1] = (238 - 178 * ink) * white
      out.data[i + 2] = (222 - 172 * ink) * white
    }
  }
  return out
}

/** Steps of light that widths are kept for. */
const tones = 1024

/** Widths of the first and the second line for each tone: as wide as it is dark; the second joins in from the middle tones on. */
function lineWidths (): Float32Array {
  const widths = new Float32Array((tones + 1) * 2)
  for (let tone = 0; tone <= tones; tone++) {
    const dark = clamp01(1.02 - tone / tones) ** 1.25
    widths[tone * 2] = dark < 0.07 ? 0 : 0.06 + 0.78 * smoothstep(0.05, 0.95, dark)
    widths[tone * 2 + 1] = 0.72 * smoothstep(0.48, 1, dark)
  }
  return widths
}

const fraction = (value: number) => value - Math.floor(value)
