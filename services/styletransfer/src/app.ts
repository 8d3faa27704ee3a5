import accepts from '@fastify/accepts'
import multipart from '@fastify/multipart'
import { createApp, type App, type ServiceDeps } from '@bankinfo/service'
import type { Config } from './config.ts'
import { createByteBudget } from './intake/byte-budget.ts'
import { textFields } from './intake/form.ts'
import { createPreviews } from './previews.ts'
import { stylesRoutes } from './routes/styles.ts'
import { transferRoute } from './routes/transfer.ts'
import { createPool, type Pool } from './work/pool.ts'

export interface Deps extends ServiceDeps {
  /** Where the work is done, closed by its owner; unless given, one is made from the configuration and closed with the app. */
  readonly pool?: Pool
}

/** The styletransfer service, ready to listen. */
export async function buildApp (config: Config, deps: Deps): Promise<App> {
  const app = await createApp({ name: 'styletransfer', description: 'Gives a photo an artistic style.', config, deps })
  const pool = deps.pool ?? ownPool(app, config)
  await app.register(accepts)
  await app.register(multipart, {
    limits: {
      // The parser goes silent at its limit until the part ends; one byte more lets the reader notice at once.
      fileSize: config.MAX_UPLOAD_BYTES + 1,
      files: 2,
      // One more than there are, so that a field that came twice is told by its name.
      fields: textFields.length + 1,
      parts: textFields.length + 3,
      fieldNameSize: 100,
      fieldSize: 200,
      headerPairs: 20
    }
  })
  stylesRoutes(app, config, createPreviews())
  transferRoute(app, config, { pool, budget: createByteBudget(config.MAX_BUFFERED_BYTES) })
  return app
}

function ownPool (app: App, config: Config): Pool {
  const pool = createPool({ workers: config.WORKERS, queueLength: config.QUEUE_LENGTH, seconds: config.MAX_SECONDS })
  app.addHook('onClose', () => pool.close())
  return pool
}
