import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import Type from 'typebox'
import type { App } from './app.ts'

/** What a service counts; one registry per app, so that tests can build many. */
export interface Metrics {
  readonly registry: Registry
  /** Calls to another service, by how each attempt ended (`ok` or a dependency error's kind). */
  readonly dependencyAttempts: Counter<'dependency' | 'outcome'>
}

export function createMetrics (labels: { service: string, version: string }): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels(labels)
  collectDefaultMetrics({ register: registry })
  const dependencyAttempts = new Counter({
    name: 'bankinfo_dependency_attempts_total',
    help: 'Calls to another service, by outcome of each attempt',
    labelNames: ['dependency', 'outcome'],
    registers: [registry]
  })
  return { registry, dependencyAttempts }
}

/** GET /metrics in Prometheus' text form, and the histogram of request durations by route, method and status. */
export function metricsRoutes (app: App, { registry }: Metrics): void {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request line to the last byte of the answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [registry]
  })
  app.addHook('onResponse', async (request, reply) => {
    // The route's pattern, never the address: an address chosen by the caller would make a new series each time.
    durations.observe({ method: request.method, route: request.routeOptions.url ?? 'unknown', status: reply.statusCode }, reply.elapsedTime / 1000)
  })
  app.get('/metrics', {
    logLevel: 'warn',
    schema: { summary: 'Metrics', tags: ['operations'], produces: ['text/plain'], response: { 200: Type.String() } }
  }, async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
}
