import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { marked } from '../testing/pictures.ts'
import { setUpLibvips } from './libvips.ts'

describe('libvips, set up for strangers\' files', () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>')
  const ppm = Buffer.from('P6\n1 1\n255\nabc')

  it('reads photos and nothing else that it has a loader for', async () => {
    expect((await sharp(svg).metadata()).format).toBe('svg')
    setUpLibvips()
    for (const drawing of [svg, ppm]) await expect(sharp(drawing).metadata()).rejects.toThrow(/unsupported image format/)
    for (const format of ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const) {
      expect((await sharp(await marked(20, 10).toFormat(format).toBuffer()).metadata()).width).toBe(20)
    }
  })
})
