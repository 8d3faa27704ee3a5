import { createDispatcher, readConfig } from '@bankinfo/service'
import supertest from 'supertest'
import { afterAll, onTestFinished } from 'vitest'
import { buildApp, type Deps } from '../app.ts'
import { configSchema } from '../config.ts'
import { createPool, type Pool } from '../work/pool.ts'

/** The compiled worker: threads load no TypeScript. */
export const compiledWorker = new URL('../../dist/work/worker.js', import.meta.url)

let shared: Pool | undefined
afterAll(() => shared?.close())
/** Threads take a while to start: the tests of a file share them. */
function sharedPool (): Pool {
  shared ??= createPool({ workers: 2, queueLength: 300, seconds: 60, worker: compiledWorker })
  return shared
}

/** A service without a network of its own, closed after the test; its pool is shared unless one is given. */
export async function service (env: Readonly<Record<string, string>> = {}, deps: Partial<Deps> = {}) {
  const config = readConfig(configSchema, { LOG_LEVEL: 'silent', POD_NAME: 'pod-1', ...env })
  const dispatcher = createDispatcher()
  const pool = deps.pool ?? sharedPool()
  const app = await buildApp(config, { dispatcher, ...deps, pool })
  onTestFinished(async () => {
    await app.close()
    await dispatcher.close()
  })
  await app.ready()
  return { app, pool, request: supertest(app.server) }
}
