import { errorSchema, notFound, type App } from '@bankinfo/service'
import Type from 'typebox'
import { analysisSchema } from '../analysis.ts'
import { productOf } from '../products.ts'
import { reachabilitySchema } from '../reachability.ts'
import { servicesFor, servicesSchema } from '../services.ts'
import type { Version } from '../versions/versions.ts'

const addedValuesSchema = Type.Object({
  productId: Type.String(),
  version: Type.Enum(['v1', 'v2', 'v3']),
  pod: Type.String(),
  user: Type.Union([Type.String(), Type.Null()], { description: 'the end-user that came with the request' }),
  services: servicesSchema,
  analysis: Type.Optional(analysisSchema),
  styleTransfer: Type.Optional(reachabilitySchema)
})

/** GET /api/v1/addedvalues/{id}: what the bank adds to one product for this customer, as far as this version does. */
export function addedValuesRoutes (app: App, { version, pod }: { version: Version, pod: string }): void {
  app.get('/api/v1/addedvalues/:id', {
    schema: {
      summary: 'Added values of one product for the user of the request',
      params: Type.Object({ id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }) }),
      response: { 200: addedValuesSchema, 400: errorSchema, 404: errorSchema }
    }
  }, async (request) => {
    const product = productOf(request.params.id)
    if (product === undefined) throw notFound('product_not_found', `There is no product '${request.params.id}'`)
    const header = request.headers['end-user']
    const user = typeof header === 'string' && header !== '' ? header : null
    return { productId: product.id, version: version.name, pod, user, services: servicesFor(user), ...await version.extras(product, request) }
  })
}
