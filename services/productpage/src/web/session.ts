import cookie from '@fastify/cookie'
import type { App } from '@bankinfo/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { randomBytes } from 'node:crypto'

const cookieName = 'session'
const lifetimeSeconds = 8 * 60 * 60
const username = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/

/** What a name must look like: it travels as a header and is shown in logs. */
export const isUsername = (text: string): boolean => username.test(text)

/**
 * Sessions: the signed cookie says who the user is, and from it alone the request's `end-user` is set. Whatever
 * the browser sent by that name is taken away first.
 *
 * @param key signs the cookie; without one a random key is made, and whoever is signed in is signed out by a restart
 */
export async function sessions (app: App, key: string | undefined): Promise<void> {
  if (key === undefined) app.log.warn('SESSION_KEY is not set: sessions are signed with a random key and end with this process')
  await app.register(cookie, { secret: key ?? randomBytes(32).toString('base64') })
  app.addHook('onRequest', async (request) => {
    delete request.headers['end-user']
    const user = userOfCookie(request)
    if (user !== undefined) request.headers['end-user'] = user
  })
}

/** The signed-in user of a request. */
export function userOf (request: FastifyRequest): string | undefined {
  const user = request.headers['end-user']
  return typeof user === 'string' ? user : undefined
}

export function signIn (reply: FastifyReply, user: string): void {
  reply.setCookie(cookieName, `${user}:${Math.floor(Date.now() / 1000)}`, { ...attributes(reply.request), signed: true, maxAge: lifetimeSeconds })
}

export function signOut (reply: FastifyReply): void {
  reply.clearCookie(cookieName, attributes(reply.request))
}

/** Over http a Secure cookie would never come back. */
const attributes = (request: FastifyRequest) => ({
  path: '/',
  httpOnly: true,
  sameSite: 'lax',
  secure: request.headers['x-forwarded-proto'] === 'https'
} as const)

function userOfCookie (request: FastifyRequest): string | undefined {
  const raw = request.cookies[cookieName]
  if (raw === undefined) return undefined
  const { valid, value } = request.unsignCookie(raw)
  if (!valid) return undefined
  const at = value.lastIndexOf(':')
  const user = value.slice(0, at)
  const age = Date.now() / 1000 - Number(value.slice(at + 1))
  return isUsername(user) && age >= 0 && age < lifetimeSeconds ? user : undefined
}
