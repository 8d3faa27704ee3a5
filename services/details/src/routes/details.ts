import { errorSchema, notFound, type App } from '@bankinfo/service'
import Type from 'typebox'
import { factsOf, factsSchema } from '../facts.ts'

/** GET /api/v1/details/{id}: the facts of one product, in both languages. */
export function detailsRoutes (app: App): void {
  app.get('/api/v1/details/:id', {
    schema: {
      summary: 'Facts of one product',
      params: Type.Object({ id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }) }),
      response: { 200: factsSchema, 400: errorSchema, 404: errorSchema }
    }
  }, async (request) => {
    const facts = factsOf(request.params.id)
    if (facts === undefined) throw notFound('product_not_found', `There is no product '${request.params.id}'`)
    return facts
  })
}
