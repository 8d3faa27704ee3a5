import { notFound, type Answerer, type App } from '@bankinfo/service'
import Type from 'typebox'
import { firstProduct, productOf } from '../product/catalogue.ts'
import { productPage } from '../product/page-model.ts'
import { panelOf } from '../product/panel.ts'
import { askAddedValues, askDetails, type Upstreams } from '../product/upstreams.ts'
import { isLanguage, keepLanguage, languageOf } from '../web/language.ts'
import { userOf } from '../web/session.ts'
import type { Views } from '../web/views.ts'

/** GET /productpage: the page of one product. `/` leads there. */
export function pageRoutes (app: App, { views, upstreams, self }: { views: Views, upstreams: Upstreams, self: Answerer }): void {
  app.get('/', {
    schema: { summary: 'Leads to the page', response: { 302: Type.Null() } }
  }, async (_request, reply) => reply.redirect('/productpage'))

  app.get('/productpage', {
    schema: {
      summary: 'The page of a product',
      querystring: Type.Object({
        product: Type.Optional(Type.String({ maxLength: 200, description: 'id of the product' })),
        lang: Type.Optional(Type.String({ maxLength: 20, description: 'en or zh: the language of this page and, kept in a cookie, of the next ones' }))
      }),
      response: { 200: Type.String({ description: 'an HTML page' }) }
    }
  }, async (request, reply) => {
    const begin = performance.now()
    const { product: id, lang } = request.query
    const product = id === undefined ? firstProduct : productOf(id)
    if (product === undefined) throw notFound('product_not_found', 'There is no such product')
    if (isLanguage(lang)) keepLanguage(reply, lang)
    const language = isLanguage(lang) ? lang : languageOf(request)

    const [details, addedValues] = await Promise.all([
      panelOf(askDetails(upstreams, request, product.id), upstreams.timeout),
      panelOf(askAddedValues(upstreams, request, product.id), upstreams.timeout)
    ])
    for (const panel of [details, addedValues]) {
      if (!panel.ok) request.log.warn({ err: panel.error, attempts: panel.attempts }, 'a panel is missing')
    }
    const ms = Math.round(performance.now() - begin)
    const page = productPage({ language, product, details, addedValues, self, ms, requestId: request.id })
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .serializer(String)
      .send(views.product({ language, user: userOf(request), ...page }))
  })
}
