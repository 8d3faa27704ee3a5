import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { createPicture, type Picture } from '../pixels/picture.ts'
import { randomFrom } from '../pixels/noise.ts'
import { sample } from '../testing/pictures.ts'
import { runJob } from '../work/run-job.ts'
import { styles } from './catalog.ts'
import { unitOf } from './style.ts'

const options = (picture: Picture) => ({ detail: 0.5, strength: 1, unit: unitOf(picture.width, picture.height), checkpoint: () => {} })

function noisy (width: number, height: number): Picture {
  const random = randomFrom(width * 7 + height)
  const picture = createPicture(width, height)
  for (let i = 0; i < picture.data.length; i++) picture.data[i] = random() * 256
  return picture
}

describe('the catalogue of styles', () => {
  it('names every style once, in both languages', () => {
    expect(new Set(styles.map(({ id }) => id)).size).toBe(styles.length)
    for (const { id, name, description, detail } of styles) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/)
      for (const text of [name, description, detail]) {
        expect(text.en).toMatch(/^[A-Z][\x20-\x7e]+$/)
        expect(text.zh).toMatch(/\p{Script=Han}/u)
      }
    }
  })

  it('has at least fourteen styles', () => {
    expect(styles.length).toBeGreaterThanOrEqual(14)
  })
})

describe.each(styles)('$id', (style) => {
  it.each([[1, 1], [2, 3], [1, 400], [400, 1], [37, 23]])('gives a picture of %i x %i its own size', (width, height) => {
    const picture = noisy(width, height)
    const styled = style.render(picture, options(picture))
    expect([styled.width, styled.height, styled.data.length]).toEqual([width, height, width * height * 3])
  })

  it('gives the same picture each time and leaves the photo as it was', () => {
    const picture = noisy(60, 45)
    const before = picture.data.slice()
    const first = style.render(picture, options(picture))
    expect(style.render(picture, options(picture)).data).toEqual(first.data)
    expect(picture.data).toEqual(before)
    expect(first.data).not.toEqual(before)
  })

  it('draws black, white and grey without a break', () => {
    for (const tone of [0, 128, 255]) {
      const picture = createPicture(40, 30)
      picture.data.fill(tone)
      expect(style.render(picture, options(picture)).data).toHaveLength(3600)
    }
  })

  it.each(['grey.jpg', 'transparent.png'])('gives %s, as it comes from a camera or a drawing program, tone and keeps its opacity', async (name) => {
    const photo = await sample(name)
    const { bytes } = await runJob({ image: { field: 'image', bytes: new Uint8Array(photo), format: name.endsWith('png') ? 'png' : 'jpeg' }, style: style.id, strength: 1, detail: 0.5, format: 'png', limits: { pixels: 1e6, frames: 1, edge: 240, seconds: 60 } }, () => {})
    const [light] = (await sharp(bytes).flatten({ background: '#fff' }).greyscale().stats()).channels
    expect(light?.stdev).toBeGreaterThan(12)
    const [before, after] = await Promise.all([photo, bytes].map(async (picture) => sharp(picture).resize(240, 240, { fit: 'inside' }).ensureAlpha().extractChannel(3).raw().toBuffer()))
    const differs = after?.reduce((sum, value, i) => sum + Math.abs(value - (before?.[i] ?? 0)), 0) ?? NaN
    expect(differs / (after?.length ?? 0)).toBeLessThan(3)
  })

  it('is more than a tint: one colour of the photo becomes many', () => {
    const picture = createPicture(320, 240)
    // The rest runs from black to white, so that no stretching of light moves the one tone.
    for (let p = 0; p < 320 * 240; p++) picture.data.fill((p % 320) < 96 ? 30 : (p % 320 - 96) * 1.14, p * 3, p * 3 + 3)
    const styled = style.render(picture, options(picture))
    const seen = new Set<number>()
    for (let p = 0; p < 320 * 240; p++) if (p % 320 < 80) seen.add(styled.data[p * 3] << 16 | styled.data[p * 3 + 1] << 8 | styled.data[p * 3 + 2])
    expect(seen.size).toBeGreaterThan(3)
  })
})
