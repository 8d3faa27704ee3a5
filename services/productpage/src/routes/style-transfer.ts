import { DependencyError, ServiceError, answerHeaders, errorSchema, passOn, type App } from '@bankinfo/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import Type from 'typebox'
import { dataUrl, extensionOf, isShownType } from '../photo/answer.ts'
import { galleryOf, isGallery, noGallery, type Gallery } from '../photo/gallery.ts'
import { problemOfError, type ProblemContext, type TransferProblem } from '../photo/problems.ts'
import type { StylePage } from '../photo/style-page.ts'
import { transfer, wholePicture } from '../photo/transfer.ts'
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
/**
 * The style transfer window. A photo streams through to addedvalues and is never held whole: with `Accept: image/*` the
 * picture streams back, or JSON whose `explanation` says why not. The page that answers a browser's form shows before and after as data: URLs; for that the styled
 * photo is held while it is sent, and of the photo as it came no more than a few megabytes, given back with the answer.
 */
export function styleTransferRoutes (app: App, { views, upstreams, uploadTimeout, uploadMaxBytes }: StyleTransferOptions): void {
  const client = upstreams.addedValues
  const keeper = createKeeper({ each: 8 * megabyte, all: 48 * megabyte })

  app.addContentTypeParser('multipart/form-data', (_request, payload, done) => { done(null, payload) })

  const contextOf = (language: Language, timeout: number): ProblemContext => ({ language, t: texts[language], maxBytes: uploadMaxBytes, timeout })

  async function galleryIn (request: FastifyRequest, language: Language): Promise<{ gallery: Gallery, problem?: TransferProblem }> {
    try {
      const { body } = await client.json({ from: request, path: '/styletransfer/styles', timeout: upstreams.timeout, attempts: upstreams.attempts, check: isGallery })
      return { gallery: galleryOf(body, language) }
    } catch (error) {
      if (!(error instanceof DependencyError)) throw error
      return { gallery: noGallery, problem: problemOfError(error, contextOf(language, upstreams.timeout)) }
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
    const { gallery, problem } = await galleryIn(request, language)
    return show(reply, language, {
      gallery,
      chosen: style === undefined ? {} : { style },
      maxBytes: gallery.maxBytes ?? uploadMaxBytes,
      ...(problem === undefined ? {} : { problem: problem.text })
    })
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

  async function answerPicture (request: FastifyRequest, reply: FastifyReply, upload: Upload): Promise<FastifyReply> {
    const accept = request.headers.accept ?? 'image/*'
    const answer = await transfer(request, reply, { client, upload, accept, timeout: uploadTimeout, maxBytes: uploadMaxBytes, context: contextOf(languageOf(request), uploadTimeout) })
    if ('body' in answer) return reply.code(answer.status).headers(answerHeaders(answer)).send(answer.body)
    const { status, text, error, headers } = answer
    return reply
      .code(status)
      .headers(headers)
      .header('cache-control', 'no-store')
      .type('application/json; charset=utf-8')
      .send({ ...error, status: undefined, version: error.version === '' ? undefined : error.version, explanation: text, requestId: request.id })
  }

  async function answerPage (request: FastifyRequest, reply: FastifyReply, upload: Upload): Promise<FastifyReply> {
    const language = languageOf(request)
    const context = contextOf(language, uploadTimeout)
    const begin = performance.now()
    const answer = await transfer(request, reply, { client, upload, accept: 'image/*', timeout: uploadTimeout, maxBytes: uploadMaxBytes, context })
    const outcome = 'body' in answer ? await wholePicture(request, answer, context) : answer
    const { gallery } = await galleryIn(request, language)
    const { image, fields } = upload.facts
    const page = { gallery, chosen: { ...fields, style: fields['style'] ?? '' }, maxBytes: gallery.maxBytes ?? uploadMaxBytes }
    if (!('picture' in outcome)) return show(reply.code(outcome.status), language, { ...page, problem: outcome.text })

    const chosen = gallery.styles.find(({ id }) => id === fields['style'])
    return show(reply.header('x-bankinfo-via', outcome.via), language, {
      ...page,
      result: {
        after: dataUrl(outcome.type, outcome.picture),
        before: image?.kept !== undefined && isShownType(image.type) ? dataUrl(image.type, image.kept) : undefined,
        fileName: `bankinfo-${chosen?.id ?? 'own-style'}.${extensionOf(outcome.type)}`,
        styleName: chosen?.name ?? gallery.ownStyle?.name ?? '',
        ms: Math.round(performance.now() - begin),
        via: outcome.via.split(', ')
      }
    })
  }
}

/** A client that names pictures and no page wants the picture. */
function wantsPicture ({ headers: { accept = '' } }: FastifyRequest): boolean {
  return /\bimage\//.test(accept) && !accept.includes('text/html')
}

function bodyOf (request: FastifyRequest): Readable {
  if (request.body instanceof Readable) return request.body
  throw new ServiceError(415, 'unsupported_media_type', 'Send a form of type multipart/form-data with the fields image and style')
}
