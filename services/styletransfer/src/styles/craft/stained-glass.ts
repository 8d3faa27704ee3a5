import { gaussian } from '../../pixels/blur.ts'
import { cellColours, superpixels } from '../../pixels/marks/cells.ts'
import { relit, vivid } from '../../pixels/colours/colour.ts'
import { vignette } from '../../pixels/marks/light.ts'
import { flattened } from '../../pixels/edges/flatten.ts'
import { clouds, randomFrom, textureBetween } from '../../pixels/noise.ts'
import { createPicture, createPlane, luminance, type Picture, type Plane } from '../../pixels/picture.ts'
import { reduced, stretchedTo } from '../../pixels/resize.ts'
import { clamp01, levelled, smoothstep } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/** Panes of coloured glass that follow the shapes, in rounded lead, with the sun behind them. */
export const stainedGlass: Style = {
  id: 'stained-glass',
  name: { en: 'Stained glass', zh: '彩色玻璃' },
  description: {
    en: 'Glowing panes of coloured glass in dark lead, lit from behind.',
    zh: '深色铅条镶着透光的彩色玻璃。'
  },
  detail: { en: 'Smaller panes', zh: '玻璃块更小' },
  render: (picture, { detail, unit, checkpoint }) => {
    // Panes are cut on a coarser grid; their edges are smoothed on the way back.
    const factor = Math.max(1, Math.round(3 * unit))
    const small = lit(reduced(picture, factor))
    const size = Math.max(5, (66 - 40 * detail) * unit / factor)
    const cells = superpixels(flattened(small, { space: size / 2, range: 0.5 }), { size, compactness: 0.3 })
    checkpoint()
    const colours = glass(cellColours(small, cells))
    const lead = stretchedTo(gaussian(borders(cells.label, cells), 1.1), picture.width, picture.height)
    checkpoint()
    const hues = [0, 1, 2].map((channel) => stretchedTo(plate(cells, colours, channel), picture.width, picture.height))
    checkpoint()
    return leaded(picture, { lead, hues, unit })
  }
}

interface Grid { readonly width: number, readonly height: number, readonly label: Int32Array }

/** Dark photos glow and pale ones keep their shapes: light over the whole range, colours strong. */
function lit (picture: Picture): Picture {
  const light = luminance(picture)
  return vivid(relit(picture, light, levelled(light, 0.75)), 1.5)
}

function glass (colours: Float32Array): Float32Array {
  const random = randomFrom(151)
  const out = new Float32Array(colours.length)
  for (let i = 0; i < colours.length; i += 3) {
    const tint = 0.94 + random() * 0.26
    const grey = (colours[i] + colours[i + 1] + colours[i + 2]) / 3
    const lean = (random() - 0.5) * 26
    // Glass is stained through: each hue is deep, and even grey panes lean to one.
    const hue = [lean, -lean * 0.3, -lean]
    for (let channel = 0; channel < 3; channel++) out[i + channel] = (grey + (colours[i + channel] - grey) * 1.45 + hue[channel]) * tint + 8
  }
  return out
}

function borders (label: Int32Array, { width, height }: Grid): Plane {
  const out = createPlane(width, height)
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      const edge = (x + 1 < width && label[p] !== label[p + 1]) || (y + 1 < height && label[p] !== label[p + width])
      if (edge || x === 0 || y === 0 || x === width - 1 || y === height - 1) out.data[p] = 1
    }
  }
  return out
}

function plate ({ width, height, label }: Grid, colours: Float32Array, channel: number): Plane {
  const out = createPlane(width, height)
  for (let p = 0; p < out.data.length; p++) out.data[p] = colours[label[p] * 3 + channel]
  return out
}

function leaded ({ width, height }: Picture, { lead, hues, unit }: { lead: Plane, hues: readonly Plane[], unit: number }): Picture {
  const out = createPicture(width, height)
  const ripples = clouds(5, 152)
  const sun = vignette(width, height, 0.45)
  for (let y = 0, p = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++, i += 3) {
      const u = x / unit
      const v = y / unit
      const ripple = textureBetween(ripples, u * 1.1, v * 0.35) - 0.5
      const near = lead.data[p]
      const metal = smoothstep(0.3, 0.4, near)
      const right = lead.data[p + (x < width - 1 ? 1 : 0)]
      const below = lead.data[p + (y < height - 1 ? width : 0)]
      const round = clamp01(0.32 + ((right - near) + (below - near)) * 2.6 * unit)
      const light = (1.08 + ripple * 0.42) * sun(x, y) * (1 - smoothstep(0.02, 0.32, near) * 0.38)
      for (let channel = 0; channel < 3; channel++) {
        const body = hues[channel].data[p] * light + Math.max(0, ripple - 0.22) * 190
        out.data[i + channel] = body * (1 - metal) + (18 + round * 62 + (channel === 2 ? 5 : 0)) * metal
      }
    }
  }
  return out
}
