import type { Multipart, MultipartFile } from '@fastify/multipart'
import { ServiceError } from '@bankinfo/service/errors'
import type { FastifyRequest } from 'fastify'
import type { ByteBudget } from './byte-budget.ts'
import { textFields, type Fields } from './form.ts'
import { badForm, busy, tooLarge } from './problems.ts'

/** An uploaded file, whole, in memory that belongs to it alone. */
export interface UploadedFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly filename: string
}

export interface Upload {
  readonly fields: Fields
  readonly image: UploadedFile
  readonly styleImage?: UploadedFile
}

export interface UploadLimits {
  readonly maxBytes: number
  readonly seconds: number
  readonly budget: ByteBudget
  /** Seconds that a caller is told to wait when the budget is used up. */
  readonly retryAfter: () => number
}

const fileFields = ['image', 'styleImage'] as const
type FileField = (typeof fileFields)[number]
const isFileField = (name: string): name is FileField => fileFields.some((field) => field === name)

/**
 * Reads a multipart/form-data body (RFC 7578) as it arrives, into memory that the budget allows and never into a file.
 * The bytes stay counted until `release` is called.
 *
 * @throws ServiceError 400 for a form that is not as it should be, 408 when it takes too long, 413 when a file is
 * too large, 503 when uploads together hold too much
 */
export async function readUpload (request: FastifyRequest, limits: UploadLimits): Promise<Upload & { release: () => void }> {
  if (!request.isMultipart()) throw new ServiceError(415, 'not_a_form', 'Send multipart/form-data with the photo in a field "image".')
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > 2 * limits.maxBytes + 64 * 1024) throw tooLarge(limits.maxBytes)
  let held = 0
  let released = false
  const release = () => {
    released = true
    limits.budget.giveBack(held)
    held = 0
  }
  const hold = (bytes: number) => {
    // Chunks may still come in after the answer was decided.
    if (released || !limits.budget.take(bytes)) throw busy(limits.retryAfter())
    held += bytes
  }
  try {
    return { ...await inTime(request, limits.seconds, (fail) => readParts(request, { maxBytes: limits.maxBytes, hold, fail })), release }
  } catch (error) {
    release()
    throw error
  }
}

interface Reading {
  readonly maxBytes: number
  readonly hold: (bytes: number) => void
  /** Ends the reading at once: the parser itself gives up only when the whole body has come. */
  readonly fail: (error: unknown) => void
}

async function readParts (request: FastifyRequest, { maxBytes, hold, fail }: Reading): Promise<Upload> {
  const fields = new Map<string, string>()
  const files = new Map<FileField, UploadedFile>()
  try {
    for await (const part of request.parts()) {
      try {
        if (part.type === 'field') readField(part, fields)
        else await readFile(part, files, { maxBytes, hold })
      } catch (error) {
        fail(translated(error, maxBytes))
        throw error
      }
    }
  } catch (error) {
    throw translated(error, maxBytes)
  }
  const image = files.get('image')
  if (image === undefined) throw badForm('image', 'The photo is missing: send it as a file in the field "image".')
  const styleImage = files.get('styleImage')
  return { fields, image, ...(styleImage === undefined ? {} : { styleImage }) }
}

function readField (part: Exclude<Multipart, MultipartFile>, fields: Map<string, string>): void {
  const name = part.fieldname
  if (isFileField(name)) throw badForm(name, `"${name}" must be a file, not text.`)
  if (!textFields.includes(name)) throw badForm(name, `There is no field ${JSON.stringify(name)}. Expected ${[...fileFields, ...textFields].join(', ')}.`)
  if (fields.has(name)) throw badForm(name, `"${name}" came twice. Send it once.`)
  if (part.valueTruncated) throw badForm(name, `"${name}" is too long.`)
  // A form sends its untouched inputs as empty text.
  if (typeof part.value === 'string' && part.value !== '') fields.set(name, part.value)
}

async function readFile (part: MultipartFile, files: Map<FileField, UploadedFile>, { maxBytes, hold }: { maxBytes: number, hold: (bytes: number) => void }): Promise<void> {
  const name = part.fieldname
  if (!isFileField(name)) throw badForm(name, `There is no file field ${JSON.stringify(name)}. Expected ${fileFields.join(' or ')}.`)
  if (files.has(name)) throw badForm(name, `"${name}" came twice. Send one file.`)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of part.file as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(maxBytes)
    hold(chunk.length)
    chunks.push(chunk)
  }
  if (part.file.truncated) throw tooLarge(maxBytes)
  // A form sends a file input that nobody used as a file without name and content.
  if (length === 0 && (part.filename ?? '') === '') return
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  files.set(name, { bytes, filename: part.filename ?? '' })
}

/** What @fastify/multipart and its parser throw, as an answer that helps. */
function translated (error: unknown, maxBytes: number): unknown {
  if (error instanceof ServiceError || !(error instanceof Error)) return error
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge(maxBytes)
  if (code === 'FST_FILES_LIMIT' || code === 'FST_FIELDS_LIMIT' || code === 'FST_PARTS_LIMIT') return badForm('image', 'The form has too many parts. Send one "image", at most one "styleImage" and the named fields, each once.')
  return new ServiceError(400, 'broken_form', 'The form broke off or is not multipart/form-data as RFC 7578 has it. Send it once more.', { cause: error })
}

async function inTime<T> (request: FastifyRequest, seconds: number, work: (fail: (error: unknown) => void) => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<T>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new ServiceError(408, 'upload_too_slow', `The upload took longer than ${seconds} s.`))
        // Nothing more goes to the parser; the answer leaves on the other half of the connection.
        request.raw.unpipe()
      }, seconds * 1000)
      work(reject).then(resolve, reject)
    })
  } finally {
    clearTimeout(timer)
  }
}
