import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { randomFrom } from './pixels/noise.ts'
import { marked, pngBomb, sample, webpBomb } from './testing/pictures.ts'
import { service } from './testing/service.ts'

type Service = Awaited<ReturnType<typeof service>>
const send = ({ request }: Service, bytes: Buffer, name = 'photo.jpg') =>
  request.post('/transfer').attach('image', bytes, name).field('style', 'duotone').field('format', 'jpeg')

describe('files that are not photos', () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>')
  it.each([
    ['an SVG drawing', svg],
    ['an SVG drawing', Buffer.concat([Buffer.from('<?xml version="1.0"?>\n<!-- a -->\n'), svg])],
    ['a PDF file', Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF')],
    ['an HTML page', Buffer.from('<!doctype html><title>x</title>')],
    ['a GZ file', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['an empty file', Buffer.alloc(0)],
    ['something that is not a photo', Buffer.from('P6 1 1 255 abc')],
    ['something that is not a photo', Buffer.from([0xff, 0xd8])],
    ['a BMP file', Buffer.concat([Buffer.from('BM'), Buffer.alloc(60)])]
  ])('are refused with 415 by their content: %s', async (found, bytes) => {
    const { body, status } = await send(await service(), bytes)
    expect([status, body.code, body.field]).toEqual([415, 'not_a_photo', 'image'])
    expect(body.message).toContain(found)
  })

  it('are refused as a style image too', async () => {
    const { request } = await service()
    const { body } = await request.post('/transfer').attach('image', await sample('bright.jpg'), 'a.jpg').attach('styleImage', svg, 'b.jpg').expect(415)
    expect(body.field).toBe('styleImage')
  })

  it('are refused with 415 and a word on what to do: HEIC, unless the build can read it', async () => {
    const heic = await sample('portrait.heic')
    const readable = await sharp(heic).raw().toBuffer().then(() => true, () => false)
    const { status, body } = await send(await service(), heic, 'IMG_0001.HEIC')
    expect(status).toBe(readable ? 200 : 415)
    if (!readable) expect(body).toMatchObject({ code: 'not_a_photo', field: 'image', message: expect.stringMatching(/HEIC.*Most Compatible/) })
  })

  it('refuses HEIC that is cut off', async () => {
    const { status, body } = await send(await service(), (await sample('portrait.heic')).subarray(0, 120))
    expect([415, 422]).toContain(status)
    expect(body.field).toBe('image')
  })

  it('does not read a drawing that hides behind the first bytes of a photo', async () => {
    const { status } = await send(await service(), Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), svg]))
    expect(status).toBe(422)
  })
})

describe('photos of every kind', () => {
  const kinds: ReadonlyArray<readonly [string, () => Promise<Buffer>]> = [
    ['a PNG named .jpg', () => marked(40, 30).png().toBuffer()],
    ['1 x 1', () => marked(1, 1).png().toBuffer()],
    ['1 x 20,000', () => marked(1, 20000).png().toBuffer()],
    ['20,000 x 1', () => marked(20000, 1).jpeg().toBuffer()],
    ['16-bit PNG', () => marked(40, 30).toColourspace('rgb16').png().toBuffer()],
    ['16-bit grey TIFF', () => marked(40, 30).toColourspace('grey16').tiff().toBuffer()],
    ['CMYK JPEG', () => marked(40, 30).toColourspace('cmyk').jpeg().toBuffer()],
    ['CMYK TIFF', () => marked(40, 30).toColourspace('cmyk').tiff().toBuffer()],
    ['palette PNG', () => marked(40, 30).png({ palette: true }).toBuffer()],
    ['grey JPEG', () => marked(40, 30).greyscale().jpeg().toBuffer()],
    ['grey PNG with transparency', () => marked(40, 30).greyscale().ensureAlpha(0.5).png().toBuffer()],
    ['progressive JPEG', () => marked(40, 30).jpeg({ progressive: true }).toBuffer()],
    ['AVIF', () => marked(40, 30).avif().toBuffer()],
    ['WebP', () => marked(40, 30).webp().toBuffer()],
    ['TIFF', () => marked(40, 30).tiff({ compression: 'lzw' }).toBuffer()],
    ['GIF', () => marked(40, 30).gif().toBuffer()],
    ['animated GIF', () => frames(4).then((image) => image.gif().toBuffer())],
    ['animated WebP', () => frames(4).then((image) => image.webp().toBuffer())],
    ['a JPEG with an archive behind it', async () => Buffer.concat([await marked(40, 30).jpeg().toBuffer(), Buffer.from('PK\x03\x04'), Buffer.alloc(100)])]
  ]
  it.each(kinds)('are styled: %s', async (_kind, make) => {
    const { status, body } = await send(await service(), await make())
    expect(status).toBe(200)
    expect((await sharp(body).metadata()).format).toBe('jpeg')
  })

  const frames = async (count: number) => sharp(await Promise.all(Array.from({ length: count }, (_, i) => sharp({ create: { width: 20, height: 20, channels: 3, background: { r: 40 * i, g: 200, b: 90 } } }).png().toBuffer())), { join: { animated: true } })

  it('takes the first frame of an animation', async () => {
    const { headers } = await send(await service(), await (await frames(5)).gif().toBuffer()).expect(200)
    expect([headers['x-image-width'], headers['x-image-height']]).toEqual(['20', '20'])
  })

  it('refuses more frames than allowed with 422', async () => {
    const { body } = await send(await service({ MAX_FRAMES: '3' }), await (await frames(5)).gif().toBuffer()).expect(422)
    expect(body).toMatchObject({ code: 'too_many_frames', frames: 5, maxFrames: 3 })
  })
})

describe('files that would not fit', () => {
  it.each([
    ['PNG', async () => pngBomb(30_000, 30_000)],
    ['WebP', async () => webpBomb(30_000, 30_000)],
    ['PNG', async () => pngBomb(2_000_000_000, 2_000_000_000)]
  ])('are refused before they are decoded: %s', async (_kind, make) => {
    const { status, body } = await send(await service(), await make())
    expect(status).toBe(422)
    expect(['too_many_pixels', 'unreadable']).toContain(body.code)
  })

  it('tells pixels and limit', async () => {
    const { body } = await send(await service({ MAX_PIXELS: '1000' }), await marked(40, 30).png().toBuffer()).expect(422)
    expect(body).toMatchObject({ code: 'too_many_pixels', width: 40, height: 30, maxPixels: 1000, field: 'image' })
  })

  it('answers 413 for too many bytes', async () => {
    const { body } = await send(await service({ MAX_UPLOAD_BYTES: '20000' }), Buffer.alloc(60_000, 1)).expect(413)
    expect(body).toMatchObject({ code: 'too_large', maxUploadBytes: 20_000 })
  })
})

describe('damaged files', () => {
  const makers = { jpeg: (q: number) => marked(48, 36).jpeg({ quality: q }), png: () => marked(48, 36).png(), webp: () => marked(48, 36).webp(), avif: () => marked(48, 36).avif(), tiff: () => marked(48, 36).tiff(), gif: () => marked(48, 36).gif() } as const

  it('are refused when cut off at any of 50 points', async () => {
    const running = await service()
    const photo = await sharp(await sample('portrait.jpg')).resize(160).jpeg({ quality: 90 }).toBuffer()
    const points = Array.from({ length: 50 }, (_, i) => Math.floor(photo.length * i / 50))
    const statuses = await Promise.all(points.map(async (point) => (await send(running, photo.subarray(0, point))).status))
    expect(statuses.filter((status) => status !== 422 && status !== 415)).toEqual([])
    expect(statuses.filter((status) => status === 422).length).toBeGreaterThan(45)
  })

  it('give a picture or a 4xx, never a 5xx, with a thousand bits flipped one file at a time', async () => {
    const running = await service()
    const random = randomFrom(2026)
    const files = await Promise.all([makers.jpeg(80), makers.png(), makers.webp(), makers.avif(), makers.tiff(), makers.gif()].map((image) => image.toBuffer()))
    const counts = new Map<number, number>()
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 50 }, async () => {
        const file = Buffer.from(files[Math.floor(random() * files.length)] ?? [])
        for (let flip = 0; flip < 1 + random() * 8; flip++) {
          // Headers matter most: half the flips land there.
          const at = Math.floor(random() * (random() < 0.5 ? Math.min(200, file.length) : file.length))
          file[at] = (file[at] ?? 0) ^ (1 << Math.floor(random() * 8))
        }
        const { status } = await send(running, file)
        counts.set(status, (counts.get(status) ?? 0) + 1)
      }))
    }
    expect([...counts.keys()].filter((status) => ![200, 413, 415, 422].includes(status))).toEqual([])
    expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(1000)
    await running.request.get('/healthz').expect(200)
  })
})
