import type { App } from '@bankinfo/service'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { sendPretty } from '../pretty.ts'
import { replies } from '../replies.ts'

const account = Type.Object({ user: Type.String(), password: Type.String() })

/** Addresses that ask for credentials: the very ones in the address. https://www.rfc-editor.org/rfc/rfc7617, rfc6750 */
export function authRoutes (app: App): void {
  const tags = ['Auth']
  app.get('/basic-auth/:user/:password', {
    schema: { summary: 'Basic authentication; 401 without it', tags, params: account }
  }, async (request, reply) => {
    const { user, password } = request.params
    if (!isBasic(request, user, password)) return await reply.code(401).header('www-authenticate', 'Basic realm="Fake Realm"').send('')
    return sendPretty(reply, { authenticated: true, user })
  })
  app.get('/hidden-basic-auth/:user/:password', {
    schema: { summary: 'Basic authentication; 404 without it', tags, params: account }
  }, async (request, reply) => {
    const { user, password } = request.params
    if (!isBasic(request, user, password)) return await reply.code(404).send('')
    return sendPretty(reply, { authenticated: true, user })
  })
  app.get('/bearer', { schema: { summary: 'A bearer token; 401 without one', tags, response: replies } }, async (request, reply) => {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) return await reply.code(401).header('www-authenticate', 'Bearer').send('')
    return sendPretty(reply, { authenticated: true, token })
  })
}

function isBasic ({ headers }: FastifyRequest, user: string, password: string): boolean {
  const given = /^Basic (\S+)$/i.exec(headers.authorization ?? '')?.[1]
  return given !== undefined && Buffer.from(given, 'base64').toString('utf8') === `${user}:${password}`
}
