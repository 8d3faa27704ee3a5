import { createApp, type App, type ServiceDeps } from '@bankinfo/service'
import { logAccess, type WriteLine } from '../access-log.ts'
import type { Config } from '../config.ts'
import { allowCrossOrigin } from './cross-origin.ts'
import { authRoutes } from './routes/auth.ts'
import { bytesRoutes } from './routes/streams/bytes.ts'
import { cacheRoutes } from './routes/content/cache.ts'
import { compressionRoutes } from './routes/content/compression.ts'
import { cookieRoutes } from './routes/cookies.ts'
import { documentRoutes } from './routes/content/documents.ts'
import { indexRoute } from './routes/index-page.ts'
import { redirectRoutes } from './routes/redirects.ts'
import { requestRoutes } from './routes/request.ts'
import { statusRoutes } from './routes/status.ts'
import { streamRoutes } from './routes/streams/events.ts'
import { websocketRoutes } from './routes/streams/websocket.ts'
import { timeRoutes } from './routes/time.ts'

/** Bytes of a request's body that are read; larger ones are a 413. */
const bodyLimit = 10 * 1024 * 1024

/**
 * httpbin: answers requests in many ways, so that one sees what a proxy did to them. Addresses, status codes and the shape of the
 * answers are those of https://httpbin.org; the texts are Bankinfo's own.
 */
export async function buildHttpbin (config: Config, deps: ServiceDeps, writeAccess: WriteLine): Promise<App> {
  const app = await createApp({ name: 'httpbin', description: 'Answers requests in many ways', config, deps })
  logAccess(app, writeAccess)
  allowCrossOrigin(app)
  // Whatever comes is shown as it came: no body is refused for its type or for not being JSON.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => { done(null, body) })
  indexRoute(app, config)
  requestRoutes(app, config)
  statusRoutes(app)
  timeRoutes(app)
  cookieRoutes(app)
  redirectRoutes(app)
  authRoutes(app)
  documentRoutes(app)
  compressionRoutes(app)
  cacheRoutes(app)
  bytesRoutes(app)
  streamRoutes(app)
  await websocketRoutes(app)
  return app
}
