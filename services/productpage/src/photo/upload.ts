import { shield } from '@bankinfo/service'
import { Busboy } from '@fastify/busboy'
import { Transform, pipeline, type Readable } from 'node:stream'

/** Text fields that the answering page shows as they were sent. */
const shownFields: readonly string[] = ['style', 'strength', 'detail', 'format']

/** What was seen of an upload while it passed. */
export interface UploadFacts {
  /** The form's text fields; empty ones are as good as absent, for a form sends its untouched inputs so. */
  readonly fields: Record<string, string>
  /** Bytes of the form field `styleImage`. */
  styleImageBytes: number
  /** The file of the form field `image`; `kept` is all of it, or undefined when it was too large to keep. */
  image?: { type: string, bytes: number, kept: Buffer | undefined }
  /** It was longer than it may be, and cut off there. */
  tooLarge?: boolean
}

export interface UploadOptions {
  readonly contentType: string
  /** An upload longer than this ends with an error. */
  readonly maxBytes: number
  readonly keeper: Keeper
}

/** An upload on its way through. */
export interface Upload {
  readonly stream: Readable
  readonly facts: UploadFacts
  /** Gives the kept photo's memory back. */
  release (): void
}

/** Lends memory for pictures that are to be shown again, up to a limit for all together. */
export interface Keeper {
  /** The most that is kept of one upload, in bytes. */
  readonly each: number
  /** Whether so many bytes more may be kept. */
  take (bytes: number): boolean
  give (bytes: number): void
}

/** @param limits bytes, for one picture and for all that are kept at one time */
export function createKeeper (limits: { each: number, all: number }): Keeper {
  let taken = 0
  return {
    each: limits.each,
    take (bytes) {
      if (taken + bytes > limits.all) return false
      taken += bytes
      return true
    },
    give (bytes) { taken -= bytes }
  }
}

/**
 * Lets a multipart upload (RFC 7578) pass unchanged, byte for byte and no faster than its reader, and looks at it on the
 * way: what is asked for, how large a photo. A small photo is kept, to be shown beside the answer; a larger one never is.
 */
export function observeUpload (upload: Readable, { contentType, maxBytes, keeper }: UploadOptions): Upload {
  const facts: UploadFacts = { fields: {}, styleImageBytes: 0 }
  let total = 0
  let kept = 0
  const release = () => {
    keeper.give(kept)
    kept = 0
  }
  const parser = watch(contentType, facts, {
    keep (bytes) {
      if (kept + bytes > keeper.each || !keeper.take(bytes)) return false
      kept += bytes
      return true
    },
    release
  })

  const passing = new Transform({
    transform (chunk: Buffer, _encoding, done) {
      total += chunk.length
      if (total > maxBytes) {
        facts.tooLarge = true
        return done(new RangeError(`The upload is longer than ${maxBytes} bytes`))
      }
      parser?.write(chunk)
      done(null, chunk)
    },
    flush (done) {
      parser?.end()
      done()
    }
  })
  // The call that reads it fails with an error of the stream, and tells it.
  pipeline(shield(upload), passing, () => {})
  return { stream: passing, facts, release }
}

/** A reader of the parts; undefined where the body is no multipart at all, which the other side will say. */
function watch (contentType: string, facts: UploadFacts, memory: { keep (bytes: number): boolean, release (): void }) {
  if (!/^multipart\/form-data\s*;.*boundary=/i.test(contentType)) return undefined
  const parser = new Busboy({ headers: { 'content-type': contentType }, limits: { fieldSize: 1024, fields: 50, files: 5, parts: 60 } })
  parser.on('field', (name, value) => {
    if (shownFields.includes(name) && value !== '') facts.fields[name] = value
  })
  parser.on('file', (name, file, _fileName, _encoding, type) => {
    if (name === 'styleImage') file.on('data', (chunk: Buffer) => { facts.styleImageBytes += chunk.length })
    if (name !== 'image' || facts.image !== undefined) {
      file.resume()
      return
    }
    const chunks: Buffer[] = []
    const image: NonNullable<UploadFacts['image']> = { type, bytes: 0, kept: undefined }
    let whole = true
    facts.image = image
    file.on('data', (chunk: Buffer) => {
      image.bytes += chunk.length
      if (whole && memory.keep(chunk.length)) {
        chunks.push(chunk)
      } else if (whole) {
        whole = false
        chunks.length = 0
        memory.release()
      }
    })
    file.on('end', () => {
      if (whole) image.kept = Buffer.concat(chunks)
    })
  })
  parser.on('error', () => {}) // a body that is not well formed is judged by styletransfer, which reads it for good
  return parser
}
