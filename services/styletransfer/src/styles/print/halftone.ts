import { boxMean } from '../../pixels/blur.ts'
import { paper, textureAt } from '../../pixels/noise.ts'
import { createPicture, createPlane, luminance, type Picture, type Plane } from '../../pixels/picture.ts'
import { relit, vivid } from '../../pixels/colours/colour.ts'
import { levelled, smoothstep } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/** A screen: which ink, turned by which angle (degrees, the press's usual ones), shifted out of register by thousandths. */
interface Screen {
  readonly ink: readonly [number, number, number]
  readonly angle: number
  readonly shift: readonly [number, number]
}

const screens: readonly Screen[] = [
  { ink: [0, 158, 224], angle: 15, shift: [0.8, -0.5] },
  { ink: [226, 0, 122], angle: 75, shift: [-0.7, 0.4] },
  { ink: [255, 229, 0], angle: 0, shift: [0.3, 0.8] },
  { ink: [32, 28, 30], angle: 45, shift: [0, 0] }
]

/** Four-colour print under the loupe: cyan, magenta, yellow and black dots on turned screens, inks that multiply. */
export const halftone: Style = {
  id: 'halftone',
  name: { en: 'Halftone', zh: '网点印刷' },
  description: {
    en: 'Four-colour printing dots on newsprint, as under a magnifying glass.',
    zh: '放大镜下的四色印刷网点，印在新闻纸上。'
  },
  detail: { en: 'Finer screen', zh: '网点更细' },
  render: (picture, { detail, unit, checkpoint }) => {
    const light = luminance(picture)
    const pitch = Math.max(3.2, (12.5 - 6.5 * detail) * unit)
    const plates = separated(vivid(relit(picture, light, levelled(light, 0.5)), 1.8)).map((plate) => boxMean(plate, Math.round(pitch * 0.3)))
    checkpoint()
    const out = newsprint(picture.width, picture.height, unit)
    screens.forEach((screen, index) => {
      print(out, plates[index], { screen, pitch, unit })
      checkpoint()
    })
    return out
  }
}

/** Amounts of cyan, magenta, yellow and black, 0 to 1, grey replaced by black in part. */
function separated ({ width, height, data }: Picture): readonly Plane[] {
  const plates = [0, 1, 2, 3].map(() => createPlane(width, height))
  for (let p = 0, i = 0; p < width * height; p++, i += 3) {
    const most = Math.max(data[i], data[i + 1], data[i + 2])
    const black = Math.max(0, 1 - most / 255 - 0.12) * 1.05
    for (let channel = 0; channel < 3; channel++) plates[channel].data[p] = Math.max(0, 1 - data[i + channel] / 255 - black * 0.75)
    plates[3].data[p] = black
  }
  return plates
}

function newsprint (width: number, height: number, unit: number): Picture {
  const out = createPicture(width, height)
  const sheet = paper(101)
  const tooth = Math.max(0.7, 1 / unit)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const rough = (textureAt(sheet, x * tooth, y * tooth) - 0.5) * 14
      out.data[i] = 247 + rough
      out.data[i + 1] = 242 + rough
      out.data[i + 2] = 228 + rough
    }
  }
  return out
}

function print (on: Picture, plate: Plane, { screen, pitch, unit }: { screen: Screen, pitch: number, unit: number }): void {
  const { width, height } = plate
  const cos = Math.cos(screen.angle * Math.PI / 180) / pitch
  const sin = Math.sin(screen.angle * Math.PI / 180) / pitch
  const soft = 0.7 / pitch
  const keep = screen.ink.map((channel) => 1 - channel / 255)
  // Radius of the dot that covers a share of its square; above pi/4 dots touch and run into each other.
  const radii = Float32Array.from({ length: 257 }, (_, i) => i < 6 ? -1 : Math.sqrt(i / 256 / Math.PI) * (1 + 0.26 * (i / 256) ** 3))
  for (let y = 0, p = 0, i = 0; y < height; y++) {
    const sy = y + screen.shift[1] * unit
    for (let x = 0; x < width; x++, p++, i += 3) {
      const radius = radii[(Math.min(1, plate.data[p]) * 256) | 0]
      if (radius < 0) continue
      const sx = x + screen.shift[0] * unit
      const u = sx * cos + sy * sin
      const v = sy * cos - sx * sin
      const du = u - Math.round(u)
      const dv = v - Math.round(v)
      const cover = smoothstep(radius + soft, radius - soft, Math.sqrt(du * du + dv * dv)) * 0.95
      if (cover === 0) continue
      on.data[i] *= 1 - keep[0] * cover
      on.data[i + 1] *= 1 - keep[1] * cover
      on.data[i + 2] *= 1 - keep[2] * cover
    }
  }
}
