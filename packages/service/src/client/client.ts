import type { FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Metrics } from '../metrics.ts'
import { spanOf } from '../tracing.ts'
import { answererOf, type AnswerHeaders, type Answerer } from './answerer.ts'
import { DependencyError, failureOfAnswer, failureOfError, type Attempt, type Failure } from './dependency-error.ts'
import { forwardedHeaders } from './forwarded-headers.ts'

export interface JsonAnswer<T> {
  readonly body: T
  readonly from: Answerer
  readonly attempts: readonly Attempt[]
}

export interface StreamAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: Readable
  readonly from: Answerer
}

export interface JsonCall<T> {
  /** The request on whose behalf the call is made: its identity and trace headers go with it. */
  readonly from: FastifyRequest
  /** Path and query. */
  readonly path: string
  /** For each attempt, ms, to the last byte of the answer. */
  readonly timeout: number
  /** How often at most; another try follows a timeout, a connection error and a 5xx. */
  readonly attempts: number
  /** Whether the body is what was agreed: an answer from outside is unknown until then. */
  readonly check: (body: unknown) => body is T
}

export interface StreamCall {
  readonly from: FastifyRequest
  readonly path: string
  readonly method: 'GET' | 'POST'
  /** ms to the last byte of the answer, the upload included. */
  readonly timeout: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Readable
  /** Ends the call, when the one who asked went away. */
  readonly signal?: AbortSignal
}

/** Calls one other service. */
export interface Client {
  readonly name: string
  /** A GET for JSON. @throws DependencyError */
  json<T> (call: JsonCall<T>): Promise<JsonAnswer<T>>
  /** One try, both bodies streamed. An error answer of the service itself is an answer. @throws DependencyError when there was none */
  stream (call: StreamCall): Promise<StreamAnswer>
}

export interface ClientOptions {
  /** The service's name, as metrics and errors say it. */
  readonly name: string
  readonly url: string
  readonly dispatcher: Dispatcher
  readonly metrics: Metrics
}

const jsonLimit = 1024 * 1024
const errorTextLimit = 4096

export function createClient ({ name, url, dispatcher, metrics }: ClientOptions): Client {
  const { origin, pathname } = new URL(url)
  const prefix = pathname.replace(/\/+$/, '')

  async function send (call: Omit<StreamCall, 'timeout'>, signal: AbortSignal) {
    const { from, method, headers, body } = call
    const path = prefix + call.path
    const span = spanOf(from)?.call({ dependency: name, method, url: origin + path })
    try {
      const response = await dispatcher.request({
        origin,
        path,
        method,
        headers: { ...headers, ...forwardedHeaders(from.headers), ...span?.headers },
        body: body ?? null,
        signal
      })
      span?.end(response.statusCode < 500 ? 'ok' : 'server_error', response.statusCode)
      return response
    } catch (error) {
      span?.end(failureOfError(error).kind, undefined)
      throw error
    }
  }

  async function tryJson<T> (call: JsonCall<T>): Promise<{ body: T, from: Answerer } | Failure> {
    const deadline = startDeadline(call.timeout)
    try {
      const response = await send({ from: call.from, path: call.path, method: 'GET', headers: { accept: 'application/json' } }, deadline.signal)
      const status = response.statusCode
      if (status >= 400) return await failureOfResponse(response)
      const body = parseJson(await readText(response.body, jsonLimit))
      return call.check(body) ? { body, from: answererOf(response.headers) ?? { service: name, version: '', pod: '' } } : { kind: 'bad_answer', status }
    } catch (error) {
      return deadline.signal.aborted ? { kind: 'timeout' } : failureOfError(error)
    } finally {
      deadline.clear()
    }
  }

  return {
    name,
    async json (call) {
      const begin = performance.now()
      const attempts: Attempt[] = []
      for (;;) {
        const start = performance.now()
        const result = await tryJson(call)
        const failed = 'kind' in result
        const outcome = failed ? result.kind : 'ok'
        attempts.push({ startMs: Math.round(start - begin), ms: Math.round(performance.now() - start), outcome, ...(failed && result.status !== undefined ? { status: result.status } : {}) })
        metrics.dependencyAttempts.inc({ dependency: name, outcome })
        if (!failed) return { ...result, attempts }
        if (attempts.length >= call.attempts || !isRetriable(result)) throw new DependencyError(name, result, attempts)
      }
    },
    async stream (call) {
      const deadline = startDeadline(call.timeout, call.signal)
      try {
        const response = await send(call, deadline.signal)
        if (response.statusCode >= 400 && answererOf(response.headers) === undefined) throw new DependencyError(name, await failureOfResponse(response))
        metrics.dependencyAttempts.inc({ dependency: name, outcome: response.statusCode < 500 ? 'ok' : 'server_error' })
        response.body.once('close', deadline.clear)
        return { status: response.statusCode, headers: response.headers, body: response.body, from: answererOf(response.headers) ?? { service: name, version: '', pod: '' } }
      } catch (error) {
        deadline.clear()
        const failure = error instanceof DependencyError
          ? error
          : new DependencyError(name, failureOfAborted(deadline.expired(), call.signal) ?? failureOfError(error))
        metrics.dependencyAttempts.inc({ dependency: name, outcome: failure.kind })
        throw failure
      }
    }
  }
}

/** A timeout, a broken connection and a 5xx may pass; what was refused for a reason is refused again. */
function isRetriable ({ kind, status }: Failure): boolean {
  return status === undefined ? kind !== 'bad_answer' : status >= 500
}

function failureOfAborted (expired: boolean, signal: AbortSignal | undefined): Failure | undefined {
  if (expired) return { kind: 'timeout' }
  return signal?.aborted === true ? { kind: 'cancelled' } : undefined
}

function startDeadline (ms: number, outer?: AbortSignal) {
  const controller = new AbortController()
  let expired = false
  const abort = () => controller.abort(outer?.reason)
  const timer = setTimeout(() => {
    expired = true
    controller.abort()
  }, ms)
  if (outer?.aborted === true) abort()
  else outer?.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    expired: () => expired,
    clear: () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', abort)
    }
  }
}

async function failureOfResponse ({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Failure> {
  return failureOfAnswer({ status: statusCode, headers, text: await readText(body, errorTextLimit) })
}

/** The body as text. A longer one is an error: nobody makes a service hold what it did not agree to. */
async function readText (body: Readable, limit: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > limit) throw new RangeError(`The answer is longer than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length).toString('utf8')
}

function parseJson (text: string): unknown {
  return JSON.parse(text)
}
