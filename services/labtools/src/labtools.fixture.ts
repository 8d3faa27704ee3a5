import { createDispatcher, readConfig, type App, type ServiceDeps } from '@bankinfo/service'
import supertest from 'supertest'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import type { WriteLine } from './access-log.ts'
import { configSchema, type Config } from './config.ts'

type Build = (config: Config, deps: ServiceDeps, writeAccess: WriteLine) => Promise<App>

/** A lab server on a free port, with what it wrote into its access log. */
async function start (build: Build, env: Readonly<Record<string, string>>) {
  const lines: string[] = []
  const dispatcher = createDispatcher()
  const config = readConfig(configSchema, { POD_NAME: 'tested-pod', LOG_LEVEL: 'silent', ...env })
  const app = await build(config, { dispatcher, logDestination: { write: () => {} } }, (line) => { lines.push(line) })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    app,
    lines,
    http: supertest(app.server),
    url,
    close: async () => {
      app.server.closeAllConnections()
      await app.close()
      await dispatcher.destroy()
    }
  }
}

/** A lab server of a test's own. */
export async function tested (build: Build, env: Readonly<Record<string, string>> = {}) {
  const server = await start(build, env)
  onTestFinished(server.close)
  return server
}

/** One lab server for all tests of a file. */
export function shared (build: Build): () => Promise<Awaited<ReturnType<typeof start>>> {
  let server: Awaited<ReturnType<typeof start>> | undefined
  beforeAll(async () => { server = await start(build, {}) })
  afterAll(async () => { await server?.close() })
  return async () => server ?? await start(build, {})
}
