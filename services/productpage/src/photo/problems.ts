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
}

/** Codes of styletransfer's own refusals, each with the text that tells it. */
const refusals: Readonly<Record<string, 'no_image' | 'too_large' | 'damaged' | 'unknown_style'>> = {
  no_image: 'no_image',
  too_large: 'too_large',
  damaged_image: 'damaged',
  unsupported_image: 'damaged',
  unknown_style: 'unknown_style'
}

/** What an error answer means to the person who sent the photo. */
export function problemOfAnswer ({ status, code, message, version }: ErrorAnswer, context: ProblemContext): TransferProblem {
  const { t, maxMegabytes } = context
  if (code === 'not_in_this_version') return { status, text: t.style.problems.not_in_this_version(version) }
  if (code === 'styletransfer_blocked') return { status, text: t.style.problems.blocked }
  const refusal = refusals[code]
  if (refusal === 'too_large') return { status, text: t.style.problems.too_large(maxMegabytes) }
  if (refusal !== undefined) return { status, text: t.style.problems[refusal] }
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
