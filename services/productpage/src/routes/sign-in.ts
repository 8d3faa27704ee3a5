import formbody from '@fastify/formbody'
import type { App } from '@bankinfo/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { productOf } from '../product/catalogue.ts'
import { languageOf } from '../web/language.ts'
import { isUsername, signIn, signOut, userOf } from '../web/session.ts'
import type { Destination, Views } from '../web/views.ts'

const page = Type.String({ description: 'an HTML page' })
const redirect = Type.Null({ description: 'to the page of the product' })
const placeField = Type.Optional(Type.String({ maxLength: 64, description: 'styletransfer leads to the style transfer window instead' }))
const productField = Type.Optional(Type.String({ maxLength: 64, description: 'the product whose page comes next' }))

/**
 * Signing in and out, as Bookinfo does it: any name, the password is the name or empty. Where to go next is the id of a
 * product or the name of a place, and never an address, so that no link of ours can lead elsewhere.
 */
export function signInRoutes (app: App, views: Views): void {
  app.register(async (forms) => {
    await forms.register(formbody)

    forms.get('/login', {
      schema: { summary: 'The sign-in form', querystring: Type.Object({ product: productField, next: placeField }), response: { 200: page } }
    }, async (request, reply) => {
      return send(reply, views.signIn({ language: languageOf(request), user: userOf(request), ...destinationOf(request.query), username: '' }))
    })

    forms.post('/login', {
      schema: {
        summary: 'Sign in',
        consumes: ['application/x-www-form-urlencoded'],
        body: Type.Object({ username: Type.Optional(Type.String({ maxLength: 256 })), password: Type.Optional(Type.String({ maxLength: 256 })), product: productField, next: placeField }),
        response: { 303: redirect, 401: page }
      }
    }, async (request, reply) => {
      const { username = '', password = '' } = request.body as { username?: string, password?: string }
      const user = username.trim()
      const problem = problemOf(user, password)
      if (problem === undefined) {
        signIn(reply, user)
        return reply.redirect(addressOf(destinationOf(request.body)), 303)
      }
      return send(reply.code(401), views.signIn({ language: languageOf(request), user: userOf(request), ...destinationOf(request.body), username: user, problem }))
    })

    forms.post('/logout', {
      schema: { summary: 'Sign out', body: Type.Optional(Type.Unsafe<unknown>({})), response: { 303: redirect } }
    }, async (request: FastifyRequest, reply) => {
      signOut(reply)
      return reply.redirect(addressOf(destinationOf(request.body)), 303)
    })
  })
}

const send = (reply: FastifyReply, html: string) => reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').serializer(String).send(html)

function problemOf (user: string, password: string): 'no_name' | 'bad_name' | 'wrong_password' | undefined {
  if (user === '') return 'no_name'
  if (!isUsername(user)) return 'bad_name'
  return password === '' || password === user ? undefined : 'wrong_password'
}

/** Where a form leads: a product that exists, a place that we name, or neither. */
function destinationOf (form: unknown): Destination {
  const field = (name: string): unknown => typeof form === 'object' && form !== null && Object.hasOwn(form, name) ? Reflect.get(form, name) : undefined
  const product = field('product')
  return {
    product: typeof product === 'string' ? productOf(product)?.id : undefined,
    next: field('next') === 'styletransfer' ? 'styletransfer' : undefined
  }
}

function addressOf ({ product, next }: Destination): string {
  if (next === 'styletransfer') return '/styletransfer'
  return product === undefined ? '/productpage' : `/productpage?product=${product}`
}
