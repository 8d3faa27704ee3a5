import { DependencyError, ServiceError, answerHeaders, checkerOf, errorSchema, goneSignal, passOn, type App, type StreamAnswer } from '@bankinfo/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import Type from 'typebox'
import { dataUrl, extensionOf, isShownType, readError, readPicture } from '../photo/answer.ts'
import { problemOfAnswer, problemOfError, type ErrorAnswer, type ProblemContext, type TransferProblem } from '../photo/problems.ts'
import type { StyleChoice, StylePage } from '../photo/style-page.ts'
import { createKeeper, observeUpload, type Upload } from '../photo/upload.ts'
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
    const asPage = !wantsPicture(request)
    const upload = observeUpload(bodyOf(request), {
      contentType: request.headers['content-type'] ?? '',
      maxBytes: uploadMaxBytes,
      keeper: asPage ? keeper : createKeeper({ each: 0, all: 0 })
    })
    try {
      return await (asPage ? answerPage(request, reply, upload) : answerPicture(request, reply, upload))
    } finally {
      upload.release()
    }
  })

  async function transfer (request: FastifyRequest, reply: FastifyReply, { upload, accept }: { upload: Upload, accept: string }): Promise<StreamAnswer> {
    const length = request.headers['content-length']
    try {
      if (Number(length ?? 0) > uploadMaxBytes) {
        upload.facts.tooLarge = true
        upload.stream.destroy()
      }
      return await client.stream({
        from: request,
        method: 'POST',
        path: '/styletransfer/transfer',
        timeout: uploadTimeout,
        headers: { accept, 'content-type': request.headers['content-type'] ?? '', ...(length === undefined ? {} : { 'content-length': length }) },
        body: upload.stream,
        signal: goneSignal(reply)
      })
    } catch (error) {
      if (upload.facts.tooLarge !== true) throw error
      throw new ServiceError(413, 'too_large', `The photo is too large: at most ${maxMegabytes} MB are taken`)
    }
  }

  async function answerPicture (request: FastifyRequest, reply: FastifyReply, upload: Upload): Promise<FastifyReply> {
    const answer = await transfer(request, reply, { upload, accept: request.headers.accept ?? 'image/*' })
    return reply.code(answer.status).headers(answerHeaders(answer)).send(answer.body)
  }

  async function answerPage (request: FastifyRequest, reply: FastifyReply, upload: Upload): Promise<FastifyReply> {
    const language = languageOf(request)
    const begin = performance.now()
    const outcome = await outcomeOf(request, reply, { upload, language })
    const { styles } = await gallery(request, language)
    const page = { styles, chosen: upload.facts.style, maxMegabytes }
    if (!('picture' in outcome)) return show(reply.code(outcome.status), language, { ...page, problem: outcome.text })

    const { image, style } = upload.facts
    const chosen = styles.find(({ id }) => id === style)
    return show(reply.header('x-bankinfo-via', outcome.via), language, {
      ...page,
      result: {
        after: dataUrl(outcome.type, outcome.picture),
        before: image?.kept !== undefined && isShownType(image.type) ? dataUrl(image.type, image.kept) : undefined,
        fileName: `bankinfo-${chosen?.id ?? 'photo'}.${extensionOf(outcome.type)}`,
        styleName: chosen?.name ?? '',
        ms: Math.round(performance.now() - begin),
        via: outcome.via.split(', ')
      }
    })
  }

  /** The styled photo, or why there is none. */
  async function outcomeOf (request: FastifyRequest, reply: FastifyReply, { upload, language }: { upload: Upload, language: Language }): Promise<{ picture: Buffer, type: string, via: string } | TransferProblem> {
    const context = contextOf(language, uploadTimeout)
    try {
      const answer = await transfer(request, reply, { upload, accept: 'image/*' })
      const type = String(answer.headers['content-type'] ?? '')
      if (answer.status === 200 && isShownType(type)) {
        return { picture: await readPicture(answer), type, via: String(answerHeaders(answer)['x-bankinfo-via']) }
      }
      return problemOfAnswer(withoutPhoto(await readError(answer), upload), context)
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      request.log.warn({ err: error }, 'no styled photo')
      if (error instanceof DependencyError) return problemOfError(error, context)
      return problemOfAnswer({ status: error.statusCode, code: error.code, message: error.message, version: '' }, context)
    }
  }
}

/** A form whose photo was not chosen sends an empty file: what styletransfer says of that file is not what is wrong. */
function withoutPhoto (error: ErrorAnswer, { facts }: Upload): ErrorAnswer {
  const empty = (facts.image?.bytes ?? 0) === 0
  return empty && (error.status === 400 || error.status === 415 || error.status === 422) ? { ...error, code: 'bad_form', field: 'image' } : error
}

/** A client that names pictures and no page wants the picture. */
function wantsPicture ({ headers: { accept = '' } }: FastifyRequest): boolean {
  return /\bimage\//.test(accept) && !accept.includes('text/html')
}

function bodyOf (request: FastifyRequest): Readable {
  if (request.body instanceof Readable) return request.body
  throw new ServiceError(415, 'unsupported_media_type', 'Send a form of type multipart/form-data with the fields image and style')
}
