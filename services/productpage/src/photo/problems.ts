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
  readonly maxMegabytes: number
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
}

/** styletransfer's own refusals, each with the text that tells it. */
const refusals: Readonly<Record<string, (t: Texts['style']['problems'], context: ProblemContext) => string>> = {
  too_large: (t, { maxMegabytes }) => t.too_large(maxMegabytes),
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

/** What an error answer means to the person who sent the photo. */
export function problemOfAnswer ({ status, code, message, version, field }: ErrorAnswer, context: ProblemContext): TransferProblem {
  const { t } = context
  if (code === 'not_in_this_version') return { status, text: t.style.problems.not_in_this_version(version) }
  if (code === 'styletransfer_blocked') return { status, text: t.style.problems.blocked }
  if (code === 'bad_form' && field === 'image') return { status, text: t.style.problems.no_image }
  if (code === 'bad_form' && field === 'style') return { status, text: t.style.problems.unknown_style }
  const refusal = Object.hasOwn(refusals, code) ? refusals[code] : undefined
  if (refusal !== undefined) return { status, text: refusal(t.style.problems, context) }
  const kind = code.startsWith('styletransfer_') ? code.slice('styletransfer_'.length) : ''
  if (isFailureKind(kind)) {
    return { status, text: `${t.style.problems.unavailable} ${describeFailure({ dependency: 'styletransfer', kind, attempts: 1 }, context.timeout)[context.language]}` }
  }
  return { status, text: `${t.style.problems.unavailable} ${message}` }
}

/** What a call that got no answer means to that person. */
export function problemOfError (error: DependencyError, context: ProblemContext): TransferProblem {
  if (error.upstreamCode !== undefined) {
    return problemOfAnswer({ status: error.status ?? error.statusCode, code: error.upstreamCode, message: '', version: error.from?.version ?? '' }, context)
  }
  const failure = { dependency: error.dependency, kind: error.kind, status: error.status, attempts: error.attempts.length }
  return { status: error.statusCode, text: `${context.t.style.problems.unavailable} ${describeFailure(failure, context.timeout)[context.language]}` }
}
