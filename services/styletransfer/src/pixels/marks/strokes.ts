import { flowIndex, type Flow } from '../edges/flow.ts'
import type { Random } from '../noise.ts'
import { createPlane, type Picture, type Plane } from '../picture.ts'

/** What is painted on: the colours so far and how thick the paint lies. */
export interface Canvas {
  readonly picture: Picture
  readonly height: Plane
}

export interface BrushOptions {
  /** Half the width of the brush in pixels. */
  readonly radius: number
  /** Longest stroke, in radii. */
  readonly length: number
  /** Difference of colour, 0 to 1, below which the canvas is left as it is. */
  readonly tolerance: number
  /** Difference of light between strokes, 0 to 255. */
  readonly jitter: number
  readonly random: Random
}

export const createCanvas = (picture: Picture): Canvas =>
  ({ picture: { ...picture, data: picture.data.slice() }, height: createPlane(picture.width, picture.height) })

/**
 * Paints one layer of curved strokes that follow the picture's edges, where the canvas differs from `target`
 * (A. Hertzmann, "Painterly rendering with curved brush strokes of multiple sizes", SIGGRAPH 1998).
 */
export function paintStrokes (canvas: Canvas, target: Picture, flow: Flow, options: BrushOptions): void {
  const { width, height } = target
  const { radius, random } = options
  const step = Math.max(2, radius * 2)
  const columns = Math.ceil(width / step)
  const rows = Math.ceil(height / step)
  const order = shuffled(columns * rows, random)
  const limit = options.tolerance * 765
  const bristles = new Float32Array(2 * Math.ceil(radius) + 1)
  for (const cell of order) {
    const x = Math.min(width - 1, ((cell % columns) + random()) * step) | 0
    const y = Math.min(height - 1, (Math.floor(cell / columns) + random()) * step) | 0
    if (differenceAt(canvas.picture, target, x, y) >= limit) paintStroke(canvas, target, flow, { ...options, x, y, bristles })
  }
}

function paintStroke ({ picture, height: thickness }: Canvas, target: Picture, flow: Flow, options: BrushOptions & { x: number, y: number, bristles: Float32Array }): void {
  const { width, height } = target
  const { radius, random, bristles } = options
  const start = (options.y * width + options.x) * 3
  const light = (random() - 0.5) * options.jitter
  const warm = (random() - 0.5) * options.jitter * 0.5
  const red = target.data[start] + light + warm
  const green = target.data[start + 1] + light
  const blue = target.data[start + 2] + light - warm
  const reach = Math.ceil(radius)
  for (let i = 0; i < bristles.length; i++) bristles[i] = random()
  const base = random() * 0.5
  const total = Math.max(3, options.length * radius * (0.5 + random() * 0.5))
  let px = options.x
  let py = options.y
  let lastX = random() - 0.5
  let lastY = random() - 0.5
  const stride = 0.9
  for (let gone = 0; gone < total; gone += stride) {
    const at = flowIndex(flow, px, py)
    let dx = flow.x[at]
    let dy = flow.y[at]
    if (dx * lastX + dy * lastY < 0) {
      dx = -dx
      dy = -dy
    }
    // A brush has a mass: it follows the flow, but not every wriggle of it.
    dx = 0.35 * dx + 0.65 * lastX
    dy = 0.35 * dy + 0.65 * lastY
    const norm = Math.sqrt(dx * dx + dy * dy) || 1
    lastX = dx / norm
    lastY = dy / norm
    px += lastX * stride
    py += lastY * stride
    if (px < 0 || py < 0 || px >= width || py >= height) return
    if (gone > radius) {
      const here = ((py | 0) * width + (px | 0)) * 3
      const drift = Math.abs(target.data[here] - red) + Math.abs(target.data[here + 1] - green) + Math.abs(target.data[here + 2] - blue)
      if (drift > 90 && drift > differenceAt(picture, target, px | 0, py | 0)) return
    }
    const taper = Math.min(1, (gone + 1) / radius, (total - gone) / (radius * 0.8) + 0.25)
    const half = radius * taper
    for (let across = -half; across <= half; across += 0.9) {
      const tx = (px - lastY * across + 0.5) | 0
      const ty = (py + lastX * across + 0.5) | 0
      if (tx < 0 || ty < 0 || tx >= width || ty >= height) continue
      const bristle = bristles[(across + reach + 0.5) | 0]
      // The brush runs dry: thin bristles stop leaving paint towards the end of a stroke.
      if (bristle < 0.3 && gone > total * (0.45 + bristle)) continue
      const p = ty * width + tx
      const i = p * 3
      const streak = (bristle - 0.5) * 16
      picture.data[i] = red + streak
      picture.data[i + 1] = green + streak
      picture.data[i + 2] = blue + streak
      thickness.data[p] = base + bristle * 0.6 + (1 - Math.abs(across) / radius) * 0.5
    }
  }
}

function differenceAt (one: Picture, other: Picture, x: number, y: number): number {
  const i = (y * one.width + x) * 3
  return Math.abs(one.data[i] - other.data[i]) + Math.abs(one.data[i + 1] - other.data[i + 1]) + Math.abs(one.data[i + 2] - other.data[i + 2])
}

/** The numbers below `count` in random order (Fisher and Yates). */
export function shuffled (count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index)
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = order[i]
    order[i] = order[j]
    order[j] = kept
  }
  return order
}
