import { gaussian } from '../blur.ts'
import { createPlane, type Plane } from '../picture.ts'
import { shrunk } from '../resize.ts'

/** Where edges run: unit vectors along them, on a grid `factor` times coarser than the picture. */
export interface Flow {
  readonly width: number
  readonly height: number
  readonly factor: number
  readonly x: Float32Array
  readonly y: Float32Array
  /** 0 where no direction prevails, 1 on a straight edge. */
  readonly coherence: Float32Array
}

/**
 * Direction of the edges by the smoothed structure tensor (T. Brox et al., "Nonlinear structure tensors", 2006; used for
 * abstraction by J. E. Kyprianidis and J. Döllner, "Image abstraction by structure adaptive filtering", 2008).
 *
 * @param sigma smoothing in pixels of the picture
 */
export function edgeFlow (light: Plane, sigma: number, factor = 2): Flow {
  const small = shrunk(light, factor)
  const { width, height } = small
  const xx = createPlane(width, height)
  const xy = createPlane(width, height)
  const yy = createPlane(width, height)
  for (let y = 0; y < height; y++) {
    const above = Math.max(0, y - 1) * width
    const row = y * width
    const below = Math.min(height - 1, y + 1) * width
    for (let x = 0; x < width; x++) {
      const left = Math.max(0, x - 1)
      const right = Math.min(width - 1, x + 1)
      const d = small.data
      const gx = d[above + right] + 2 * d[row + right] + d[below + right] - d[above + left] - 2 * d[row + left] - d[below + left]
      const gy = d[below + left] + 2 * d[below + x] + d[below + right] - d[above + left] - 2 * d[above + x] - d[above + right]
      xx.data[row + x] = gx * gx
      xy.data[row + x] = gx * gy
      yy.data[row + x] = gy * gy
    }
  }
  const e = gaussian(xx, sigma / factor).data
  const f = gaussian(xy, sigma / factor).data
  const g = gaussian(yy, sigma / factor).data
  const flow: Flow = { width, height, factor, x: new Float32Array(e.length), y: new Float32Array(e.length), coherence: new Float32Array(e.length) }
  for (let i = 0; i < e.length; i++) {
    const root = Math.sqrt((e[i] - g[i]) ** 2 + 4 * f[i] * f[i])
    const larger = (e[i] + g[i] + root) / 2
    // The eigenvector of the smaller eigenvalue runs along the edge.
    let x = larger - e[i]
    let y = -f[i]
    if (Math.abs(x) + Math.abs(y) < 1e-9) {
      x = e[i] > g[i] ? 0 : 1
      y = 1 - x
    }
    const length = Math.sqrt(x * x + y * y)
    flow.x[i] = x / length
    flow.y[i] = y / length
    flow.coherence[i] = root / (e[i] + g[i] + 1e-4)
  }
  return flow
}

/** Index into the flow's grid for a pixel of the picture. */
export function flowIndex (flow: Flow, x: number, y: number): number {
  const fx = Math.min(flow.width - 1, Math.max(0, (x / flow.factor) | 0))
  const fy = Math.min(flow.height - 1, Math.max(0, (y / flow.factor) | 0))
  return fy * flow.width + fx
}

/**
 * Mean of a plane along the flow, `reach` steps of `step` pixels to either side (line integral convolution,
 * B. Cabral and L. C. Leedom, 1993): broken lines join, noise across them goes. Four pixels that share a square go one
 * way: the flow is coarser than they are.
 *
 * @param floor where the plane is nowhere above it within reach, its values stay as they are
 */
export function alongFlow (plane: Plane, flow: Flow, { reach, step = 1, floor = -Infinity }: { reach: number, step?: number, floor?: number }): Plane {
  const { width, height, data } = plane
  const out = createPlane(width, height)
  const norm = 1 / (2 * reach + 1)
  const block = Math.max(8, Math.ceil(reach * step) + 1)
  const busy = busyBlocks(plane, block, floor)
  const columns = Math.ceil(width / block)
  const coarser = 1 / flow.factor
  const { x: alongX, y: alongY, width: flowWidth } = flow
  const right = Math.max(0, width - 2)
  const bottom = Math.max(0, height - 2)
  for (let y = 0; y < height; y += 2) {
    const blockRow = Math.floor(y / block) * columns
    const below = y + 1 < height ? width : 0
    for (let x = 0; x < width; x += 2) {
      const p = y * width + x
      const beside = x + 1 < width ? 1 : 0
      let [a, b, c, d] = [data[p], data[p + beside], data[p + below], data[p + below + beside]]
      if (busy[blockRow + ((x / block) | 0)] !== 0) {
        const start = ((y * coarser) | 0) * flowWidth + ((x * coarser) | 0)
        for (let side = -step; side <= step; side += 2 * step) {
          let dx = alongX[start] * side
          let dy = alongY[start] * side
          let px = x
          let py = y
          for (let i = 0; i < reach; i++) {
            px += dx
            py += dy
            if (px < 0) px = 0
            else if (px > right) px = right
            if (py < 0) py = 0
            else if (py > bottom) py = bottom
            const q = ((py + 0.5) | 0) * width + ((px + 0.5) | 0)
            a += data[q]
            b += data[q + beside]
            c += data[q + below]
            d += data[q + below + beside]
            const at = ((py * coarser) | 0) * flowWidth + ((px * coarser) | 0)
            const nextX = alongX[at] * step
            const nextY = alongY[at] * step
            const turn = nextX * dx + nextY * dy
            dx = turn < 0 ? -nextX : nextX
            dy = turn < 0 ? -nextY : nextY
          }
        }
        a *= norm
        b *= norm
        c *= norm
        d *= norm
      }
      out.data[p] = a
      out.data[p + beside] = b
      out.data[p + below] = c
      out.data[p + below + beside] = d
    }
  }
  return out
}

/** For each square of pixels, whether it or a square beside it holds a value above `floor`. */
function busyBlocks ({ width, height, data }: Plane, block: number, floor: number): Uint8Array {
  const columns = Math.ceil(width / block)
  const rows = Math.ceil(height / block)
  const busy = new Uint8Array(columns * rows)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (!anyAbove(row, column)) continue
      for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
        for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) busy[r * columns + c] = 1
      }
    }
  }
  return busy

  function anyAbove (row: number, column: number): boolean {
    const right = Math.min(width, (column + 1) * block)
    for (let y = row * block; y < Math.min(height, (row + 1) * block); y++) {
      for (let x = column * block; x < right; x++) if (data[y * width + x] > floor) return true
    }
    return false
  }
}
