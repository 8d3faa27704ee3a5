import { createClient, type App, type ServiceDeps } from '@bankinfo/service'
import { analyse } from '../analysis.ts'
import type { Config } from '../config.ts'
import { reachability } from '../reachability.ts'
import { styleTransferRoutes } from '../routes/style-transfer.ts'
import type { Version } from './versions.ts'

/** v3: what v2 has, and style transfer for as long as styletransfer can be reached. */
export function createV3 (app: App, config: Config, { dispatcher }: ServiceDeps): Version {
  const client = createClient({ name: 'styletransfer', url: config.STYLETRANSFER_URL, dispatcher, metrics: app.operations.metrics })
  return {
    name: 'v3',
    extras: async (product, request) => ({
      analysis: analyse(product),
      styleTransfer: await reachability(client, request, config.STYLETRANSFER_TIMEOUT_MS)
    }),
    styleTransferRoutes: (routes) => styleTransferRoutes(routes, client, { timeout: config.STYLETRANSFER_TIMEOUT_MS, uploadTimeout: config.UPLOAD_TIMEOUT_MS })
  }
}
