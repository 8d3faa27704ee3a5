import { flattened } from '../../pixels/edges/flatten.ts'
import { vivid } from '../../pixels/colours/colour.ts'
import { labOf, rgbOf } from '../../pixels/colours/lab.ts'
import { randomFrom } from '../../pixels/noise.ts'
import { createPicture, type Picture } from '../../pixels/picture.ts'
import { shuffled } from '../../pixels/marks/strokes.ts'
import type { Style } from '../style.ts'

/** Dots of pure colour, as Seurat set them: the eye mixes them, shadows are blue and violet rather than black. */
export const pointillism: Style = {
  id: 'pointillism',
  name: { en: 'Pointillism', zh: '点彩' },
  description: {
    en: 'Thousands of dots of strong colour that mix in the eye.',
    zh: '成千上万个纯色小点，由眼睛混合成画。'
  },
  detail: { en: 'Smaller dots', zh: '色点更小' },
  render: (picture, { detail, unit, checkpoint }) => {
    const radius = Math.max(1.3, (6.2 - 4 * detail) * unit)
    const source = flattened(vivid(picture, 1.35), { space: radius * 3, range: 0.5, rounds: 1 })
    checkpoint()
    const out = createPicture(picture.width, picture.height)
    for (let i = 0; i < out.data.length; i += 3) {
      // Primed canvas in the tone of the photo, so that gaps between dots glow but do not glare.
      out.data[i] = 232 * 0.4 + source.data[i] * 0.6
      out.data[i + 1] = 222 * 0.4 + source.data[i + 1] * 0.6
      out.data[i + 2] = 200 * 0.4 + source.data[i + 2] * 0.6
    }
    const random = randomFrom(51)
    for (const [scale, spread] of [[1.35, 15], [1, 24], [0.72, 34]] as const) {
      setDots(out, source, { radius: radius * scale, spread, random })
      checkpoint()
    }
    return out
  }
}

function setDots (out: Picture, source: Picture, { radius, spread, random }: { radius: number, spread: number, random: () => number }): void {
  const { width, height } = source
  const step = radius * 1.9
  const columns = Math.ceil(width / step)
  for (const cell of shuffled(columns * Math.ceil(height / step), random)) {
    const x = ((cell % columns) + random()) * step
    const y = (Math.floor(cell / columns) + random()) * step
    if (x >= width || y >= height) continue
    const i = ((y | 0) * width + (x | 0)) * 3
    const [l, a, b] = labOf(source.data[i], source.data[i + 1], source.data[i + 2])
    // Neighbours differ in hue and balance each other; shadows lean to blue-violet, light to yellow.
    const angle = random() * Math.PI * 2
    const shift = spread * (0.35 + 0.65 * Math.sin(Math.PI * Math.min(1, Math.max(0, l / 100))))
    const lean = (l - 55) / 55
    const colour = rgbOf([
      Math.max(14, l + (random() - 0.5) * 13),
      a * 1.1 + Math.cos(angle) * shift * 0.75 + (lean < 0 ? -lean * 9 : 0),
      b * 1.1 + Math.sin(angle) * shift + (lean < 0 ? lean * 18 : lean * 7)
    ])
    setDot(out, { x, y, radius: radius * (0.75 + random() * 0.4), colour })
  }
}

function setDot ({ width, height, data }: Picture, { x, y, radius, colour }: { x: number, y: number, radius: number, colour: readonly [number, number, number] }): void {
  const bottom = Math.min(height - 1, Math.ceil(y + radius))
  const right = Math.min(width - 1, Math.ceil(x + radius))
  for (let py = Math.max(0, Math.floor(y - radius)); py <= bottom; py++) {
    for (let px = Math.max(0, Math.floor(x - radius)); px <= right; px++) {
      const distance = Math.sqrt((px - x) ** 2 + (py - y) ** 2)
      const cover = Math.min(1, radius - distance + 0.5)
      if (cover <= 0) continue
      const i = (py * width + px) * 3
      // A dot of paint stands up a little: lit from the upper left.
      const shade = ((x - px) + (y - py)) / radius * 9
      for (let channel = 0; channel < 3; channel++) data[i + channel] += (colour[channel] + shade - data[i + channel]) * cover
    }
  }
}
