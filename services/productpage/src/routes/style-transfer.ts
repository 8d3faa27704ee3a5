import { DependencyError, ServiceError, answerHeaders, checkerOf, errorSchema, goneSignal, passOn, type App } from '@bankinfo/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import Type from 'typebox'
import { dataUrl, extensionOf, isShownType, readError, readPicture } from '../photo/answer.ts'
import { problemOfAnswer, problemOfError, type ProblemContext, type TransferProblem } from '../photo/problems.ts'
import type { StyleChoice, StylePage } from '../photo/style-page.ts'
import { createKeeper, observeUpload } from '../photo/upload.ts'
import type { Upstreams } from '../product/upstreams.ts'
import { texts } from '../texts/texts.ts'
import { isLanguage, keepLanguage, languageOf, type Language } from '../web/language.ts'
import { userOf } from '../web/session.ts'
import type { Views } from '../web/views.ts'

export interface StyleTransferOptions {
  readonly views: Views
  readonly upstreams: Upstreams
  readonly uploadTimeout: number
  readonly uploadMaxBytes: number
}

const megabyte = 1024 * 1024
const page = Type.String({ description: 'an HTML page' })
const picture = Type.Any({ description: 'an HTML page, or with Accept: image/* the picture' })
const bilingual = Type.Object({ en: Type.String(), zh: Type.String() })

const isGallery = checkerOf(Type.Object({
  styles: Type.Array(Type.Object({ id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }), name: bilingual, description: Type.Optional(bilingual) }))
}))

/**
 * The style transfer window. A photo streams through to addedvalues and is never held whole: with `Accept: image/*` the
 * picture streams back. The page that answers a browser's form shows before and after as data: URLs; for that the styled
 * photo is held while it is sent, and of the photo as it came no more than a few megabytes, given back with the answer.
 */
export function styleTransferRoutes (app: App, { views, upstreams, uploadTimeout, uploadMaxBytes }: StyleTransferOptions): void {
  const client = upstreams.addedValues
  const keeper = createKeeper({ each: 8 * megabyte, all: 48 * megabyte })
  const maxMegabytes = Math.floor(uploadMaxBytes / megabyte)

  app.addContentTypeParser('multipart/form-data', (_request, payload, done) => { done(null, payload) })

  const contextOf = (language: Language, timeout: number): ProblemContext => ({ language, t: texts[language], maxMegabytes, timeout })

  async function gallery (request: FastifyRequest, language: Language): Promise<{ styles: readonly StyleChoice[], problem?: TransferProblem }> {
    try {
      const { body } = await client.json({ from: request, path: '/styletransfer/styles', timeout: upstreams.timeout, attempts: upstreams.attempts, check: isGallery })
      return { styles: body.styles.map(({ id, name, description }) => ({ id, name: name[language], description: description?.[language] ?? '' })) }
    } catch (error) {
      if (!(error instanceof DependencyError)) throw error
      return { styles: [], problem: problemOfError(error, contextOf(language, upstreams.timeout)) }
    }
  }

  function show (reply: FastifyReply, language: Language, stylePage: StylePage): FastifyReply {
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .serializer(String)
      .send(views.style({ language, user: userOf(reply.request), ...stylePage }))
  }

  app.get('/styletransfer', {
    schema: {
      summary: 'The style transfer window',
      querystring: Type.Object({ lang: Type.Optional(Type.String({ maxLength: 20 })), style: Type.Optional(Type.String({ maxLength: 64 })) }),
      response: { 200: page }
    }
  }, async (request, reply) => {
    const { lang, style } = request.query
    if (isLanguage(lang)) keepLanguage(reply, lang)
    const language = isLanguage(lang) ? lang : languageOf(request)
    const { styles, problem } = await gallery(request, language)
    return show(reply, language, { styles, chosen: style, maxMegabytes, ...(problem === undefined ? {} : { problem: problem.text }) })
  })

  app.get('/styletransfer/styles', {
    schema: { summary: 'The gallery, as addedvalues gives it', response: { '2xx': Type.Any(), '4xx': errorSchema, '5xx': errorSchema } }
  }, async (request, reply) => await passOn({ client, request, reply, path: '/styletransfer/styles', timeout: upstreams.timeout }))

  app.get('/styletransfer/styles/:id/preview', {
    schema: {
      summary: 'A picture in one style',
      params: Type.Object({ id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }) }),
      response: { '2xx': Type.Any(), '4xx': errorSchema, '5xx': errorSchema }
    }
  }, async (request, reply) => await passOn({ client, request, reply, path: `/styletransfer/styles/${request.params.id}/preview`, timeout: uploadTimeout }))

  app.post('/styletransfer', {
    bodyLimit: Number.MAX_SAFE_INTEGER, // counted while it passes
    schema: { summary: 'A photo in a style', consumes: ['multipart/form-data'], response: { '2xx': picture, '4xx': picture, '5xx': picture } }
  }, async (request, reply) => {
    const language = languageOf(request)
    const context = contextOf(language, uploadTimeout)
    const asPage = !wantsPicture(request)
    const begin = performance.now()
    const { stream, facts, release } = observeUpload(bodyOf(request), {
      contentType: request.headers['content-type'] ?? '',
      maxBytes: uploadMaxBytes,
      keeper: asPage ? keeper : createKeeper({ each: 0, all: 0 })
    })
    try {
      if (Number(request.headers['content-length'] ?? 0) > uploadMaxBytes) {
        facts.tooLarge = true
        stream.destroy()
        throw tooLarge(maxMegabytes)
      }
      const answer = await client.stream({
        from: request,
        method: 'POST',
        path: '/styletransfer/transfer',
        timeout: uploadTimeout,
        headers: uploadHeaders(request, asPage),
        body: stream,
        signal: goneSignal(reply)
      })
      if (!asPage) return await reply.code(answer.status).headers(answerHeaders(answer)).send(answer.body)

      const { styles } = await gallery(request, language)
      const common = { styles, chosen: facts.style, maxMegabytes }
      const type = String(answer.headers['content-type'] ?? '')
      if (answer.status !== 200 || !isShownType(type)) {
        const error = await readError(answer)
        // A form without a chosen file sends an empty one.
        const problem = problemOfAnswer((facts.image?.bytes ?? 0) > 0 || error.status >= 500 || error.code === 'not_in_this_version' ? error : { ...error, code: 'bad_form', field: 'image' }, context)
        return show(reply.code(problem.status), language, { ...common, problem: problem.text })
      }
      const after = await readPicture(answer)
      const { image, style } = facts
      return show(reply.headers({ 'x-bankinfo-via': answerHeaders(answer)['x-bankinfo-via'] ?? '' }), language, {
        ...common,
        result: {
          after: dataUrl(type, after),
          before: image?.kept !== undefined && isShownType(image.type) ? dataUrl(image.type, image.kept) : undefined,
          fileName: `bankinfo-${styles.some(({ id }) => id === style) ? style : 'photo'}.${extensionOf(type)}`,
          styleName: styles.find(({ id }) => id === style)?.name ?? style ?? '',
          ms: Math.round(performance.now() - begin),
          via: String(answerHeaders(answer)['x-bankinfo-via']).split(', ')
        }
      })
    } catch (error) {
      const failure = facts.tooLarge === true ? tooLarge(maxMegabytes) : error
      if (!asPage || !(failure instanceof ServiceError)) throw failure
      const problem = failure instanceof DependencyError
        ? problemOfError(failure, context)
        : problemOfAnswer({ status: failure.statusCode, code: failure.code, message: failure.message, version: '' }, context)
      request.log.warn({ err: failure }, 'no styled photo')
      const { styles } = await gallery(request, language)
      return show(reply.code(problem.status), language, { styles, chosen: facts.style, maxMegabytes, problem: problem.text })
    } finally {
      release()
    }
  })
}

const tooLarge = (megabytes: number) => new ServiceError(413, 'too_large', `The photo is too large: at most ${megabytes} MB are taken`)

/** A client that names pictures and no page wants the picture. */
function wantsPicture ({ headers: { accept = '' } }: FastifyRequest): boolean {
  return /\bimage\//.test(accept) && !accept.includes('text/html')
}

function bodyOf (request: FastifyRequest): Readable {
  if (request.body instanceof Readable) return request.body
  throw new ServiceError(415, 'unsupported_media_type', 'Send a form of type multipart/form-data with the fields image and style')
}

function uploadHeaders ({ headers }: FastifyRequest, asPage: boolean): Record<string, string> {
  return {
    'content-type': headers['content-type'] ?? '',
    accept: asPage ? 'image/*' : headers.accept ?? 'image/*',
    ...(headers['content-length'] === undefined ? {} : { 'content-length': headers['content-length'] })
  }
}
