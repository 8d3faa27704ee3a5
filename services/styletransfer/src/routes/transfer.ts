import { errorSchema, goneSignal, ServiceError, type App } from '@bankinfo/service'
import contentDisposition from 'content-disposition'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import type { ByteBudget } from '../intake/byte-budget.ts'
import { readOrder, type Order } from '../intake/form.ts'
import { acceptedFormat, mediaTypes } from '../intake/output-format.ts'
import { sniff } from '../intake/sniff.ts'
import { readUpload, type Upload } from '../intake/upload.ts'
import type { Outcome, SourceImage } from '../work/job.ts'
import type { Pool } from '../work/pool.ts'
import { pictureSchema } from './schemas.ts'

/** ms that an answered caller's upload is still read, so that it sees the answer rather than a reset connection. */
const drainLimit = 5000

/** POST /transfer: multipart photo in, styled picture out. */
export function transferRoute (app: App, config: Config, { pool, budget }: { pool: Pool, budget: ByteBudget }): void {
  const limits = { maxBytes: config.MAX_UPLOAD_BYTES, seconds: config.UPLOAD_SECONDS, budget, retryAfter: pool.retryAfter }
  const photo = { pixels: config.MAX_PIXELS, frames: config.MAX_FRAMES, edge: config.MAX_EDGE, seconds: config.MAX_SECONDS }

  app.post('/transfer', {
    bodyLimit: 2 * config.MAX_UPLOAD_BYTES + 1024 * 1024,
    schema: {
      summary: 'Give a photo a style',
      description: 'multipart/form-data: file "image"; "style" (an id) or file "styleImage"; "strength" and "detail" 0 to 100; "format" jpeg, png, webp or avif (else by Accept); "download" true for an attachment.',
      tags: ['styles'],
      consumes: ['multipart/form-data'],
      produces: Object.values(mediaTypes),
      response: { 200: pictureSchema, '4xx': errorSchema, 503: errorSchema }
    },
    errorHandler: (error, request, reply) => {
      drain(request)
      if (error instanceof ServiceError && error.statusCode === 503) reply.header('retry-after', String(error.details['retryAfter'] ?? pool.retryAfter()))
      if (error.statusCode === 408) reply.header('connection', 'close')
      throw error
    }
  }, async (request, reply) => {
    const began = performance.now()
    const signal = goneSignal(reply)
    const upload = await readUpload(request, limits)
    try {
      const order = readOrder(upload.fields, upload.styleImage !== undefined)
      const format = order.format ?? acceptedFormat(request)
      const image = await sourceOf('image', upload.image.bytes)
      const styleImage = upload.styleImage === undefined ? undefined : await sourceOf('styleImage', upload.styleImage.bytes)
      const received = performance.now()
      const outcome = await pool.run({
        image,
        ...(styleImage === undefined ? {} : { styleImage }),
        ...(order.style === undefined ? {} : { style: order.style }),
        ...(format === undefined ? {} : { format }),
        strength: order.strength,
        detail: order.detail,
        limits: photo
      }, { signal })
      describe(reply, { outcome, order, upload, times: { receive: received - began, queue: outcome.waited, ...outcome.timings, total: performance.now() - began } })
      return reply.send(Buffer.from(outcome.bytes.buffer))
    } finally {
      upload.release()
    }
  })
}

async function sourceOf (field: string, bytes: Uint8Array<ArrayBuffer>): Promise<SourceImage> {
  return { field, bytes, format: await sniff(field, bytes) }
}

interface Facts {
  readonly outcome: Outcome
  readonly order: Order
  readonly upload: Upload
  readonly times: Readonly<Record<string, number>>
}

function describe (reply: FastifyReply, { outcome, order, upload, times }: Facts): void {
  const style = order.style ?? 'own-style'
  const base = upload.image.filename.replace(/^.*[/\\]/, '').replace(/\.[^.]*$/, '').slice(0, 80) || 'photo'
  const extension = outcome.format === 'jpeg' ? 'jpg' : outcome.format
  reply
    .type(mediaTypes[outcome.format])
    .header('vary', 'accept')
    .header('cache-control', 'no-store')
    .header('x-image-width', String(outcome.width))
    .header('x-image-height', String(outcome.height))
    .header('server-timing', Object.entries(times).map(([name, ms]) => `${name};dur=${ms.toFixed(1)}`).join(', '))
    .header('content-disposition', contentDisposition(`${base}-${style}.${extension}`, { type: order.download ? 'attachment' : 'inline' }))
}

/** Reads on and forgets what still comes of a refused upload; ends the connection of a caller who never stops. */
function drain ({ raw }: FastifyRequest): void {
  if (raw.complete || raw.destroyed) return
  raw.unpipe()
  raw.resume()
  const timer = setTimeout(() => raw.destroy(), drainLimit).unref()
  raw.once('close', () => clearTimeout(timer))
}
