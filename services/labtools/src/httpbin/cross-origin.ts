import type { App } from '@bankinfo/service'
import { replies } from './replies.ts'

/** Lets pages of any origin read the answers, as httpbin.org does. https://fetch.spec.whatwg.org/#http-cors-protocol */
export function allowCrossOrigin (app: App): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('access-control-allow-origin', request.headers.origin ?? '*')
    reply.header('access-control-allow-credentials', 'true')
  })
  app.options('*', { schema: { summary: 'What a page of another origin may ask', tags: ['HTTP methods'], response: replies } }, async (request, reply) => {
    const wanted = request.headers['access-control-request-headers']
    return await reply.code(200)
      .header('allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')
      .header('access-control-allow-methods', 'GET, POST, PUT, DELETE, PATCH, OPTIONS')
      .header('access-control-max-age', '3600')
      .headers(wanted === undefined ? {} : { 'access-control-allow-headers': wanted })
      .send('')
  })
}
