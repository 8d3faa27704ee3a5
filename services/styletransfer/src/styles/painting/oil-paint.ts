import { embossed } from '../../pixels/marks/light.ts'
import { vivid } from '../../pixels/colours/colour.ts'
import { flattened } from '../../pixels/edges/flatten.ts'
import { edgeFlow } from '../../pixels/edges/flow.ts'
import { grain, randomFrom, textureAt } from '../../pixels/noise.ts'
import { luminance } from '../../pixels/picture.ts'
import { createCanvas, paintStrokes } from '../../pixels/marks/strokes.ts'
import type { Style } from '../style.ts'

/** Layers of curved strokes, broad ones first, thin ones only where something is to be told; then light across the paint. */
export const oilPaint: Style = {
  id: 'oil-paint',
  name: { en: 'Oil paint', zh: '油画' },
  description: {
    en: 'Brush strokes that follow the shapes, thick paint with light across it.',
    zh: '笔触顺着物体的轮廓走，颜料厚重，表面有侧光。'
  },
  detail: { en: 'Finer brushes', zh: '画笔更细' },
  render: (picture, { detail, unit, checkpoint }) => {
    const random = randomFrom(11)
    const finest = Math.max(1.2, (5.5 - 3.7 * detail) * unit)
    const soft = flattened(vivid(picture, 1.3), { space: finest * 4, range: 0.5 })
    const flow = edgeFlow(luminance(soft), Math.max(2, 6 * unit), 4)
    checkpoint()
    const canvas = createCanvas(soft)
    paintStrokes(canvas, soft, flow, { radius: finest * 3.6, length: 6, tolerance: 0, jitter: 26, random })
    checkpoint()
    paintStrokes(canvas, soft, flow, { radius: finest * 1.9, length: 6, tolerance: 0.05, jitter: 22, random })
    checkpoint()
    paintStrokes(canvas, soft, flow, { radius: finest, length: 7, tolerance: 0.065, jitter: 16, random })
    checkpoint()
    const weave = grain(5)
    const { height } = canvas
    for (let y = 0, p = 0; y < height.height; y++) {
      for (let x = 0; x < height.width; x++, p++) height.data[p] += textureAt(weave, x, y) * 0.25
    }
    return embossed(canvas.picture, height, { depth: 0.16, gloss: 0.7 })
  }
}
