import { describe, expect, it } from 'vitest'
import { randomFrom } from '../noise.ts'
import { createPicture, type Picture } from '../picture.ts'
import { labOf, rgbOf } from './lab.ts'
import { measurePalette, transferred } from './transfer.ts'

/** A picture whose colours scatter around one, in CIELAB. */
function scattered (lightness: number, a: number, b: number, spread: number): Picture {
  const random = randomFrom(4)
  const picture = createPicture(64, 64)
  const near = () => (random() + random() + random() - 1.5) * spread
  for (let i = 0; i < picture.data.length; i += 3) picture.data.set(rgbOf([lightness + near(), a + near(), b + near()]), i)
  return picture
}

const means = ({ data }: Picture) => {
  const sum = [0, 0, 0]
  for (let i = 0; i < data.length; i += 3) labOf(data[i], data[i + 1], data[i + 2]).forEach((value, channel) => { sum[channel] = (sum[channel] ?? 0) + value })
  return sum.map((value) => value / (data.length / 3))
}

describe('palette transfer', () => {
  it('brings mean light and colour to those of the other picture', () => {
    const from = scattered(65, 10, -20, 20)
    const to = scattered(45, 25, 30, 16)
    const after = means(transferred(from, measurePalette(from), measurePalette(to)))
    means(to).forEach((value, channel) => expect(Math.abs((after[channel] ?? 0) - value)).toBeLessThan(3))
  })

  it('changes next to nothing when both pictures are the same', () => {
    const picture = scattered(55, 5, 15, 25)
    const palette = measurePalette(picture)
    const after = transferred(picture, palette, palette)
    const difference = after.data.reduce((sum, value, i) => sum + Math.abs(value - picture.data[i]), 0) / after.data.length
    expect(difference).toBeLessThan(5)
  })

  it('gives a grey picture the colours of shadows, middle and lights', () => {
    const grey = createPicture(64, 64)
    for (let p = 0; p < 4096; p++) grey.data.fill((p % 64) * 4, p * 3, p * 3 + 3)
    const warm = createPicture(64, 64)
    for (let p = 0; p < 4096; p++) warm.data.set(rgbOf([(p % 64) * 1.5, (p % 64) < 32 ? -10 : 25, (p % 64) < 32 ? -30 : 40]), p * 3)
    const after = transferred(grey, measurePalette(grey), measurePalette(warm))
    const at = (x: number) => labOf(after.data[x * 3], after.data[x * 3 + 1], after.data[x * 3 + 2])
    expect(at(14)[2]).toBeLessThan(-10)
    expect(at(54)[2]).toBeGreaterThan(15)
  })

  it('never turns light around: what was lighter stays so', () => {
    const ramp = createPicture(256, 1)
    for (let x = 0; x < 256; x++) ramp.data.fill(x, x * 3, x * 3 + 3)
    const after = transferred(ramp, measurePalette(ramp), measurePalette(scattered(30, 0, 0, 40)))
    const light = Array.from({ length: 256 }, (_, x) => labOf(after.data[x * 3], after.data[x * 3 + 1], after.data[x * 3 + 2])[0])
    expect(light.every((value, x) => x === 0 || value >= (light[x - 1] ?? 0) - 0.6)).toBe(true)
  })

  it('takes pictures of a single colour', () => {
    const flat = createPicture(8, 8)
    flat.data.fill(200)
    const to = measurePalette(scattered(40, 20, 20, 10))
    expect(transferred(flat, measurePalette(flat), to).data.every(Number.isFinite)).toBe(true)
    expect(transferred(scattered(40, 20, 20, 10), to, measurePalette(flat)).data).toHaveLength(64 * 64 * 3)
  })
})

describe('CIELAB', () => {
  it.each([[0, 0, 0], [255, 255, 255], [200, 30, 90], [12, 240, 130]])('is undone by its inverse: %i %i %i', (red, green, blue) => {
    const [l, a, b] = labOf(red, green, blue)
    rgbOf([l, a, b]).forEach((value, channel) => expect(Math.abs(value - ([red, green, blue][channel] ?? 0))).toBeLessThan(0.6))
  })

  it('puts sRGB red where CIE has it', () => {
    const [l, a, b] = labOf(255, 0, 0)
    expect([l.toFixed(1), a.toFixed(1), b.toFixed(1)]).toEqual(['53.2', '80.1', '67.2'])
  })
})
