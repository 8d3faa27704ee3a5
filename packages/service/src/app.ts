import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type RawServerDefault } from 'fastify'
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import pino, { type DestinationStream } from 'pino'
import Type from 'typebox'
import type { Dispatcher } from 'undici'
import type { ServiceConfig } from './config.ts'
import { errorResponder, handleErrors, type ErrorPage } from './error-handler.ts'
import { healthRoutes, type Health } from './health.ts'
import { createMetrics, metricsRoutes, type Metrics } from './metrics.ts'
import { traceRequests, type Tracing } from './tracing.ts'

/** A fastify instance whose routes take their types from typebox schemas. */
export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>

declare module 'fastify' {
  interface FastifyInstance {
    /** What start and the clients of a service need of its app. */
    operations: { readonly health: Health, readonly metrics: Metrics }
  }
}

/** What an app is given from outside, made once for each process. */
export interface ServiceDeps {
  readonly dispatcher: Dispatcher
  readonly tracing?: Tracing
  /** Where log lines go; stdout unless given. */
  readonly logDestination?: DestinationStream
}

export interface AppOptions {
  /** Name of the service: in its answers, logs, metrics and traces. */
  readonly name: string
  /** What the service does, for its OpenAPI document. */
  readonly description: string
  readonly config: ServiceConfig
  readonly deps: ServiceDeps
  readonly errorPage?: ErrorPage
}

const bodyLimit = 64 * 1024
/** ms for a whole request to arrive (Slowloris); longer than any upload may take. */
const requestTimeout = 70_000
const requestId = /^[\w.:@/+=-]{1,128}$/

/** Lines go out in blocks, at most 100 ms late: a write for each would cost as much as answering the request. What is left goes out at exit. */
const standardOutput = (): pino.DestinationStream => pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 100 })

/**
 * The app that every service starts from: JSON logs with the request's id, who answered in every answer's headers,
 * errors as one shape, /healthz, /readyz, /metrics, /openapi.json. Routes registered on it are in the OpenAPI document.
 */
export async function createApp ({ name, description, config, deps, errorPage }: AppOptions): Promise<App> {
  const logger: FastifyBaseLogger = pino({
    level: config.LOG_LEVEL,
    base: { service: name, version: config.SERVICE_VERSION, pod: config.POD_NAME },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) }
  }, deps.logDestination ?? standardOutput())

  const identity = {
    'x-bankinfo-service': name,
    'x-bankinfo-version': config.SERVICE_VERSION,
    'x-bankinfo-pod': config.POD_NAME
  }
  const respond = errorResponder(errorPage)
  const app: App = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    requestIdHeader: false,
    genReqId: ({ headers: { 'x-request-id': given } }) => typeof given === 'string' && requestId.test(given) ? given : randomUUID(),
    bodyLimit,
    requestTimeout,
    // A pod that ends still serves what arrives on the connections it has.
    return503OnClosing: false,
    // An address that is no address (a bare %) gets here before any hook.
    frameworkErrors: (error, request, reply) => respond(error, request, reply.headers(identity))
  }).withTypeProvider<TypeBoxTypeProvider>()

  const health: Health = { readiness: 'starting' }
  const metrics = createMetrics({ service: name, version: config.SERVICE_VERSION })
  app.decorate('operations', { health, metrics })

  app.addHook('onRequest', async (request, reply) => {
    // The one id of the request, for the calls that it makes.
    request.headers['x-request-id'] = request.id
    reply.headers(identity).header('x-request-id', request.id)
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    // Asked as late as can be: what began before the drain must not keep its connection either.
    if (health.readiness === 'draining') reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onResponse', async (request, reply) => {
    request.log.info({ method: request.method, path: request.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10, endUser: request.headers['end-user'] }, 'request')
  })
  if (deps.tracing !== undefined) traceRequests(app, deps.tracing)
  handleErrors(app, respond)

  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: name, description, version: config.SERVICE_VERSION } }
  })
  healthRoutes(app, health)
  metricsRoutes(app, metrics)
  app.get('/openapi.json', {
    logLevel: 'warn',
    schema: { summary: 'This document', tags: ['operations'], response: { 200: Type.Object({}, { additionalProperties: true }) } }
  }, async () => ({ ...app.swagger() }))
  return app
}
