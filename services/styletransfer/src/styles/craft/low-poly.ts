import Delaunator from 'delaunator'
import { gaussian } from '../../pixels/blur.ts'
import { vivid } from '../../pixels/colours/colour.ts'
import { randomFrom, type Random } from '../../pixels/noise.ts'
import { createPicture, createPlane, luminance, type Picture, type Plane } from '../../pixels/picture.ts'
import { levelled } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/** Facets between points that gather where there is something to see (Delaunay triangulation), each of one colour. */
export const lowPoly: Style = {
  id: 'low-poly',
  name: { en: 'Low poly', zh: '低多边形' },
  description: {
    en: 'Flat facets, large where it is calm and small where there is detail.',
    zh: '由三角形切面拼成，平静处大，细节处小。'
  },
  detail: { en: 'More facets', zh: '切面更多' },
  render: (picture, { detail, unit, checkpoint }) => {
    const source = vivid(picture, 1.4)
    const weight = interest(levelled(luminance(picture), 0.8), unit)
    checkpoint()
    const points = chosen(weight, Math.round(900 + 3600 * detail ** 1.5), randomFrom(161))
    const { triangles } = new Delaunator(points)
    checkpoint()
    const out = createPicture(picture.width, picture.height)
    const random = randomFrom(162)
    for (let t = 0; t < triangles.length; t += 3) {
      fillTriangle(out, source, [triangles[t], triangles[t + 1], triangles[t + 2]].map((corner) => ({ x: points[corner * 2], y: points[corner * 2 + 1] })), random)
    }
    return out
  }
}

/** How much there is to see around each pixel: contrast of fine and coarse structure. */
function interest (light: Plane, unit: number): Plane {
  const out = createPlane(light.width, light.height)
  const fine = gaussian(light, 1.6 * unit)
  for (let y = 1; y < light.height - 1; y++) {
    for (let x = 1; x < light.width - 1; x++) {
      const p = y * light.width + x
      const edge = Math.abs(fine.data[p + 1] - fine.data[p - 1]) + Math.abs(fine.data[p + light.width] - fine.data[p - light.width])
      out.data[p] = Math.min(1, edge * 3.5 * unit)
    }
  }
  return gaussian(out, 2 * unit)
}

/** Points by rejection: none nearer to each other than the interest at their place allows. */
function chosen ({ width, height, data }: Plane, count: number, random: Random): Float64Array {
  const points: number[] = []
  const spacing = Math.sqrt(width * height / count)
  const cell = Math.max(1, spacing * 0.4)
  const columns = Math.ceil(width / cell)
  const taken = new Map<number, Array<readonly [number, number]>>()
  const add = (x: number, y: number) => {
    const key = Math.floor(y / cell) * columns + Math.floor(x / cell)
    const there = taken.get(key) ?? []
    there.push([x, y])
    taken.set(key, there)
    points.push(x, y)
  }
  const free = (x: number, y: number, distance: number): boolean => {
    const reach = Math.ceil(distance / cell)
    const column = Math.floor(x / cell)
    const row = Math.floor(y / cell)
    for (let r = row - reach; r <= row + reach; r++) {
      for (let c = column - reach; c <= column + reach; c++) {
        for (const [px, py] of taken.get(r * columns + c) ?? []) if ((px - x) ** 2 + (py - y) ** 2 < distance * distance) return false
      }
    }
    return true
  }
  const sides = Math.max(2, Math.round(6 * Math.sqrt(count / 900)))
  for (let i = 0; i <= sides; i++) {
    const at = i / sides
    add(at * (width - 1), 0)
    add(at * (width - 1), height - 1)
    if (i > 0 && i < sides) {
      add(0, at * (height - 1))
      add(width - 1, at * (height - 1))
    }
  }
  for (let attempt = 0; attempt < count * 24 && points.length < count * 2; attempt++) {
    const x = random() * (width - 1)
    const y = random() * (height - 1)
    const worth = data[(y | 0) * width + (x | 0)]
    if (random() < 0.03 + worth * 1.6 && free(x, y, spacing * (1.7 - 1.3 * Math.min(1, worth * 1.8)))) add(x, y)
  }
  return Float64Array.from(points)
}

interface Corner { readonly x: number, readonly y: number }

function fillTriangle (out: Picture, source: Picture, corners: readonly Corner[], random: Random): void {
  const [a, b, c] = corners
  let [r, g, b2, n] = [0, 0, 0, 0]
  for (let u = 0.1; u < 1; u += 0.2) {
    for (let v = 0.1; v < 1 - u; v += 0.2) {
      const x = a.x + (b.x - a.x) * u + (c.x - a.x) * v
      const y = a.y + (b.y - a.y) * u + (c.y - a.y) * v
      const i = ((y | 0) * source.width + (x | 0)) * 3
      r += source.data[i]
      g += source.data[i + 1]
      b2 += source.data[i + 2]
      n++
    }
  }
  // Facets catch the light differently.
  const shade = 0.95 + random() * 0.1
  const colour = [r / n * shade, g / n * shade, b2 / n * shade]
  const top = Math.max(0, Math.floor(Math.min(a.y, b.y, c.y)))
  const bottom = Math.min(out.height - 1, Math.ceil(Math.max(a.y, b.y, c.y)))
  for (let y = top; y <= bottom; y++) {
    const crossings = [[a, b], [b, c], [c, a]].flatMap(([from, to]) => {
      const low = Math.min(from.y, to.y)
      const high = Math.max(from.y, to.y)
      if (y < low - 0.5 || y > high + 0.5) return []
      return [high - low < 1e-9 ? [from.x, to.x] : from.x + (to.x - from.x) * Math.min(1, Math.max(0, (y - from.y) / (to.y - from.y)))].flat()
    })
    if (crossings.length === 0) continue
    const left = Math.max(0, Math.floor(Math.min(...crossings)))
    const right = Math.min(out.width - 1, Math.ceil(Math.max(...crossings)))
    for (let x = left, i = (y * out.width + left) * 3; x <= right; x++, i += 3) {
      out.data[i] = colour[0]
      out.data[i + 1] = colour[1]
      out.data[i + 2] = colour[2]
    }
  }
}
