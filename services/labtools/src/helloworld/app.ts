import { createApp, type App, type ServiceDeps } from '@bankinfo/service'
import Type from 'typebox'
import { logAccess, type WriteLine } from '../access-log.ts'
import type { Config } from '../config.ts'

/** helloworld: which version and which pod answered, in the words of Istio's sample. https://github.com/istio/istio/tree/master/samples/helloworld */
export async function buildHelloworld (config: Config, deps: ServiceDeps, writeAccess: WriteLine): Promise<App> {
  const app = await createApp({ name: 'helloworld', description: 'Which version and which pod answered', config, deps })
  logAccess(app, writeAccess)
  app.get('/hello', {
    schema: { summary: 'Version and pod', response: { 200: Type.String() } }
  }, async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(`Hello version: ${config.SERVICE_VERSION}, instance: ${config.POD_NAME}\n`))
  app.get('/health', {
    logLevel: 'warn',
    schema: { summary: 'Health, at the address of Istio\'s sample', response: { 200: Type.String() } }
  }, async (_request, reply) => reply.type('text/plain; charset=utf-8').send('Helloworld is healthy\n'))
  return app
}
