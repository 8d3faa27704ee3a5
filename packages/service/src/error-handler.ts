import Type, { type Static } from 'typebox'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { STATUS_CODES } from 'node:http'
import { ServiceError, notFound } from './errors.ts'

/** The body of every JSON error: a stable code to act on, a text for people, the id to look for in the logs. */
export const errorSchema = Type.Object({
  code: Type.String({ description: 'stable, made for programs' }),
  message: Type.String(),
  requestId: Type.String()
}, { additionalProperties: true })

export type ErrorBody = Static<typeof errorSchema>

/** What an error becomes on the wire, before it is JSON or a page. */
export interface Problem extends ErrorBody {
  readonly status: number
}

/** Draws an error as a page for a browser; undefined leaves it JSON. */
export type ErrorPage = (problem: Problem, request: FastifyRequest) => string | undefined

/** Answers a request that failed. */
export type ErrorResponder = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => FastifyReply

/**
 * Turns every error into one answer: JSON, or a page where the service draws pages and the caller prefers HTML. A 4xx
 * says what is wrong, a 5xx that was not foreseen says nothing of the inside. What is thrown is logged here and nowhere
 * else: 5xx as error, the rest as info.
 */
export function errorResponder (errorPage?: ErrorPage): ErrorResponder {
  return (error, request, reply) => {
    const { status, ...body } = problemOf(error, request.id)
    if (status >= 500) request.log.error({ err: error, code: body.code }, 'request failed')
    else request.log.info({ code: body.code, reason: error.message }, 'request refused')

    reply.code(status).header('cache-control', 'no-store')
    const page = errorPage !== undefined && prefersHtml(request) ? errorPage({ status, ...body }, request) : undefined
    return page === undefined
      ? reply.type('application/json; charset=utf-8').serializer(JSON.stringify).send(body)
      : reply.type('text/html; charset=utf-8').serializer(String).send(page)
  }
}

/** Has every error of an app, and every address that it does not know, answered by `respond`. */
export function handleErrors (app: FastifyInstance, respond: ErrorResponder): void {
  app.setErrorHandler<FastifyError>(respond)
  app.setNotFoundHandler((request) => {
    throw notFound('not_found', `There is nothing at ${request.method} ${request.url.split('?', 1)[0] ?? ''}`)
  })
}

/** Whether a page serves this caller better than JSON: it names text/html, and not application/json before it. */
export function prefersHtml (request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? ''
  const html = accept.indexOf('text/html')
  const json = accept.indexOf('application/json')
  return html !== -1 && (json === -1 || html < json)
}

function problemOf (error: FastifyError, requestId: string): Problem {
  if (error instanceof ServiceError) return { ...error.details, status: error.statusCode, code: error.code, message: error.message, requestId }
  if (error.validation !== undefined) return { status: 400, code: 'invalid_request', message: error.message, requestId }
  const status = error.statusCode ?? 500
  if (status < 400 || status >= 500) return { status: 500, code: 'internal', message: 'Something went wrong here. The log has the reason, under this request id.', requestId }
  return { status, code: codes[status] ?? 'refused', message: error.message || STATUS_CODES[status] || 'Refused', requestId }
}

const codes: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'not_signed_in',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'too_large',
  414: 'url_too_long',
  415: 'unsupported_media_type'
}
