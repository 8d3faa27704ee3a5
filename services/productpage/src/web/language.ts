import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'

export const languages = ['en', 'zh'] as const
export type Language = typeof languages[number]

const cookieName = 'lang'
const yearSeconds = 365 * 24 * 60 * 60

export const isLanguage = (text: unknown): text is Language => text === 'en' || text === 'zh'

/** The language of a request: what its cookie keeps, else what Accept-Language likes best (RFC 9110, 12.5.4), else English. */
export function languageOf (request: FastifyRequest): Language {
  const kept = request.cookies?.[cookieName]
  if (isLanguage(kept)) return kept
  const best = new Negotiator(request.raw).language([...languages])
  return isLanguage(best) ? best : 'en'
}

/** Keeps a choice of language for the next pages. */
export function keepLanguage (reply: FastifyReply, language: Language): void {
  reply.setCookie(cookieName, language, { path: '/', sameSite: 'lax', httpOnly: true, maxAge: yearSeconds })
}
