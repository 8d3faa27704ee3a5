import type { App } from '@bankinfo/service'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { anyMethod } from './request.ts'

const steps = Type.Object({ count: Type.Integer({ minimum: 1, maximum: 100 }) })

/** Redirects, one after another, to /get at the end. */
export function redirectRoutes (app: App): void {
  const tags = ['Redirects']
  for (const [name, absolute] of [['redirect', undefined], ['relative-redirect', false], ['absolute-redirect', true]] as const) {
    app.get(`/${name}/:count`, {
      schema: {
        summary: `${name === 'redirect' ? 'Redirects' : absolute === true ? 'Absolute redirects' : 'Relative redirects'}, this many, then /get`,
        tags,
        params: steps,
        querystring: Type.Object({ absolute: Type.Optional(Type.String()) })
      }
    }, async (request, reply) => {
      const { count } = request.params
      const full = absolute ?? request.query.absolute?.toLowerCase() === 'true'
      const next = count === 1 ? '/get' : `/${full ? 'absolute' : 'relative'}-redirect/${count - 1}`
      return await reply.code(302).header('location', full ? `${base(request)}${next}` : next).send('')
    })
  }
  app.route({
    method: anyMethod,
    url: '/redirect-to',
    schema: {
      summary: 'Redirects to the address in the query\'s url, with its status_code (302)',
      tags,
      querystring: Type.Object({ url: Type.String({ minLength: 1 }), status_code: Type.Integer({ minimum: 300, maximum: 399, default: 302 }) })
    },
    handler: async (request, reply) => {
      const { url, status_code: status } = request.query
      return await reply.code(status).header('location', encodeURI(decodeURI(safe(url)))).send('')
    }
  })
}

function base (request: FastifyRequest): string {
  return `${request.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`
}

// A percent sign that begins no escape stands for itself.
function safe (url: string): string {
  return url.replace(/%(?![0-9a-fA-F]{2})/g, '%25')
}
