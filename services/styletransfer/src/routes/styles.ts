import { errorSchema, notFound, type App } from '@bankinfo/service'
import Type from 'typebox'
import type { Config } from '../config.ts'
import { defaults, parameterRange } from '../intake/form.ts'
import { mediaTypes } from '../intake/output-format.ts'
import type { Previews } from '../previews.ts'
import { findStyle, styles } from '../styles/catalog.ts'
import type { Bilingual, Style } from '../styles/style.ts'
import { stylesSchema } from './schemas.ts'

const strength = {
  name: 'strength',
  label: { en: 'Strength', zh: '强度' },
  description: { en: 'Share of the style; 0 leaves the photo as it is', zh: '风格所占的比例；0 为原图' },
  ...parameterRange,
  default: defaults.strength
}

const detail = (description: Bilingual) =>
  ({ name: 'detail', label: { en: 'Detail', zh: '细节' }, description, ...parameterRange, default: defaults.detail })

const described = (style: Style) => ({
  id: style.id,
  name: style.name,
  description: style.description,
  parameters: [strength, detail(style.detail)],
  preview: `/styles/${style.id}/preview`
})

/** GET /styles: what the service can do and within which limits. GET /styles/{id}/preview: a sample of one style. */
export function stylesRoutes (app: App, config: Config, previews: Previews): void {
  const answer = {
    styles: styles.map(described),
    styleImage: {
      name: { en: 'Your own style', zh: '自选风格图' },
      description: { en: 'Takes palette and tonality from a second picture', zh: '取另一张图片的色彩与影调' },
      parameters: [strength]
    },
    formats: { input: ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/tiff', 'image/gif'], output: Object.values(mediaTypes) },
    limits: {
      maxUploadBytes: config.MAX_UPLOAD_BYTES,
      maxPixels: config.MAX_PIXELS,
      maxFrames: config.MAX_FRAMES,
      maxEdge: config.MAX_EDGE,
      maxSeconds: config.MAX_SECONDS,
      uploadSeconds: config.UPLOAD_SECONDS,
      workers: config.WORKERS,
      queueLength: config.QUEUE_LENGTH
    }
  }
  app.get('/styles', { schema: { summary: 'Styles and limits', tags: ['styles'], response: { 200: stylesSchema } } }, async () => answer)

  app.get('/styles/:id/preview', {
    schema: {
      summary: 'A small sample of a style',
      tags: ['styles'],
      params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
      produces: ['image/jpeg'],
      response: { 200: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }), 304: Type.Null(), 404: errorSchema }
    }
  }, async (request, reply) => {
    const style = findStyle(request.params.id)
    if (style === undefined) throw notFound('no_such_style', `There is no style ${JSON.stringify(request.params.id)}. GET /styles lists them.`)
    const { bytes, etag } = await previews.of(style.id)
    reply.header('etag', etag).header('cache-control', 'public, max-age=3600')
    if (request.headers['if-none-match'] === etag) return reply.code(304).send(null)
    return reply.type('image/jpeg').send(bytes)
  })
}
