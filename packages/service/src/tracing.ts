import type { FastifyInstance, FastifyRequest } from 'fastify'

/** The span of one call to another service. */
export interface CallSpan {
  /** Trace headers that make the other side's span this one's child. */
  readonly headers: Readonly<Record<string, string>>
  end (outcome: string, status: number | undefined): void
}

/** The span of one request that this process answers. */
export interface RequestSpan {
  call (options: { dependency: string, method: string, url: string }): CallSpan
  end (status: number, route: string | undefined): void
}

/** Where spans go. Absent in a process without an OTLP endpoint: then incoming trace headers are handed on as they came. */
export interface Tracing {
  begin (request: FastifyRequest): RequestSpan
  /** Sends what is still queued. */
  shutdown (): Promise<void>
}

export interface TracingOptions {
  /** Base address of an OTLP/HTTP collector; spans go to its /v1/traces. */
  readonly endpoint: string
  readonly service: string
  readonly version: string
  readonly pod: string
  readonly namespace: string
}

/** Loads OpenTelemetry and begins to export. Loaded here and not above: without an endpoint no process pays for it. */
export async function startTracing (options: TracingOptions): Promise<Tracing> {
  const { createTracing } = await import('./tracing/open-telemetry.ts')
  return createTracing(options)
}

const spans = new WeakMap<FastifyRequest, RequestSpan>()

/** The span of a request, for calls made on its behalf. */
export const spanOf = (request: FastifyRequest): RequestSpan | undefined => spans.get(request)

/** One span for each request of `app`. */
export function traceRequests (app: FastifyInstance, tracing: Tracing): void {
  app.addHook('onRequest', async (request) => {
    spans.set(request, tracing.begin(request))
  })
  app.addHook('onResponse', async (request, reply) => {
    spans.get(request)?.end(reply.statusCode, request.routeOptions.url)
  })
}
