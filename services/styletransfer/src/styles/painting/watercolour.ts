import { gaussian } from '../../pixels/blur.ts'
import { relit, vivid } from '../../pixels/colours/colour.ts'
import { flattened } from '../../pixels/edges/flatten.ts'
import { edgeFlow } from '../../pixels/edges/flow.ts'
import { inset } from '../../pixels/marks/light.ts'
import { darkEdges } from '../../pixels/edges/lines.ts'
import { clouds, paper, textureAt, textureBetween } from '../../pixels/noise.ts'
import { createPicture, createPlane, luminance, type Picture, type Plane } from '../../pixels/picture.ts'
import { enlarged, reduced, stretchedTo } from '../../pixels/resize.ts'
import { clamp01, levelled, smoothstep } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/**
 * Washes that let the paper through, darker where they dried at their edges, grainy where the pigment settled; the order
 * of effects follows A. Bousseau et al., "Interactive watercolor rendering with temporal coherence and abstraction", NPAR 2006.
 */
export const watercolour: Style = {
  id: 'watercolour',
  name: { en: 'Watercolour', zh: '水彩' },
  description: {
    en: 'Transparent washes on rough paper with dark drying edges and a loose border.',
    zh: '透明的色层铺在粗纹纸上，边缘有水渍，四周留白。'
  },
  detail: { en: 'Smaller washes, finer pencil', zh: '色块更小，铅笔线更细' },
  render: (picture, { detail, unit, checkpoint }) => {
    const { width, height } = picture
    // Washes are soft: they are laid on half the width, pencil and paper on all of it.
    const half = unit / 2
    const small = reduced(picture, 2)
    const wash = flattened(wobbled(small, 3.4 * half), { space: (34 - 22 * detail) * half + 2, range: 0.75 - 0.35 * detail })
    checkpoint()
    const light = luminance(wash)
    const target = stepped(levelled(light, 0.8), half)
    const coloured = enlarged(vivid(relit(wash, light, target), 1.45), width, height)
    checkpoint()
    const pools = stretchedTo(edgePools(target, Math.max(0.8, 2.2 * half)), width, height)
    const flow = edgeFlow(light, Math.max(2, 4 * half), 2)
    const pencil = darkEdges(luminance(picture), { ...flow, factor: 4 }, { sigma: Math.max(0.6, unit), gain: 9, reach: 4 })
    checkpoint()
    return onPaper(coloured, { pools, pencil, unit, pencilled: 0.35 + 0.3 * detail })
  }
}

/** Edges that no ruler drew: every pixel taken from a little way off. */
function wobbled (picture: Picture, amount: number): Picture {
  const { width, height } = picture
  const out = createPicture(width, height)
  const across = clouds(5, 21)
  const down = clouds(5, 22)
  const scale = 1.6 / Math.max(1, amount)
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++, o += 3) {
      const sx = Math.min(width - 1, Math.max(0, x + (textureAt(across, x * scale, y * scale) - 0.5) * amount * 4)) | 0
      const sy = Math.min(height - 1, Math.max(0, y + (textureAt(down, x * scale, y * scale) - 0.5) * amount * 4)) | 0
      const i = (sy * width + sx) * 3
      out.data[o] = picture.data[i]
      out.data[o + 1] = picture.data[i + 1]
      out.data[o + 2] = picture.data[i + 2]
    }
  }
  return out
}

/** Light in a few soft steps, pale overall: a wash is put over a wash. */
function stepped (light: Plane, unit: number): Plane {
  const out = createPlane(light.width, light.height)
  const uneven = clouds(5, 23)
  const pale = Float32Array.from({ length: 1025 }, (_, i) => 0.17 + 0.83 * (i / 1024) ** 0.82)
  for (let y = 0, p = 0; y < light.height; y++) {
    for (let x = 0; x < light.width; x++, p++) {
      const value = (light.data[p] + (textureAt(uneven, x / unit * 0.5, y / unit * 0.5) - 0.5) * 0.09) * 5
      const step = Math.floor(value)
      const level = (step + smoothstep(0.32, 0.68, value - step)) / 5
      out.data[p] = pale[(clamp01(0.4 * light.data[p] + 0.6 * level) * 1024) | 0]
    }
  }
  return out
}

/** Pigment that gathered where washes end. */
function edgePools (light: Plane, sigma: number): Plane {
  const wide = gaussian(light, sigma * 2)
  const narrow = gaussian(light, sigma * 0.5)
  const out = createPlane(light.width, light.height)
  for (let p = 0; p < out.data.length; p++) out.data[p] = Math.min(1, Math.max(0, (wide.data[p] - narrow.data[p]) * 7))
  return out
}

function onPaper (picture: Picture, { pools, pencil, unit, pencilled }: { pools: Plane, pencil: Plane, unit: number, pencilled: number }): Picture {
  const { width, height } = picture
  const out = createPicture(width, height)
  const sheet = paper(24)
  const blots = clouds(5, 25)
  const fine = clouds(6, 26)
  const tooth = Math.max(0.7, 1 / unit)
  for (let y = 0, p = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++, i += 3) {
      const u = x / unit
      const v = y / unit
      const grainy = textureAt(sheet, x * tooth, y * tooth) - 0.5
      const blot = textureBetween(blots, u * 0.45 + 9, v * 0.45 + 9) - 0.5
      // Pigment density after Bousseau: 1 leaves the colour, more darkens its middle tones most.
      const density = 1 + blot * 1.1 + grainy * 0.55 + (textureAt(fine, u, v) - 0.5) * 0.4 + pools.data[p] * 0.85
      const border = inset(width, height, x, y) / unit - 14
      const reach = border > 50 ? border : border + (textureBetween(blots, u * 0.9 + 99, v * 0.9) - 0.5) * 66
      const cover = reach > 7 ? 1 : smoothstep(0, 7, reach)
      const rim = 1 + 0.5 * Math.max(0, 1 - Math.abs(reach - 7) / 7)
      const line = 1 - pencil.data[p] * pencilled * (1 - Math.max(0, grainy) * 1.4)
      const sheetLight = 250 + grainy * 15
      for (let channel = 0; channel < 3; channel++) {
        const c = picture.data[i + channel] / 255
        const pigment = Math.max(0, c - (c - c * c) * (density * rim - 1))
        const white = channel === 2 ? sheetLight - 6 : sheetLight
        out.data[i + channel] = white * (1 - cover + cover * pigment) * (cover * line + 1 - cover)
      }
    }
  }
  return out
}
