import { errorSchema, passOn, type App, type Client } from '@bankinfo/service'
import Type from 'typebox'

const styleId = Type.Object({ id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }) })
const anyBody = Type.Any()

/** All that concerns photos, handed on to styletransfer and back, both ways as a stream. */
export function styleTransferRoutes (app: App, client: Client, limits: { timeout: number, uploadTimeout: number }): void {
  // The upload is a stream for styletransfer: nobody reads it here.
  app.addContentTypeParser('multipart/form-data', (_request, payload, done) => { done(null, payload) })

  app.get('/styletransfer/styles', {
    schema: { summary: 'The gallery of styles', response: { '2xx': anyBody, '4xx': errorSchema, '5xx': errorSchema } }
  }, async (request, reply) => await passOn({ client, request, reply, path: '/styles', timeout: limits.timeout }))

  app.get('/styletransfer/styles/:id/preview', {
    schema: { summary: 'A picture in one style', params: styleId, response: { '2xx': anyBody, '4xx': errorSchema, '5xx': errorSchema } }
  }, async (request, reply) => await passOn({ client, request, reply, path: `/styles/${request.params.id}/preview`, timeout: limits.timeout }))

  app.post('/styletransfer/transfer', {
    // What is too large is styletransfer's to say.
    bodyLimit: Number.MAX_SAFE_INTEGER,
    schema: { summary: 'A photo in a style', consumes: ['multipart/form-data'], response: { '2xx': anyBody, '4xx': errorSchema, '5xx': errorSchema } }
  }, async (request, reply) => await passOn({ client, request, reply, path: '/transfer', timeout: limits.uploadTimeout }))
}
