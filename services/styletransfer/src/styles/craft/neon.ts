import { gaussian } from '../../pixels/blur.ts'
import { edgeFlow } from '../../pixels/edges/flow.ts'
import { darkEdges } from '../../pixels/edges/lines.ts'
import { clouds, textureBetween } from '../../pixels/noise.ts'
import { createPicture, createPlane, luminance, type Picture, type Plane } from '../../pixels/picture.ts'
import { enlarged, reduced, shrunk, stretchedTo } from '../../pixels/resize.ts'
import { levelled, smoothstep } from '../../pixels/tone.ts'
import { flattened } from '../../pixels/edges/flatten.ts'
import type { Style } from '../style.ts'

/** Colours of gas and glass: the tubes of a sign. */
const tubes = [[255, 45, 149], [255, 110, 40], [255, 224, 70], [60, 255, 150], [40, 216, 255], [90, 110, 255], [196, 70, 255]] as const

/** Outlines bent from neon tubes, white-hot inside, that light up the night around them. */
export const neon: Style = {
  id: 'neon',
  name: { en: 'Neon', zh: '霓虹' },
  description: {
    en: 'Outlines of glowing neon tubes against the night.',
    zh: '夜色中由霓虹灯管勾出的发光轮廓。'
  },
  detail: { en: 'Thinner tubes, more of them', zh: '灯管更细更多' },
  render: (picture, { detail, unit, checkpoint }) => {
    const flat = flattened(reduced(picture, 2), { space: (12 - 7 * detail) * unit + 1, range: 0.5 - 0.15 * detail })
    checkpoint()
    const light = stretchedTo(levelled(luminance(flat), 0.95), picture.width, picture.height)
    const flow = edgeFlow(light, Math.max(2, 5 * unit), 4)
    const edges = darkEdges(light, flow, { sigma: Math.max(0.8, (2.7 - 1.3 * detail) * unit), gain: 45, reach: 5 })
    checkpoint()
    const hues = coloured(picture, unit)
    checkpoint()
    return glowing({ light, edges, hues, unit })
  }
}

/** Which tube is lit where: the photo's own hue where it has one, else by place, in fields that change slowly. */
function coloured (picture: Picture, unit: number): Picture {
  const factor = Math.max(1, Math.round(6 * unit))
  const small = reduced(picture, factor)
  const fields = clouds(3, 181)
  const lit = createPicture(small.width, small.height)
  for (let y = 0, i = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++, i += 3) {
      const [r, g, b] = [small.data[i], small.data[i + 1], small.data[i + 2]]
      const spread = Math.max(r, g, b) - Math.min(r, g, b)
      const place = ((textureBetween(fields, x * factor / unit * 0.1, y * factor / unit * 0.1) - 0.2) * 2.4 + 0.35 * x / small.width + 7) % 1
      const hue = spread > 26 ? hueOf(r, g, b) : place
      lit.data.set(tubes[Math.floor(hue * tubes.length) % tubes.length], i)
    }
  }
  return fromPlanes([0, 1, 2].map((channel) => gaussian(channelOf(lit, channel), 3)))
}

function channelOf ({ width, height, data }: Picture, channel: number): Plane {
  const plane = createPlane(width, height)
  for (let p = 0, i = channel; p < plane.data.length; p++, i += 3) plane.data[p] = data[i]
  return plane
}

function fromPlanes (planes: readonly Plane[]): Picture {
  const out = createPicture(planes[0].width, planes[0].height)
  planes.forEach(({ data }, channel) => {
    for (let p = 0, i = channel; p < data.length; p++, i += 3) out.data[i] = data[p]
  })
  return out
}

/** Position on the ring of tubes, 0 to 1, that begins at pink. */
function hueOf (r: number, g: number, b: number): number {
  const most = Math.max(r, g, b)
  const spread = most - Math.min(r, g, b)
  const sixth = most === r ? ((g - b) / spread + 6) % 6 : most === g ? (b - r) / spread + 2 : (r - g) / spread + 4
  return (sixth / 6 + 0.07) % 1
}

function glowing ({ light, edges, hues, unit }: { light: Plane, edges: Plane, hues: Picture, unit: number }): Picture {
  const { width, height } = light
  const out = createPicture(width, height)
  const base = [14, 10, 30]
  const near = stretchedTo(gaussian(shrunk(edges, 2), 1.3 * unit), width, height)
  const halos = halo(edges, hues, unit)
  const lit = enlarged(hues, width, height)
  for (let p = 0, i = 0; p < light.data.length; p++, i += 3) {
    const edge = edges.data[p]
    const core = edge > 0.55 ? 200 * smoothstep(0.55, 1, edge) : 0
    const tube = Math.min(1, near.data[p] * 1.5 + edge * 0.5)
    const night = 0.06 + light.data[p] * 0.24
    for (let channel = 0; channel < 3; channel++) {
      const colour = lit.data[i + channel]
      const glow = halos.data[i + channel]
      const wall = base[channel] + night * (colour * 0.25 + glow * 1.6 + 26)
      out.data[i + channel] = wall * (1 - tube * 0.4) + glow * 0.75 + colour * tube * 0.8 + core
    }
  }
  return out
}

/** Light that tubes throw on the air around them: a near and a far halo. */
function halo (edges: Plane, hues: Picture, unit: number): Picture {
  const factor = Math.max(1, Math.round(3 * unit))
  const lit = shrunk(edges, factor)
  const planes = [0, 1, 2].map((channel) => {
    const own = stretchedTo(channelOf(hues, channel), lit.width, lit.height)
    for (let p = 0; p < lit.data.length; p++) own.data[p] *= lit.data[p]
    const wide = gaussian(own, 9 * unit / factor)
    const far = gaussian(own, 34 * unit / factor)
    for (let p = 0; p < far.data.length; p++) wide.data[p] = wide.data[p] * 1.1 + far.data[p] * 1.5
    return wide
  })
  return enlarged(fromPlanes(planes), edges.width, edges.height)
}
