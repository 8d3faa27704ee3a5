import Type from 'typebox'
import type { App } from './app.ts'

/** Whether the process takes new work. A service begins `starting`, start sets `ready`, a signal to end `draining`. */
export type Readiness = 'starting' | 'ready' | 'draining'

/** The one thing about a running service that changes by itself: set by start, read by /readyz. */
export interface Health {
  readiness: Readiness
}

/**
 * GET /healthz: the process answers (liveness). GET /readyz: it takes work (readiness). Neither asks another service:
 * a dependency that is down costs one panel of the page, and must not take the pod out of service.
 */
export function healthRoutes (app: App, health: Health): void {
  app.get('/healthz', {
    logLevel: 'warn',
    schema: { summary: 'Liveness', tags: ['operations'], response: { 200: Type.Object({ status: Type.Literal('ok') }) } }
  }, async () => ({ status: 'ok' as const }))

  const body = Type.Object({ status: Type.Enum(['starting', 'ready', 'draining']) })
  app.get('/readyz', {
    logLevel: 'warn',
    schema: { summary: 'Readiness', tags: ['operations'], response: { 200: body, 503: body } }
  }, async (_request, reply) => reply.code(health.readiness === 'ready' ? 200 : 503).send({ status: health.readiness }))
}
