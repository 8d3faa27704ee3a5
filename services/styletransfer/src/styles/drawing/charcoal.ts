import { gaussian } from '../../pixels/blur.ts'
import { edgeFlow } from '../../pixels/edges/flow.ts'
import { darkEdges } from '../../pixels/edges/lines.ts'
import { clouds, paper, textureAt, textureBetween } from '../../pixels/noise.ts'
import { createPicture, luminance, type Picture, type Plane } from '../../pixels/picture.ts'
import { clamp01, levelled, smoothstep } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/** Charcoal and white chalk on grey-brown paper: smudged masses that catch only on the tooth of the sheet, heavy strokes. */
export const charcoal: Style = {
  id: 'charcoal',
  name: { en: 'Charcoal', zh: '炭笔' },
  description: {
    en: 'Heavy charcoal strokes and smudges with white chalk on toned paper.',
    zh: '有色纸上厚重的炭条笔触与擦痕，以白粉笔提亮。'
  },
  detail: { en: 'Thinner strokes', zh: '笔触更细' },
  render: (picture, { detail, unit, checkpoint }) => {
    const light = levelled(luminance(picture), 0.95)
    const mass = gaussian(light, (7 - 4 * detail) * unit)
    const flow = edgeFlow(light, Math.max(2, 5 * unit), 4)
    checkpoint()
    const strokes = darkEdges(light, flow, { sigma: Math.max(0.8, (3.6 - 2 * detail) * unit), gain: 10, reach: 6 })
    const fine = darkEdges(light, flow, { sigma: Math.max(0.6, 1.2 * unit), gain: 9, reach: 4 })
    checkpoint()
    return drawn({ light, mass, strokes, fine, unit })
  }
}

function drawn ({ light, mass, strokes, fine, unit }: { light: Plane, mass: Plane, strokes: Plane, fine: Plane, unit: number }): Picture {
  const { width, height } = light
  const out = createPicture(width, height)
  const sheet = paper(71)
  const smudge = clouds(4, 72)
  const coarse = Math.max(0.5, 0.62 / unit)
  // The side of the stick leaves streaks that run down to the left.
  const streakX = 0.55 / unit
  for (let y = 0, p = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++, i += 3) {
      const tooth = textureAt(sheet, x * coarse, y * coarse)
      const streak = textureBetween(smudge, (x + y * 0.8) * streakX + 4096, (y - x * 0.7) * streakX * 0.09 + 4096) - 0.5
      const tone = 0.45 * mass.data[p] + 0.55 * light.data[p]
      const dark = 1 - tone
      const pressure = smoothstep(0.28, 0.95, dark + streak * 0.22)
      // Light pressure leaves charcoal on the heights of the paper only.
      const caught = smoothstep(0.78 - pressure * 0.85, 1.0 - pressure * 0.75, tooth)
      const smeared = pressure * 0.52
      const stroke = clamp01(Math.max(strokes.data[p], fine.data[p] * 0.75) * (0.55 + tooth * 0.9))
      const black = clamp01(1 - (1 - caught * (0.35 + 0.65 * pressure)) * (1 - smeared) * (1 - stroke * 0.9))
      const chalk = smoothstep(0.74, 1.04, tone + streak * 0.2) * (0.3 + 0.7 * smoothstep(0.25, 0.75, tooth)) * (1 - black) * 0.7
      const ground = 1 + (tooth - 0.5) * 0.12
      out.data[i] = (202 * (1 - chalk) + 250 * chalk) * ground * (1 - black) + 26 * black
      out.data[i + 1] = (192 * (1 - chalk) + 247 * chalk) * ground * (1 - black) + 25 * black
      out.data[i + 2] = (176 * (1 - chalk) + 240 * chalk) * ground * (1 - black) + 26 * black
    }
  }
  return out
}
