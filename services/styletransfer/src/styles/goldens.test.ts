import { readFile, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { measurePalette, transferred } from '../pixels/colours/transfer.ts'
import { createPicture, type Picture } from '../pixels/picture.ts'
import { colourDifference, structuralSimilarity } from '../testing/likeness.ts'
import { sample } from '../testing/pictures.ts'
import { styles } from './catalog.ts'
import { unitOf } from './style.ts'

/** Photos of every style's golden sheet, side by side; all are this high. */
const photos = ['portrait.jpg', 'landscape.jpg', 'night.jpg', 'bright.jpg']
const height = 200
const gap = 6

// A change of look on purpose: UPDATE_GOLDENS=1 writes the sheets anew, and the diff shows them.
const update = process.env['UPDATE_GOLDENS'] === '1'
const fileOf = (name: string) => new URL(`../../goldens/${name}.jpg`, import.meta.url)

async function read (photo: Buffer): Promise<Picture> {
  const { data, info } = await sharp(photo).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data: new Uint8ClampedArray(data) }
}

/** Twice as large as it is shown, so that the grain of a style is there as it is on a screen. */
const scaled = async (name: string) => read(await sharp(await sample(name)).resize({ height: height * 2 }).png().toBuffer())

async function sheet (draw: (picture: Picture) => Picture): Promise<Picture> {
  const drawn = await Promise.all(photos.map(async (name) => {
    const picture = draw(await scaled(name))
    return read(await sharp(picture.data, { raw: { width: picture.width, height: picture.height, channels: 3 } }).resize({ height }).png().toBuffer())
  }))
  const out = createPicture(drawn.reduce((width, picture) => width + picture.width + gap, -gap), height)
  out.data.fill(255)
  let left = 0
  for (const picture of drawn) {
    for (let y = 0; y < height; y++) out.data.set(picture.data.subarray(y * picture.width * 3, (y + 1) * picture.width * 3), (y * out.width + left) * 3)
    left += picture.width + gap
  }
  return out
}

async function golden (name: string, current: Picture): Promise<Picture> {
  if (update) await writeFile(fileOf(name), await sharp(current.data, { raw: { width: current.width, height: current.height, channels: 3 } }).jpeg({ quality: 84, chromaSubsampling: '4:4:4' }).toBuffer())
  return read(await readFile(fileOf(name)))
}

describe('golden pictures', () => {
  it.each(styles)('$id looks as it did', async ({ id, render }) => {
    const current = await sheet((picture) => render(picture, { detail: 0.5, strength: 1, unit: unitOf(picture.width, picture.height), checkpoint: () => {} }))
    const before = await golden(id, current)
    expect([current.width, current.height]).toEqual([before.width, before.height])
    expect(structuralSimilarity(current, before)).toBeGreaterThan(0.93)
    expect(colourDifference(current, before)).toBeLessThan(3)
  })

  it('the palette of another picture looks as it did', async () => {
    const palette = measurePalette(await read(await sample('portrait.jpg')))
    const current = await sheet((picture) => transferred(picture, measurePalette(picture), palette))
    const before = await golden('own-style', current)
    expect(structuralSimilarity(current, before)).toBeGreaterThan(0.93)
    expect(colourDifference(current, before)).toBeLessThan(3)
  })

  it('tell one style from every other', async () => {
    const sheets = await Promise.all(styles.map(async ({ id }) => read(await readFile(fileOf(id)))))
    sheets.forEach((one, i) => sheets.slice(i + 1).forEach((other) => {
      expect(structuralSimilarity(one, other) > 0.93 && colourDifference(one, other) < 3).toBe(false)
    }))
  })
})
