import { createApp, createClient, type App, type ServiceDeps } from '@bankinfo/service'
import type { Config } from './config.ts'
import { productRoutes } from './routes/products.ts'
import { pageRoutes } from './routes/page.ts'
import { signInRoutes } from './routes/sign-in.ts'
import { styleTransferRoutes } from './routes/style-transfer.ts'
import { serveAssets } from './web/assets.ts'
import { refuseCrossSitePosts } from './web/cross-site.ts'
import { securityHeaders } from './web/security-headers.ts'
import { sessions } from './web/session.ts'
import { createViews } from './web/views.ts'

/** productpage: the page of a financial product, the session, the style transfer window and the JSON API. */
export async function buildApp (config: Config, deps: ServiceDeps): Promise<App> {
  const views = createViews()
  const app = await createApp({
    name: 'productpage',
    description: 'The bank\'s page of a financial product, and its JSON API',
    config,
    deps,
    errorPage: views.error
  })
  const { metrics } = app.operations
  const upstreams = {
    details: createClient({ name: 'details', url: config.DETAILS_URL, dispatcher: deps.dispatcher, metrics }),
    addedValues: createClient({ name: 'addedvalues', url: config.ADDEDVALUES_URL, dispatcher: deps.dispatcher, metrics }),
    timeout: config.UPSTREAM_TIMEOUT_MS,
    attempts: config.UPSTREAM_ATTEMPTS
  }

  // In this order: a refused post must not have read or changed anything, and who the user is must be settled before a route asks.
  await securityHeaders(app)
  refuseCrossSitePosts(app)
  await sessions(app, config.SESSION_KEY)

  serveAssets(app, views.assets)
  pageRoutes(app, { views, upstreams, self: { service: 'productpage', version: config.SERVICE_VERSION, pod: config.POD_NAME } })
  signInRoutes(app, views)
  productRoutes(app, upstreams)
  styleTransferRoutes(app, { views, upstreams, uploadTimeout: config.UPLOAD_TIMEOUT_MS, uploadMaxBytes: config.UPLOAD_MAX_BYTES })
  return app
}
