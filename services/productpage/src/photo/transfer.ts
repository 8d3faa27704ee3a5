import { DependencyError, ServiceError, answerHeaders, goneSignal, type Client, type StreamAnswer } from '@bankinfo/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isShownType, readError, readPicture } from './answer.ts'
import { problemOfAnswer, problemOfError, type ErrorAnswer, type ProblemContext, type TransferProblem } from './problems.ts'
import type { Upload } from './upload.ts'

export interface TransferOptions {
  readonly client: Client
  readonly upload: Upload
  /** What the caller takes, as in Accept. */
  readonly accept: string
  /** ms for upload and answer. */
  readonly timeout: number
  readonly maxBytes: number
}

/** Why there is no styled photo, for the visitor and as it came. */
export interface TransferFailure extends TransferProblem {
  readonly error: ErrorAnswer
  /** The answer's own headers, where there was one. */
  readonly headers: Record<string, string | string[]>
}

/**
 * Sends an upload on to addedvalues as it comes in, once.
 *
 * @returns the answer that began, or why there is none
 */
export async function transfer (request: FastifyRequest, reply: FastifyReply, options: TransferOptions & { context: ProblemContext }): Promise<StreamAnswer | TransferFailure> {
  const { upload, context } = options
  try {
    const answer = await send(request, reply, options)
    if (answer.status < 400) return answer
    const error = refined(await readError(answer), upload)
    const { 'content-type': _type, 'content-length': _length, ...headers } = answerHeaders(answer)
    return { ...problemOfAnswer(error, context), error, headers }
  } catch (error) {
    return failureOf(error, request, context)
  }
}

/** The styled photo whole, for a page, or why there is none. */
export async function wholePicture (request: FastifyRequest, answer: StreamAnswer, context: ProblemContext): Promise<{ picture: Buffer, type: string, via: string } | TransferFailure> {
  const type = String(answer.headers['content-type'] ?? '')
  try {
    if (isShownType(type)) return { picture: await readPicture(answer), type, via: String(answerHeaders(answer)['x-bankinfo-via']) }
    answer.body.on('error', () => {}).destroy() // its end is an abort, which is no news
    throw new ServiceError(502, 'no_picture', `The answer is no picture: ${type}`)
  } catch (error) {
    return failureOf(error, request, context)
  }
}

async function send (request: FastifyRequest, reply: FastifyReply, { client, upload, accept, timeout, maxBytes }: TransferOptions): Promise<StreamAnswer> {
  const length = request.headers['content-length']
  try {
    if (Number(length ?? 0) > maxBytes) {
      upload.facts.tooLarge = true
      upload.stream.destroy()
    }
    return await client.stream({
      from: request,
      method: 'POST',
      path: '/styletransfer/transfer',
      timeout,
      headers: { accept, 'content-type': request.headers['content-type'] ?? '', ...(length === undefined ? {} : { 'content-length': length }) },
      body: upload.stream,
      signal: goneSignal(reply)
    })
  } catch (error) {
    if (upload.facts.tooLarge !== true) throw error
    throw new ServiceError(413, 'too_large', `The upload is too large: at most ${maxBytes} bytes are taken`, { details: { field: 'form', maxUploadBytes: maxBytes } })
  }
}

function failureOf (error: unknown, request: FastifyRequest, context: ProblemContext): TransferFailure {
  if (!(error instanceof ServiceError)) throw error
  request.log.warn({ err: error }, 'no styled photo')
  const told = { status: error.statusCode, code: error.code, message: error.message, version: '', ...error.details }
  const problem = error instanceof DependencyError ? problemOfError(error, context) : problemOfAnswer(told, context)
  return { ...problem, error: told, headers: {} }
}

/** What the form lacked is told better than by the service, which sees an empty file or no style. */
function refined (error: ErrorAnswer, { facts }: Upload): ErrorAnswer {
  const { status, code, field } = error
  const noPhoto = (facts.image?.bytes ?? 0) === 0
  if (noPhoto && (status === 400 || status === 415 || status === 422)) return { ...error, code: 'bad_form', field: 'image' }
  if (code !== 'bad_form' || field !== 'style') return error
  const styleImage = facts.styleImageBytes > 0
  if (facts.fields['style'] === undefined) return { ...error, field: 'styleImage' }
  return styleImage ? { ...error, field: 'styleAndStyleImage' } : error
}
