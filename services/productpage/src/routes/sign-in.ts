import formbody from '@fastify/formbody'
import type { App } from '@bankinfo/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { productOf } from '../product/catalogue.ts'
import { languageOf } from '../web/language.ts'
import { isUsername, signIn, signOut, userOf } from '../web/session.ts'
import type { Views } from '../web/views.ts'

const page = Type.String({ description: 'an HTML page' })
const redirect = Type.Null({ description: 'to the page of the product' })
const productField = Type.Optional(Type.String({ maxLength: 64, description: 'the product whose page comes next' }))

/**
 * Signing in and out, as Bookinfo does it: any name, the password is the name or empty. Where to go next is the id of a
 * product and never an address, so that no link of ours can lead elsewhere.
 */
export function signInRoutes (app: App, views: Views): void {
  app.register(async (forms) => {
    await forms.register(formbody)

    forms.get('/login', {
      schema: { summary: 'The sign-in form', querystring: Type.Object({ product: productField }), response: { 200: page } }
    }, async (request, reply) => {
      const { product } = request.query as { product?: string }
      return send(reply, views.signIn({ language: languageOf(request), user: userOf(request), product: productOf(product ?? '')?.id, username: '' }))
    })

    forms.post('/login', {
      schema: {
        summary: 'Sign in',
        consumes: ['application/x-www-form-urlencoded'],
        body: Type.Object({ username: Type.Optional(Type.String({ maxLength: 256 })), password: Type.Optional(Type.String({ maxLength: 256 })), product: productField }),
        response: { 303: redirect, 401: page }
      }
    }, async (request, reply) => {
      const { username = '', password = '', product } = request.body as { username?: string, password?: string, product?: string }
      const user = username.trim()
      const problem = problemOf(user, password)
      if (problem === undefined) {
        signIn(reply, user)
        return reply.redirect(pageOf(product), 303)
      }
      return send(reply.code(401), views.signIn({ language: languageOf(request), user: userOf(request), product: productOf(product ?? '')?.id, username: user, problem }))
    })

    forms.post('/logout', {
      schema: { summary: 'Sign out', body: Type.Optional(Type.Unsafe<unknown>({})), response: { 303: redirect } }
    }, async (request: FastifyRequest, reply) => {
      signOut(reply)
      const body: unknown = request.body
      const product = typeof body === 'object' && body !== null && 'product' in body && typeof body.product === 'string' ? body.product : undefined
      return reply.redirect(pageOf(product), 303)
    })
  })
}

const send = (reply: FastifyReply, html: string) => reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').serializer(String).send(html)

function problemOf (user: string, password: string): 'no_name' | 'bad_name' | 'wrong_password' | undefined {
  if (user === '') return 'no_name'
  if (!isUsername(user)) return 'bad_name'
  return password === '' || password === user ? undefined : 'wrong_password'
}

function pageOf (id: string | undefined): string {
  const product = id === undefined ? undefined : productOf(id)
  return product === undefined ? '/productpage' : `/productpage?product=${product.id}`
}
