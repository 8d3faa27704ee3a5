import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { styles } from './styles/catalog.ts'
import { marked, sample } from './testing/pictures.ts'
import { service } from './testing/service.ts'

describe('GET /styles', () => {
  it('lists every style with names, parameters, preview, formats and limits', async () => {
    const { request } = await service({ MAX_UPLOAD_BYTES: '2000000' })
    const { body } = await request.get('/styles').expect(200)
    expect(body.styles.map(({ id }: { id: string }) => id)).toEqual(styles.map(({ id }) => id))
    expect(body.styles[0]).toMatchObject({
      name: { en: 'Ink wash', zh: '水墨' },
      parameters: [{ name: 'strength', minimum: 0, maximum: 100, default: 100 }, { name: 'detail', default: 50 }],
      preview: '/styles/ink-wash/preview'
    })
    expect(body.limits).toMatchObject({ maxUploadBytes: 2_000_000, maxPixels: 50_000_000, maxFrames: 1000, maxEdge: 1440, maxSeconds: 20 })
    expect(body.formats.output).toEqual(['image/jpeg', 'image/png', 'image/webp', 'image/avif'])
  })

  it('shows a sample of each style', async () => {
    const { request } = await service()
    const answers = await Promise.all(styles.map(({ id }) => request.get(`/styles/${id}/preview`)))
    expect(answers.map(({ status, type }) => [status, type])).toEqual(styles.map(() => [200, 'image/jpeg']))
    expect(new Set(answers.map(({ headers }) => headers['etag'])).size).toBe(styles.length)
    for (const { body } of answers) expect(await sharp(body).metadata()).toMatchObject({ format: 'jpeg', width: 360, height: 270 })
  })

  it('answers 304 to who has the sample, 404 for a style that is not there', async () => {
    const { request } = await service()
    const { headers } = await request.get('/styles/duotone/preview').expect(200).expect('cache-control', /max-age/)
    await request.get('/styles/duotone/preview').set('if-none-match', String(headers['etag'])).expect(304)
    const { body } = await request.get('/styles/cubism/preview').expect(404)
    expect(body).toMatchObject({ code: 'no_such_style', message: expect.stringContaining('cubism') })
  })
})

describe('POST /transfer', () => {
  it('answers with the picture, its size, the time each step took and a name to save it by', async () => {
    const { request } = await service()
    const { headers, body } = await request.post('/transfer').attach('image', await sample('portrait.jpg'), 'Grandma 奶奶.jpeg').field('style', 'low-poly').expect(200)
    expect(headers).toMatchObject({ 'content-type': 'image/jpeg', 'x-image-width': '384', 'x-image-height': '480', 'x-bankinfo-service': 'styletransfer' })
    expect(headers['server-timing']).toMatch(/^receive;dur=[\d.]+, queue;dur=[\d.]+, decode;dur=[\d.]+, style;dur=[\d.]+, encode;dur=[\d.]+, total;dur=[\d.]+$/)
    expect(headers['content-disposition']).toMatch(/^inline; filename=".*low-poly\.jpg"; filename\*=UTF-8''Grandma%20%E5%A5%B6%E5%A5%B6-low-poly\.jpg$/)
    expect(await sharp(body).metadata()).toMatchObject({ format: 'jpeg', width: 384, height: 480 })
  })

  it.each([['jpeg', 'jpeg'], ['png', 'png'], ['webp', 'webp'], ['avif', 'heif']])('writes %s when the form says so', async (format, found) => {
    const { request } = await service()
    const { body, type } = await request.post('/transfer').attach('image', await sample('landscape.jpg'), 'a.jpg').field('style', 'duotone').field('format', format).buffer(true).expect(200)
    expect(type).toBe(`image/${format}`)
    expect((await sharp(body).metadata()).format).toBe(found)
  })

  it.each([
    ['image/png', 'image/png'],
    ['image/avif;q=0.1, image/webp', 'image/webp'],
    ['text/html,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8', 'image/webp'],
    ['*/*', 'image/jpeg']
  ])('takes the format from Accept: %s', async (accept, type) => {
    const { request } = await service()
    await request.post('/transfer').set('accept', accept).attach('image', await sample('bright.jpg'), 'a.jpg').field('style', 'duotone').expect(200).expect('content-type', type)
  })

  it('answers 406 when Accept allows no picture', async () => {
    const { request } = await service()
    const { body } = await request.post('/transfer').set('accept', 'application/pdf').attach('image', await sample('bright.jpg'), 'a.jpg').field('style', 'duotone').expect(406)
    expect(body.code).toBe('not_acceptable')
  })

  it('offers a download when asked', async () => {
    const { request } = await service()
    await request.post('/transfer').attach('image', await sample('bright.jpg'), 'C:\\photos\\jug.tar.jpg').field('style', 'duotone').field('download', 'true').expect(200).expect('content-disposition', 'attachment; filename="jug.tar-duotone.jpg"')
  })

  it('leaves the photo as it is at strength 0 and changes it more with more', async () => {
    const { request } = await service()
    const photo = await sample('portrait.jpg')
    const original = await sharp(photo).raw().toBuffer()
    const distance = async (strength: number) => {
      const { body } = await request.post('/transfer').attach('image', photo, 'a.jpg').field('style', 'charcoal').field('strength', String(strength)).field('format', 'png').expect(200)
      const styled = await sharp(body).raw().toBuffer()
      return styled.reduce((sum, value, i) => sum + Math.abs(value - (original[i] ?? 0)), 0) / styled.length
    }
    const [none, half, all] = [await distance(0), await distance(50), await distance(100)]
    expect(none).toBeLessThan(1)
    expect(half).toBeGreaterThan(5)
    expect(all).toBeGreaterThan(half * 1.5)
  })

  it('takes palette and tonality of a style image', async () => {
    const { request } = await service()
    const { body, headers } = await request.post('/transfer').attach('image', await sample('bright.jpg'), 'a.jpg').attach('styleImage', await sample('night.jpg'), 'b.jpg').expect(200)
    const mean = async (picture: Buffer) => (await sharp(picture).greyscale().stats()).channels[0]?.mean ?? 0
    const [before, after, wanted] = [await mean(await sample('bright.jpg')), await mean(body), await mean(await sample('night.jpg'))]
    expect(before).toBeGreaterThan(200)
    expect(Math.abs(after - wanted)).toBeLessThan(25)
    expect(headers['content-disposition']).toContain('own-style')
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('shows a photo of EXIF orientation %i upright', async (orientation) => {
    const { request } = await service()
    const stored = await marked(60, 40).jpeg().withMetadata({ orientation }).toBuffer()
    const upright = await sharp(await sharp(stored).autoOrient().toBuffer()).raw().toBuffer({ resolveWithObject: true })
    const { body } = await request.post('/transfer').attach('image', stored, 'a.jpg').field('style', 'duotone').field('strength', '0').field('format', 'png').expect(200)
    const { data, info } = await sharp(body).raw().toBuffer({ resolveWithObject: true })
    expect([info.width, info.height]).toEqual([upright.info.width, upright.info.height])
    const difference = data.reduce((sum, value, i) => sum + Math.abs(value - (upright.data[i] ?? 0)), 0) / data.length
    expect(difference).toBeLessThan(3)
  })

  it('removes all metadata', async () => {
    const { request } = await service()
    const stored = await marked(60, 40).withExif({ IFD0: { Copyright: 'me', Make: 'Camera' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } }).withIccProfile('p3').jpeg().toBuffer()
    expect((await sharp(stored).metadata()).exif).toBeDefined()
    for (const format of ['jpeg', 'png', 'webp', 'avif']) {
      const { body } = await request.post('/transfer').attach('image', stored, 'a.jpg').field('style', 'duotone').field('format', format).expect(200)
      const { exif, icc, xmp, iptc } = await sharp(body).metadata()
      expect([exif, icc, xmp, iptc]).toEqual([undefined, undefined, undefined, undefined])
      expect(body.includes('Camera')).toBe(false)
    }
  })

  it('converts a colour profile to sRGB', async () => {
    const { request } = await service()
    const p3 = await sharp({ create: { width: 20, height: 20, channels: 3, background: '#30c040' } }).withIccProfile('p3').png().toBuffer()
    const { body } = await request.post('/transfer').attach('image', p3, 'a.png').field('style', 'duotone').field('strength', '0').field('format', 'png').expect(200)
    const [r, g, b] = await sharp(body).raw().toBuffer()
    // sharp wrote the colour into the wide space; back in sRGB it is the same again.
    expect([Math.abs((r ?? 0) - 0x30), Math.abs((g ?? 0) - 0xc0), Math.abs((b ?? 0) - 0x40)].every((difference) => difference <= 3)).toBe(true)
  })

  it('keeps transparency where the format can, and answers PNG when none is asked for', async () => {
    const { request } = await service()
    const { body, type } = await request.post('/transfer').attach('image', await sample('transparent.png'), 'a.png').field('style', 'oil-paint').expect(200)
    expect(type).toBe('image/png')
    const { data, info } = await sharp(body).raw().toBuffer({ resolveWithObject: true })
    expect(info.channels).toBe(4)
    expect(data[3]).toBe(0)
    expect(data.some((value, i) => i % 4 === 3 && value === 255)).toBe(true)
    const jpeg = await request.post('/transfer').attach('image', await sample('transparent.png'), 'a.png').field('style', 'oil-paint').field('format', 'jpeg').expect(200)
    expect((await sharp(jpeg.body).metadata()).hasAlpha).toBe(false)
  })

  it('makes a photo that is larger than the limit smaller, and never a small one larger', async () => {
    const { request } = await service({ MAX_EDGE: '100' })
    const answer = await request.post('/transfer').attach('image', await marked(300, 200).png().toBuffer(), 'a.png').field('style', 'vintage').expect(200)
    expect([answer.headers['x-image-width'], answer.headers['x-image-height']]).toEqual(['100', '67'])
    const small = await request.post('/transfer').attach('image', await marked(30, 20).png().toBuffer(), 'a.png').field('style', 'vintage').expect(200)
    expect([small.headers['x-image-width'], small.headers['x-image-height']]).toEqual(['30', '20'])
  })
})
