import { request as httpRequest, type Agent, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { Target } from './target.ts'

/** How one call ended. */
export interface Answer {
  /** The status; -1 when there was none. */
  readonly status: number
  readonly statusText: string
  readonly httpVersion: string
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[]
  /** Bytes of the status line and the header fields. */
  readonly headerBytes: number
  readonly bodyBytes: number
  /** The body; undefined unless it was asked for. */
  readonly body?: Buffer
  /** Why there was no answer, or not a whole one. */
  readonly error?: string
}

export interface SendOptions {
  readonly target: Target
  readonly agent: Agent
  /** Milliseconds to the last byte. */
  readonly timeoutMs: number
  readonly keepBody?: boolean
  /** Told of the connection that the call goes over. */
  readonly onSocket?: (socket: Socket) => void
  readonly signal?: AbortSignal | undefined
}

const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])

/** Sends one request and reads its answer to the end. Never rejects: a failure is an answer with an error. */
export async function send (options: SendOptions): Promise<Answer> {
  const first = await exchange(options)
  // A kept connection that the server has just closed says nothing about this request (RFC 9110 section 9.2.2).
  const stale = first.answer.error !== undefined && first.reused && first.answer.status === -1 && !first.timedOut
  return stale && repeatable.has(options.target.method) ? (await exchange(options)).answer : first.answer
}

interface Exchange {
  readonly answer: Answer
  /** It went over a connection that had been used before. */
  readonly reused: boolean
  readonly timedOut: boolean
}

async function exchange ({ target, agent, timeoutMs, keepBody, onSocket, signal }: SendOptions): Promise<Exchange> {
  return await new Promise((resolve) => {
    const requestOptions: RequestOptions = { ...target.request, agent, headers: target.request.headers as string[] }
    const call: ClientRequest = (target.request.protocol === 'https:' ? httpsRequest : httpRequest)(requestOptions)
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      call.destroy(new Error(`timeout after ${timeoutMs} ms`))
    }, timeoutMs)
    const abort = (): void => { call.destroy(new Error('interrupted')) }
    signal?.addEventListener('abort', abort, { once: true })
    const end = (answer: Answer): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      resolve({ answer, reused: call.reusedSocket, timedOut })
    }
    call.on('socket', (socket) => onSocket?.(socket))
    call.on('error', (error) => end({ ...nothing, error: reason(error) }))
    call.on('response', (response) => {
      // From here on the answer tells how it ends.
      call.removeAllListeners('error').on('error', () => {})
      read(response, keepBody === true).then(end, () => end(nothing))
    })
    call.end(target.body)
  })
}

const nothing: Answer = { status: -1, statusText: '', httpVersion: '', rawHeaders: [], headerBytes: 0, bodyBytes: 0 }

async function read (response: IncomingMessage, keepBody: boolean): Promise<Answer> {
  return await new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bodyBytes = 0
    let cut: Error | undefined
    response.on('data', (chunk: Buffer) => {
      bodyBytes += chunk.length
      if (keepBody) chunks.push(chunk)
    })
    response.on('error', (error) => { cut = error })
    response.on('close', () => {
      const { statusCode = -1, statusMessage = '', httpVersion, rawHeaders, complete } = response
      const answer = { statusText: statusMessage, httpVersion, rawHeaders, headerBytes: headerBytes(response), bodyBytes, ...(keepBody ? { body: Buffer.concat(chunks) } : {}) }
      resolve(complete ? { status: statusCode, ...answer } : { status: -1, ...answer, error: cut === undefined ? 'the answer ended early' : reason(cut) })
    })
  })
}

function headerBytes ({ httpVersion, statusCode, statusMessage = '', rawHeaders }: IncomingMessage): number {
  const statusLine = `HTTP/${httpVersion} ${statusCode} ${statusMessage}\r\n`.length
  // Each field is "name: value" and a line end; an empty line follows them.
  return rawHeaders.reduce((sum, text) => sum + text.length + 2, statusLine + 2)
}

function reason (error: Error & { readonly code?: string, readonly errors?: readonly Error[] }): string {
  // A name with several addresses fails with one error for each; the first says enough.
  const [first] = error.errors ?? []
  if (error.message === '' && first !== undefined) return first.message
  return error.message === 'socket hang up' || error.code === 'ECONNRESET' ? 'connection reset' : error.message
}
