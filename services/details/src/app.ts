import { createApp, type App, type ServiceConfig, type ServiceDeps } from '@bankinfo/service'
import { detailsRoutes } from './routes/details.ts'

/** details: the facts of each product. It calls nobody. */
export async function buildApp (config: ServiceConfig, deps: ServiceDeps): Promise<App> {
  const app = await createApp({ name: 'details', description: 'Facts of the bank\'s financial products', config, deps })
  detailsRoutes(app)
  return app
}
