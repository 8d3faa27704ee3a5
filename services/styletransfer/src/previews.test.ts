import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Picture } from './pixels/picture.ts'
import { createPreviews, previewJob } from './previews.ts'
import { styles } from './styles/catalog.ts'
import { colourDifference, structuralSimilarity } from './testing/likeness.ts'
import { sample } from './testing/pictures.ts'
import { runJob } from './work/run-job.ts'

async function read (photo: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(photo).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data: new Uint8ClampedArray(data) }
}

describe('the samples of the styles', () => {
  const previews = createPreviews()

  it.each(styles)('show what the service makes of the sample photo today: $id', async ({ id }) => {
    const { bytes } = await runJob(previewJob(id, await sample('preview.jpg')), () => {})
    const [now, kept] = [await read(bytes), await read((await previews.of(id)).bytes)]
    expect([kept.width, kept.height]).toEqual([now.width, now.height])
    expect(structuralSimilarity(now, kept)).toBeGreaterThan(0.93)
    expect(colourDifference(now, kept)).toBeLessThan(3)
  })
})
