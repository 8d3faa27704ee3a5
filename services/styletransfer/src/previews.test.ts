import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Picture } from './pixels/picture.ts'
import { createPreviews } from './previews.ts'
import { styles } from './styles/catalog.ts'
import { colourDifference, structuralSimilarity } from './testing/likeness.ts'
import { sample } from './testing/pictures.ts'
import { compiledWorker } from './testing/service.ts'
import { createPool } from './work/pool.ts'

async function read (photo: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(photo).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data: new Uint8ClampedArray(data) }
}

describe('the samples of the styles', () => {
  it('are what the service makes of the sample photo today', async () => {
    const pool = createPool({ workers: 2, queueLength: styles.length, seconds: 60, worker: compiledWorker })
    onTestFinished(() => pool.close())
    const photo = await sample('preview.jpg')
    const previews = createPreviews()
    await Promise.all(styles.map(async ({ id }) => {
      const { bytes } = await pool.run({
        image: { field: 'image', bytes: new Uint8Array(photo), format: 'jpeg' },
        style: id,
        strength: 1,
        detail: 0.5,
        format: 'jpeg',
        limits: { pixels: 1e7, frames: 1, edge: 1440, seconds: 60 }
      })
      const [now, kept] = [await read(bytes), await read((await previews.of(id)).bytes)]
      expect([kept.width, kept.height], id).toEqual([now.width, now.height])
      expect(structuralSimilarity(now, kept), id).toBeGreaterThan(0.93)
      expect(colourDifference(now, kept), id).toBeLessThan(3)
    }))
  })
})
