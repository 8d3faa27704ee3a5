import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import supertest from 'supertest'
import { onTestFinished } from 'vitest'
import { createApp, type App, type AppOptions, type ServiceDeps } from './app.ts'
import { createDispatcher } from './client/dispatcher.ts'
import { readConfig, serviceConfig } from './config.ts'

/** Listens on a free port of the loopback until the test ends. */
export async function listen (listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export interface TestedApp {
  readonly app: App
  readonly http: ReturnType<typeof supertest>
  /** Log lines, read. */
  readonly log: () => Record<string, unknown>[]
}

/** A service with the routes that a test gives it. */
export async function testedApp (routes: (app: App, deps: ServiceDeps) => void, options: Partial<AppOptions> & { tracing?: ServiceDeps['tracing'] } = {}): Promise<TestedApp> {
  const lines: string[] = []
  const dispatcher = createDispatcher()
  const deps: ServiceDeps = { dispatcher, logDestination: { write: (line) => { lines.push(line) } }, ...(options.tracing === undefined ? {} : { tracing: options.tracing }) }
  const app = await createApp({
    name: 'tested',
    description: 'A service of a test',
    config: readConfig(serviceConfig({}), { POD_NAME: 'tested-pod', SERVICE_VERSION: 'v7' }),
    ...options,
    deps
  })
  routes(app, deps)
  onTestFinished(async () => {
    await app.close()
    await dispatcher.destroy()
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, http: supertest(app.server), log: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}
