import { relit, vivid } from '../../pixels/colours/colour.ts'
import { flattened } from '../../pixels/edges/flatten.ts'
import { edgeFlow } from '../../pixels/edges/flow.ts'
import { darkEdges } from '../../pixels/edges/lines.ts'
import { createPicture, createPlane, luminance, type Picture, type Plane } from '../../pixels/picture.ts'
import { levelled, smoothstep } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/**
 * Flat colours in few tones, black outlines, shadows in printed dots; abstraction as
 * H. Winnemöller, S. C. Olsen, B. Gooch, "Real-time video abstraction", SIGGRAPH 2006.
 */
export const comic: Style = {
  id: 'comic',
  name: { en: 'Comic', zh: '漫画' },
  description: {
    en: 'Bold outlines, flat bright colours and dotted shadows, as in a printed comic.',
    zh: '粗黑轮廓、平涂亮色与网点阴影，像印刷的漫画书。'
  },
  detail: { en: 'Thinner lines, more tones', zh: '线条更细，色阶更多' },
  render: (picture, { detail, unit, checkpoint }) => {
    const flat = flattened(picture, { space: (22 - 10 * detail) * unit + 2, range: 0.42 - 0.15 * detail })
    checkpoint()
    const before = luminance(flat)
    const light = levelled(before, 0.85)
    const coloured = vivid(relit(flat, before, posterised(light, Math.round(4 + 4 * detail))), 1.75)
    checkpoint()
    const flow = edgeFlow(light, Math.max(2, 4 * unit), 4)
    const sigma = Math.max(0.8, (2.1 - 0.9 * detail) * unit)
    const edges = darkEdges(light, flow, { sigma, gain: 22, reach: 5 })
    return printed(coloured, { light, edges, unit })
  }
}

function posterised (light: Plane, levels: number): Plane {
  const out = createPlane(light.width, light.height)
  for (let p = 0; p < out.data.length; p++) {
    const value = light.data[p] * levels
    const step = Math.floor(value)
    out.data[p] = 0.1 + 0.9 * (step + smoothstep(0.42, 0.58, value - step)) / levels
  }
  return out
}

function printed (picture: Picture, { light, edges, unit }: { light: Plane, edges: Plane, unit: number }): Picture {
  const { width, height } = picture
  const out = createPicture(width, height)
  const pitch = Math.max(3.2, 7 * unit)
  for (let y = 0, p = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++, i += 3) {
      const u = (x + y) * Math.SQRT1_2 / pitch
      const v = (x - y) * Math.SQRT1_2 / pitch
      const du = u - Math.round(u)
      const dv = v - Math.round(v)
      const size = 0.46 * smoothstep(0.5, 0.12, light.data[p])
      const dot = size < 0.08 ? 0 : smoothstep(size + 0.6 / pitch, size - 0.6 / pitch, Math.sqrt(du * du + dv * dv))
      // Deep shadow is inked solid, outlines are drawn.
      const black = smoothstep(0.05, 0.11, light.data[p]) * (1 - smoothstep(0.25, 0.7, edges.data[p]))
      const shade = (1 - dot * 0.42) * black
      out.data[i] = picture.data[i] * shade + 12 * (1 - black)
      out.data[i + 1] = picture.data[i + 1] * shade + 10 * (1 - black)
      out.data[i + 2] = picture.data[i + 2] * (1 - dot * 0.3) * black + 16 * (1 - black)
    }
  }
  return out
}
