import type { App } from '@bankinfo/service'
import { randomUUID } from 'node:crypto'
import Type from 'typebox'
import { describeRequest, queryOf } from '../../describe-request.ts'
import { sendPretty } from '../../pretty.ts'
import { replies } from '../../replies.ts'

/** Conditional requests, and header fields of the caller's choice. https://www.rfc-editor.org/rfc/rfc9110#section-13 */
export function cacheRoutes (app: App): void {
  const tags = ['Response inspection']
  app.get('/cache', { schema: { summary: '304 for a conditional request, else what /get answers', tags, response: replies } }, async (request, reply) => {
    if (request.headers['if-modified-since'] !== undefined || request.headers['if-none-match'] !== undefined) return await reply.code(304).send('')
    reply.headers({ 'last-modified': new Date().toUTCString(), etag: randomUUID().replaceAll('-', '') })
    return sendPretty(reply, { ...describeRequest(request) })
  })
  app.get('/cache/:seconds', {
    schema: { summary: 'What /get answers, to be kept this long', tags, params: Type.Object({ seconds: Type.Integer({ minimum: 0 }) }) }
  }, async (request, reply) => {
    reply.header('cache-control', `public, max-age=${request.params.seconds}`)
    return sendPretty(reply, { ...describeRequest(request) })
  })
  app.get('/etag/:etag', {
    schema: { summary: 'What /get answers, with this ETag: 304 and 412 by If-None-Match and If-Match', tags, params: Type.Object({ etag: Type.String({ pattern: '^[\\x21\\x23-\\x7e]+$' }) }) }
  }, async (request, reply) => {
    const { etag } = request.params
    reply.header('etag', etag)
    const noneMatch = listOf(request.headers['if-none-match'])
    const match = listOf(request.headers['if-match'])
    if (noneMatch !== undefined) {
      if (noneMatch.includes(etag) || noneMatch.includes('*')) return await reply.code(304).send('')
    } else if (match !== undefined && !match.includes(etag) && !match.includes('*')) return await reply.code(412).send('')
    return sendPretty(reply, { ...describeRequest(request) })
  })
  app.route({
    method: ['GET', 'POST'],
    url: '/response-headers',
    schema: { summary: 'An answer with the header fields of the query', tags, response: replies },
    handler: async (request, reply) => {
      const wanted = queryOf(request)
      const described = (length: number): string => `${JSON.stringify({ 'Content-Length': String(length), 'Content-Type': 'application/json', ...wanted }, undefined, 2)}\n`
      // The body tells its own length, which takes one more try when that adds a digit.
      let text = described(0)
      while (text !== described(Buffer.byteLength(text))) text = described(Buffer.byteLength(text))
      for (const [name, value] of Object.entries(wanted)) {
        if (/^[\w!#$%&'*+.^`|~-]+$/.test(name) && !owned.has(name.toLowerCase())) reply.header(name, [value].flat().map(printable))
      }
      return await reply.type('application/json').send(text)
    }
  })
}

/** Header fields that say how the answer itself is sent; as HTML it would be a page that the address's author wrote. */
const owned = new Set(['content-length', 'content-type', 'transfer-encoding', 'connection'])

function printable (value: string): string {
  return value.replace(/[^\x20-\x7e]/g, ' ')
}

function listOf (header: string | undefined): readonly string[] | undefined {
  return header?.split(',').map((part) => part.trim().replace(/^W\//, '').replace(/^"(.*)"$/, '$1'))
}
