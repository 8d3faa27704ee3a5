import { createDispatcher, readConfig } from '@bankinfo/service'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import supertest from 'supertest'
import { onTestFinished } from 'vitest'
import { buildApp } from './app.ts'
import { configSchema } from './config.ts'

/** addedvalues with this environment, and v3 with a styletransfer that answers as told. */
export async function addedValues (env: Record<string, string>, styleTransfer?: RequestListener) {
  const url = styleTransfer === undefined ? {} : { STYLETRANSFER_URL: await listen(styleTransfer) }
  const dispatcher = createDispatcher()
  const app = await buildApp(readConfig(configSchema, { LOG_LEVEL: 'silent', POD_NAME: 'pod-1', ...url, ...env }), { dispatcher })
  onTestFinished(async () => {
    await app.close()
    await dispatcher.destroy()
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return supertest(app.server)
}

async function listen (listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
