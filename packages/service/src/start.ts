import type { Socket } from 'node:net'
import type { Static, TObject } from 'typebox'
import type { Dispatcher } from 'undici'
import type { App, ServiceDeps } from './app.ts'
import { createDispatcher } from './client/dispatcher.ts'
import { readConfig, type ServiceConfig } from './config.ts'
import { ConfigError } from './errors.ts'
import { startTracing } from './tracing.ts'

export interface StartOptions<S extends TObject> {
  readonly name: string
  readonly schema: S
  readonly buildApp: (config: Readonly<Static<S>>, deps: ServiceDeps) => Promise<App>
}

/** ms that requests in flight get to end once the listener is closed; with the drain before it, less than the 30 s after which Kubernetes kills a pod unless told otherwise. */
const closeLimit = 25_000

/**
 * Runs a service: reads the configuration, listens on HOST and PORT, and ends gracefully. SIGTERM: readiness turns
 * red while the pod goes on serving for DRAIN_SECONDS (whoever sent it traffic learns of it meanwhile; kept
 * connections are told to close), then the listener closes, requests in flight end, exit 0. SIGINT: the same without
 * the wait. A second signal ends at once.
 */
export async function start<S extends TObject> (options: StartOptions<S>, process: NodeJS.Process): Promise<void> {
  const config = readConfigOrExit(options, process)
  const common: ServiceConfig = config as ServiceConfig
  const endpoint = common.OTEL_EXPORTER_OTLP_ENDPOINT
  const tracing = endpoint === undefined
    ? undefined
    : await startTracing({ endpoint, service: options.name, version: common.SERVICE_VERSION, pod: common.POD_NAME, namespace: common.POD_NAMESPACE })
  let dispatcher: Dispatcher | undefined
  const app = await options.buildApp(config, {
    get dispatcher () {
      dispatcher ??= createDispatcher()
      return dispatcher
    },
    ...(tracing === undefined ? {} : { tracing })
  })

  const connections = new Set<Socket>()
  app.server.on('connection', (connection: Socket) => {
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
  })

  const stop = async (signal: NodeJS.Signals) => {
    const { health } = app.operations
    if (health.readiness === 'draining') return process.exit(1)
    health.readiness = 'draining'
    const wait = signal === 'SIGTERM' ? common.DRAIN_SECONDS * 1000 : 0
    app.log.info({ signal, drainMs: wait }, 'stopping')
    await new Promise((resolve) => setTimeout(resolve, wait))
    const forced = setTimeout(() => {
      app.log.error('requests in flight did not end in time')
      process.exit(1)
    }, closeLimit)
    const idle = setInterval(() => {
      // A connection whose last answer was on its way when the listener closed is idle a moment later.
      app.server.closeIdleConnections()
      // To Node one that never carried a request awaits its first; a proxy keeps such, opened for a request that another took.
      for (const connection of connections) if (connection.bytesRead === 0) connection.destroy()
    }, 100)
    await app.close()
    clearInterval(idle)
    await dispatcher?.destroy()
    await tracing?.shutdown().catch((error: unknown) => app.log.warn({ err: error }, 'the last spans were not sent'))
    clearTimeout(forced)
    app.log.info('stopped')
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)

  try {
    await app.listen({ host: common.HOST, port: common.PORT, listenTextResolver: (address) => `listening at ${address}` })
    app.operations.health.readiness = 'ready'
  } catch (error) {
    app.log.fatal({ err: error }, `cannot listen on ${common.HOST}:${common.PORT}: another process may hold the port; set PORT to a free one`)
    process.exit(1)
  }
}

function readConfigOrExit<S extends TObject> ({ name, schema }: StartOptions<S>, process: NodeJS.Process): Readonly<Static<S>> {
  try {
    return readConfig(schema, process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${name} does not start. ${error.message}\n`)
    process.exit(1)
  }
}
