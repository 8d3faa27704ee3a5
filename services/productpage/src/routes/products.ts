import { answerHeaders, errorSchema, notFound, type App, type JsonAnswer } from '@bankinfo/service'
import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import { productOf, products, type Product } from '../product/catalogue.ts'
import { addedValuesSchema, askAddedValues, askDetails, detailsSchema, type Upstreams } from '../product/upstreams.ts'

const bilingual = Type.Object({ en: Type.String(), zh: Type.String() })
const productSchema = Type.Object({ id: Type.String(), kind: bilingual, name: bilingual, tagline: bilingual })
const wholeProductSchema = Type.Object({ ...productSchema.properties, description: bilingual, highlights: Type.Array(bilingual) })
const params = Type.Object({ id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }) })
const failures = { 400: errorSchema, 404: errorSchema, 502: errorSchema, 503: errorSchema, 504: errorSchema }

/** The JSON API. A dependency that fails is 502, 503 or 504 here, with the kind of its failure as code. */
export function productRoutes (app: App, upstreams: Upstreams): void {
  app.get('/api/v1/products', {
    schema: { summary: 'All products', response: { 200: Type.Array(productSchema) } }
  }, async (_request, reply) => {
    reply.header('cache-control', 'no-store')
    return [...products]
  })

  app.get('/api/v1/products/:id', {
    schema: { summary: 'What the page says of a product', params, response: { 200: wholeProductSchema, 400: errorSchema, 404: errorSchema } }
  }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const { highlights, ...product } = known(request.params.id)
    return { ...product, highlights: [...highlights] }
  })

  app.get('/api/v1/products/:id/details', {
    schema: { summary: 'Its facts, from details', params, response: { 200: detailsSchema, ...failures } }
  }, async (request, reply) => handOn(reply, await askDetails(upstreams, request, known(request.params.id).id)))

  app.get('/api/v1/products/:id/addedvalues', {
    schema: { summary: 'Its added values for the signed-in user, from addedvalues', params, response: { 200: addedValuesSchema, ...failures } }
  }, async (request, reply) => handOn(reply, await askAddedValues(upstreams, request, known(request.params.id).id)))
}

function known (id: string): Product {
  const product = productOf(id)
  if (product === undefined) throw notFound('product_not_found', `There is no product '${id}'`)
  return product
}

function handOn<T> (reply: FastifyReply, { body, from }: JsonAnswer<T>): T {
  reply.header('cache-control', 'no-store').headers(answerHeaders({ headers: {}, from }))
  return body
}
