import type { FastifyRequest } from 'fastify'
import { isUtf8 } from 'node:buffer'
import { clientOf } from '../access-log.ts'

type Values = Readonly<Record<string, string | readonly string[]>>

/** The parts of a request as httpbin tells them. */
export interface RequestParts {
  readonly args: Values
  readonly headers: Readonly<Record<string, string>>
  readonly origin: string
  readonly url: string
}

export interface BodyParts {
  /** The body as text, or as a data URL when it is no text; empty for a form. */
  readonly data: string
  readonly files: Values
  readonly form: Values
  /** The body's JSON; null when it is none. */
  readonly json: unknown
}

export function describeRequest (request: FastifyRequest): RequestParts {
  return { args: queryOf(request), headers: headersOf(request), origin: clientOf(request), url: urlOf(request) }
}

/**
 * The header fields as they came, under names like `User-Agent`, sorted; what came twice is joined by a comma. Left out is
 * `Connection: keep-alive`, HTTP/1.1's default: it speaks of the last hop alone, and Envoy does not send it where other proxies do.
 */
export function headersOf (request: FastifyRequest): Readonly<Record<string, string>> {
  const { rawHeaders } = request.raw
  const found = new Map<string, string>()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
    const value = rawHeaders[index + 1] ?? ''
    if (name === 'Connection' && value.toLowerCase() === 'keep-alive') continue
    const before = found.get(name)
    found.set(name, before === undefined ? value : `${before},${value}`)
  }
  return Object.fromEntries([...found].sort(([a], [b]) => a < b ? -1 : 1))
}

/** The address that was asked for, as the client wrote it: scheme by x-forwarded-proto. */
export function urlOf (request: FastifyRequest): string {
  const proto = request.headers['x-forwarded-proto']
  return `${proto === 'https' ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}${request.url}`
}

/** What follows the question mark; a name that comes more than once has a list. */
export function queryOf (request: FastifyRequest): Values {
  const [, query = ''] = request.url.split(/\?(.*)/s)
  return valuesOf(new URLSearchParams(query))
}

/** Reads a body by its content type. Forms of both kinds, JSON, anything else as text or base64. */
export async function describeBody (request: FastifyRequest): Promise<BodyParts> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const type = request.headers['content-type'] ?? ''
  const nothing = { data: '', files: {}, form: {}, json: null }
  if (/^application\/x-www-form-urlencoded/i.test(type)) return { ...nothing, form: valuesOf(new URLSearchParams(body.toString('utf8'))) }
  if (/^multipart\/form-data/i.test(type)) return { ...nothing, ...await multipartOf(body, type) ?? { data: textOf(body) } }
  const text = textOf(body)
  return { ...nothing, data: text, json: jsonOf(text) }
}

async function multipartOf (body: Buffer, type: string): Promise<Pick<BodyParts, 'files' | 'form'> | undefined> {
  try {
    const parts = await new Response(body, { headers: { 'content-type': type } }).formData()
    const form = new URLSearchParams()
    const files = new URLSearchParams()
    for (const [name, value] of parts) {
      if (typeof value === 'string') form.append(name, value)
      else files.append(name, textOf(Buffer.from(await value.arrayBuffer())))
    }
    return { form: valuesOf(form), files: valuesOf(files) }
  } catch (error) {
    // A body that is no form after all is shown as it came.
    if (error instanceof TypeError) return undefined
    throw error
  }
}

function textOf (body: Buffer): string {
  return isUtf8(body) ? body.toString('utf8') : `data:application/octet-stream;base64,${body.toString('base64')}`
}

function jsonOf (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function valuesOf (values: URLSearchParams): Values {
  return Object.fromEntries([...new Set(values.keys())].sort().map((name) => {
    const all = values.getAll(name)
    return [name, all.length === 1 ? all[0] ?? '' : all]
  }))
}
