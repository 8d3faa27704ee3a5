import { createDispatcher, readConfig, type App, type ServiceDeps } from '@bankinfo/service'
import supertest from 'supertest'
import { onTestFinished } from 'vitest'
import type { WriteLine } from './access-log.ts'
import { configSchema, type Config } from './config.ts'

type Build = (config: Config, deps: ServiceDeps, writeAccess: WriteLine) => Promise<App>

/** A lab server on a free port until the test ends, with what it wrote into its access log. */
export async function tested (build: Build, env: Readonly<Record<string, string>> = {}) {
  const lines: string[] = []
  const dispatcher = createDispatcher()
  const config = readConfig(configSchema, { POD_NAME: 'tested-pod', LOG_LEVEL: 'silent', ...env })
  const app = await build(config, { dispatcher, logDestination: { write: () => {} } }, (line) => { lines.push(line) })
  onTestFinished(async () => {
    await app.close()
    await dispatcher.destroy()
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, lines, http: supertest(app.server), url }
}
