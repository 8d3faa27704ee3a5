import { gaussian } from '../../pixels/blur.ts'
import { edgeFlow } from '../../pixels/edges/flow.ts'
import { darkEdges } from '../../pixels/edges/lines.ts'
import { grain, paper, textureAt } from '../../pixels/noise.ts'
import { createPicture, createPlane, luminance, type Picture, type Plane } from '../../pixels/picture.ts'
import { clamp01, levelled, smoothstep } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/**
 * Graphite on paper: lines, and tone laid on in hatching that crosses where it gets dark (lines and tone apart, as
 * C. Lu, L. Xu, J. Jia, "Combining sketch and tone for pencil drawing production", NPAR 2012).
 */
export const pencilSketch: Style = {
  id: 'pencil-sketch',
  name: { en: 'Pencil sketch', zh: '铅笔素描' },
  description: {
    en: 'Graphite lines and hatching on white paper.',
    zh: '白纸上的石墨线条与排线。'
  },
  detail: { en: 'Finer hatching, more lines', zh: '排线更密，线条更多' },
  render: (picture, { detail, unit, checkpoint }) => {
    const light = luminance(picture)
    const tone = levelled(gaussian(light, 1.5 * unit), 0.95)
    const flow = edgeFlow(light, Math.max(1.6, 3 * unit), 2)
    const lines = darkEdges(levelled(light, 0.7), flow, { sigma: Math.max(0.6, (1.5 - 0.6 * detail) * unit), gain: 13 + 10 * detail, reach: 5 })
    checkpoint()
    const step = Math.max(0.55, (2.3 - 1.1 * detail) * unit)
    const first = hatching(light.width, light.height, { angle: -0.9, step })
    const second = hatching(light.width, light.height, { angle: 0.35, step: step * 1.1 })
    checkpoint()
    return drawn({ tone, lines, first, second, unit })
  }
}

/** Strokes of a hand that hatches: noise drawn out along one direction, 0 to 1. */
function hatching (width: number, height: number, { angle, step }: { angle: number, step: number }): Plane {
  const noise = grain(Math.round(angle * 10) + 60)
  const out = createPlane(width, height)
  // No hand draws straight: one wave, looked up.
  const wave = Float32Array.from({ length: 1024 }, (_, i) => Math.sin(i / 1024 * 2 * Math.PI) * 2)
  const pace = 0.02 * 1024 / (2 * Math.PI)
  const cos = Math.cos(angle) / step
  const sin = Math.sin(angle) / step
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      const along = x * cos + y * sin + 4096
      const across = -x * sin + y * cos + 4096 + wave[(along * pace) & 1023]
      out.data[p] = (textureAt(noise, along * 0.05, across) * 0.55 + textureAt(noise, along * 0.09 + 77, across * 1.7) * 0.45)
    }
  }
  return out
}

function drawn ({ tone, lines, first, second, unit }: { tone: Plane, lines: Plane, first: Plane, second: Plane, unit: number }): Picture {
  const { width, height } = tone
  const out = createPicture(width, height)
  const sheet = paper(63)
  const tooth = Math.max(0.7, 1 / unit)
  for (let y = 0, p = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++, i += 3) {
      const rough = textureAt(sheet, x * tooth, y * tooth) - 0.5
      const shade = 1 - tone.data[p]
      const light = shade * smoothstep(0.12, 0.45, shade)
      const one = smoothstep(0.72 - light * 0.75, 0.98 - light * 0.62, first.data[p] + rough * 0.25)
      const two = smoothstep(0.95 - light * 0.72, 1.15 - light * 0.62, second.data[p] + rough * 0.25)
      const hatch = 1 - (1 - one * 0.5) * (1 - two * 0.55)
      const line = lines.data[p] * (0.85 + rough * 0.9)
      const graphite = clamp01(1 - (1 - hatch * (0.45 + 0.75 * light)) * (1 - clamp01(line) * 0.85) * (1 - light * 0.28))
      const white = 249 + rough * 10
      out.data[i] = white - graphite * 205
      out.data[i + 1] = white - 1 - graphite * 203
      out.data[i + 2] = white - 5 - graphite * 195
    }
  }
  return out
}
