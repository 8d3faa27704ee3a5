import type { App } from '@bankinfo/service'
import type { HTTPMethods } from 'fastify'
import type { Config } from '../../config.ts'
import { clientOf } from '../../access-log.ts'
import { describeBody, describeRequest, headersOf } from '../describe-request.ts'
import { sendPretty } from '../pretty.ts'
import { replies } from '../replies.ts'

/** Methods that an address with an echo takes; HEAD and OPTIONS are answered everywhere. */
export const anyMethod: HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']

/** What came in: method, address, header fields, body. */
export function requestRoutes (app: App, { POD_NAME }: Config): void {
  const tags = ['Request inspection']
  app.get('/headers', { schema: { summary: 'The request\'s header fields', tags, response: replies } }, async (request, reply) =>
    sendPretty(reply, { headers: headersOf(request) }))
  app.get('/ip', { schema: { summary: 'The caller\'s address', tags, response: replies } }, async (request, reply) =>
    sendPretty(reply, { origin: clientOf(request) }))
  app.get('/user-agent', { schema: { summary: 'The caller\'s User-Agent', tags, response: replies } }, async (request, reply) =>
    sendPretty(reply, { 'user-agent': request.headers['user-agent'] ?? null }))
  app.get('/hostname', { schema: { summary: 'The pod that answers', tags, response: replies } }, async (_request, reply) =>
    sendPretty(reply, { hostname: POD_NAME }))

  app.get('/get', { schema: { summary: 'The request, without a body', tags: ['HTTP methods'], response: replies } }, async (request, reply) =>
    sendPretty(reply, { ...describeRequest(request) }))
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    app.route({
      method,
      url: `/${method.toLowerCase()}`,
      schema: { summary: `The request, for ${method}`, tags: ['HTTP methods'], response: replies },
      handler: async (request, reply) => sendPretty(reply, { ...describeRequest(request), ...await describeBody(request) })
    })
  }
  for (const url of ['/anything', '/anything/*']) {
    app.route({
      method: anyMethod,
      url,
      schema: { summary: 'The request, whatever its method', tags: ['Anything'], response: replies },
      handler: async (request, reply) => sendPretty(reply, { ...describeRequest(request), ...await describeBody(request), method: request.method })
    })
  }
}
