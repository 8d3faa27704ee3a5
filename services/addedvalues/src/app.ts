import { createApp, type App, type ServiceDeps } from '@bankinfo/service'
import type { Config } from './config.ts'
import { addedValuesRoutes } from './routes/added-values.ts'
import { versions } from './versions/versions.ts'

/** addedvalues: services for the signed-in customer. SERVICE_VERSION picks one of three versions, here and nowhere else. */
export async function buildApp (config: Config, deps: ServiceDeps): Promise<App> {
  const app = await createApp({ name: 'addedvalues', description: 'Added values of the bank\'s products for its customers, in three versions', config, deps })
  const version = versions[config.SERVICE_VERSION](app, config, deps)
  addedValuesRoutes(app, { version, pod: config.POD_NAME })
  version.styleTransferRoutes(app)
  return app
}
