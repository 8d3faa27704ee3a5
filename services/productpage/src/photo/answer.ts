import { ServiceError, checkerOf, type StreamAnswer } from '@bankinfo/service'
import type { Readable } from 'node:stream'
import Type from 'typebox'
import type { ErrorAnswer } from './problems.ts'

/** The longest picture that the page shows, in bytes; a longer one is for who takes the picture alone. */
const shownLimit = 24 * 1024 * 1024
const errorTextLimit = 4096

/** Pictures that a browser shows and that cannot hold script (SVG can). */
const extensions: ReadonlyMap<string, string> = new Map([['image/jpeg', 'jpg'], ['image/png', 'png'], ['image/webp', 'webp'], ['image/avif', 'avif'], ['image/gif', 'gif']])

export const isShownType = (type: string): boolean => extensions.has(type)

export const extensionOf = (type: string): string => extensions.get(type) ?? 'jpg'

export const dataUrl = (type: string, content: Buffer): string => `data:${type};base64,${content.toString('base64')}`

/** A styled photo, whole. */
export const readPicture = ({ body }: StreamAnswer): Promise<Buffer> => readAll(body, shownLimit)

const isError = checkerOf(Type.Object({
  code: Type.String(),
  message: Type.String(),
  field: Type.Optional(Type.String()),
  maxUploadBytes: Type.Optional(Type.Number())
}, { additionalProperties: true }))

/** An answer that is no picture, as the error that it is. */
export async function readError ({ status, body, from }: StreamAnswer): Promise<ErrorAnswer> {
  const error = parseJson((await readAll(body, errorTextLimit)).toString('utf8'))
  const told = isError(error) ? error : { code: '', message: '' }
  return { ...told, status: status >= 400 ? status : 502, version: from.version }
}

function parseJson (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // then it is an error without a code
  }
}

async function readAll (body: Readable, limit: number): Promise<Buffer> {
  body.on('error', () => {}) // the loop tells it; leaving the loop early aborts the rest
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > limit) throw new ServiceError(502, 'picture_too_large', `The answer is longer than ${limit} bytes; ask for it with Accept: image/*`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}
