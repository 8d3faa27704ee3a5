import { DependencyError, describeFailure, isFailureKind } from '@bankinfo/service'
import type { Texts } from '../texts/texts.ts'
import type { Language } from '../web/language.ts'

/** Why there is no styled photo, in the visitor's language. */
export interface TransferProblem {
  readonly status: number
  readonly text: string
}

export interface ProblemContext {
  readonly language: Language
  readonly t: Texts
  /** bytes of one picture, where the answer names no other limit. */
  readonly maxBytes: number
  /** ms, as far as a timeout is told. */
  readonly timeout: number
}

/** An error answer that came along the chain, from addedvalues or styletransfer. */
export interface ErrorAnswer {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly version: string
  /** The form field that it is about. */
  readonly field?: string
  readonly maxUploadBytes?: number
}

/** A limit in bytes as people read it, like `25 MB`. */
export const sizeText = (bytes: number): string => bytes < 1024 * 1024 ? `${Math.floor(bytes / 1024)} KB` : `${Math.floor(bytes / 1024 / 1024)} MB`

/** styletransfer's own refusals, each with the text that tells it. */
const refusals: Readonly<Record<string, (t: Texts['style']['problems'], limit: string) => string>> = {
  too_large: (t, limit) => t.too_large(limit),
  too_many_pixels: (t) => t.too_many_pixels,
  too_many_frames: (t) => t.damaged,
  not_a_photo: (t) => t.damaged,
  unreadable: (t) => t.damaged,
  broken_form: (t) => t.broken_off,
  upload_too_slow: (t) => t.broken_off,
  busy: (t) => t.busy,
  too_slow: (t) => t.too_slow,
  not_a_form: (t) => t.no_image
}

/** Fields of the form that may be wrong, each with the text that tells it. */
const badFields: Readonly<Record<string, (t: Texts['style']['problems']) => string>> = {
  image: (t) => t.no_image,
  style: (t) => t.unknown_style,
  styleImage: (t) => t.no_style_image,
  styleAndStyleImage: (t) => t.two_styles
}

/** What an error answer means to the person who sent the photo. */
export function problemOfAnswer (error: ErrorAnswer, context: ProblemContext): TransferProblem {
  const { status, code, message, version, field } = error
  const { problems } = context.t.style
  const as = (text: string): TransferProblem => ({ status, text })
  if (code === 'not_in_this_version') return as(problems.not_in_this_version(version))
  if (code === 'styletransfer_blocked') return as(problems.blocked)
  if (code === 'bad_form') return as(badFields[field ?? '']?.(problems) ?? `${problems.bad_form} ${message}`)
  const limit = sizeText(error.maxUploadBytes ?? context.maxBytes)
  if (code === 'too_large' && field === 'form') return as(problems.upload_too_large(limit))
  const refusal = Object.hasOwn(refusals, code) ? refusals[code] : undefined
  if (refusal !== undefined) return as(field === 'styleImage' ? problems.of_style_image(refusal(problems, limit)) : refusal(problems, limit))
  const kind = code.startsWith('styletransfer_') ? code.slice('styletransfer_'.length) : ''
  if (isFailureKind(kind)) {
    return as(`${problems.unavailable} ${describeFailure({ dependency: 'styletransfer', kind, attempts: 1 }, context.timeout)[context.language]}`)
  }
  return as(`${problems.unavailable} ${message}`)
}

/** What a call that got no answer means to that person. */
export function problemOfError (error: DependencyError, context: ProblemContext): TransferProblem {
  if (error.upstreamCode !== undefined) {
    return problemOfAnswer({ status: error.status ?? error.statusCode, code: error.upstreamCode, message: '', version: error.from?.version ?? '' }, context)
  }
  const failure = { dependency: error.dependency, kind: error.kind, status: error.status, attempts: error.attempts.length }
  return { status: error.statusCode, text: `${context.t.style.problems.unavailable} ${describeFailure(failure, context.timeout)[context.language]}` }
}
