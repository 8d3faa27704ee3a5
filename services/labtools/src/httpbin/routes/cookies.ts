import type { App } from '@bankinfo/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { queryOf } from '../describe-request.ts'
import { sendPretty } from '../pretty.ts'
import { replies } from '../replies.ts'

/** Cookies: shown, set, deleted. https://www.rfc-editor.org/rfc/rfc6265 */
export function cookieRoutes (app: App): void {
  const tags = ['Cookies']
  app.get('/cookies', { schema: { summary: 'The request\'s cookies', tags, response: replies } }, async (request, reply) =>
    sendPretty(reply, { cookies: cookiesOf(request) }))
  app.get('/cookies/set', { schema: { summary: 'Sets the cookies of the query, then leads to /cookies', tags, response: replies } }, async (request, reply) =>
    change(reply, Object.entries(queryOf(request)).map(([name, value]) => cookie(name, String(value)))))
  app.get('/cookies/set/:name/:value', {
    schema: { summary: 'Sets a cookie, then leads to /cookies', tags, params: Type.Object({ name: Type.String(), value: Type.String() }) }
  }, async (request, reply) => change(reply, [cookie(request.params.name, request.params.value)]))
  app.get('/cookies/delete', { schema: { summary: 'Deletes the cookies that the query names, then leads to /cookies', tags, response: replies } }, async (request, reply) =>
    change(reply, Object.keys(queryOf(request)).map((name) => `${cookie(name, '')}; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0`)))
}

export function cookiesOf (request: FastifyRequest): Readonly<Record<string, string>> {
  const pairs = (request.headers.cookie ?? '').split(';').filter((part) => part.includes('='))
  return Object.fromEntries(pairs.map((pair) => {
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    return [name.trim(), decode(value.trim())]
  }).sort(([a = ''], [b = '']) => a < b ? -1 : 1))
}

function change (reply: FastifyReply, cookies: readonly string[]): FastifyReply {
  return reply.code(302).header('set-cookie', cookies).header('location', '/cookies').send('')
}

// Encoded, so that neither a line end nor a semicolon in the query gets into the header.
function cookie (name: string, value: string): string {
  return `${encodeURIComponent(name)}=${encodeURIComponent(value)}; Path=/`
}

function decode (value: string): string {
  try {
    return decodeURIComponent(value)
  } catch (error) {
    if (error instanceof URIError) return value
    throw error
  }
}
