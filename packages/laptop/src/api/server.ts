import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Store } from '../store/store.ts'
import type { ApiContext } from './context.ts'
import { registerCustomResources } from './custom-resources.ts'
import { registerDiscovery } from './discovery/routes.ts'
import { guardRequest } from './guard.ts'
import type { NodeAgent } from './node-agent.ts'
import { handleResource } from './resource.ts'
import { registerReviews } from './reviews.ts'
import { ApiError, failure, noSuchResource } from './status.ts'
import { registerTelemetry, type TrafficTelemetry } from './telemetry/routes.ts'
import { attachStreams } from './subresources/streams.ts'

/** What `explain` asks for. */
export interface ExplainQuery {
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** A pod, a Deployment or a Service as `NAME`, `KIND/NAME` or `NAMESPACE/NAME`; `outside` for a client of the gateway. */
  readonly from?: string
}

export interface ApiServerOptions {
  readonly store: Store
  /** The bearer token that every request must bring. */
  readonly token: string
  /** PEM, see `ensureCertificates`. */
  readonly tls: { readonly key: string, readonly cert: string }
  readonly node: NodeAgent
  /** Called after a write that changes what the mesh does; the write is answered when it resolves. */
  readonly onRuleChange: () => Promise<void>
  /** What becomes of a request, and why: JSON data and the text that people read. Throws an Error that says what is wrong with the query. */
  readonly explain?: (query: ExplainQuery) => { readonly explanation: object, readonly text: string }
  /** What the mesh tells of its traffic. */
  readonly telemetry?: TrafficTelemetry
}

/** Kubernetes' limit for one request. */
const bodyLimit = 3 * 1024 * 1024

/**
 * The Kubernetes-compatible API: HTTPS, for who has the token. Listen on 127.0.0.1 only.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
export async function createApiServer (options: ApiServerOptions): Promise<FastifyInstance> {
  const { store, token, tls, node, onRuleChange, explain, telemetry } = options
  await registerCustomResources(store)
  const context: ApiContext = { store, node, onRuleChange }
  const app = fastify({ https: { ...tls }, forceCloseConnections: true, bodyLimit, exposeHeadRoutes: false }) as unknown as FastifyInstance

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => { done(null, body) })
  app.addHook('onRequest', async (request) => { guardRequest(request.raw, token) })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler(() => { throw noSuchResource() })

  for (const path of ['/healthz', '/livez', '/readyz']) app.get(path, () => 'ok')
  app.get('/version', () => serverVersion)
  registerDiscovery(app)
  registerReviews(app)
  if (explain !== undefined) registerExplain(app, explain)
  if (telemetry !== undefined) registerTelemetry(app, telemetry)
  for (const path of ['/api/*', '/apis/*']) {
    app.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: path,
      handler: (request, reply) => handleResource(context, request, reply)
    })
  }
  attachStreams(app.server, { context, token })
  return app
}

/** The Kubernetes version whose behaviour this API has. */
export const serverVersion = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.0+bankinfo',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: `${process.platform}/${process.arch}`
}

function registerExplain (app: FastifyInstance, explain: NonNullable<ApiServerOptions['explain']>): void {
  app.post('/bankinfo/v1/explain', async (request) => {
    const query: unknown = JSON.parse(String(request.body))
    if (!isExplainQuery(query)) throw new ApiError(400, 'BadRequest', 'expected {"url": "http://...", "method"?, "headers"?: {name: value}, "from"?}')
    try {
      return explain(query)
    } catch (error) {
      throw new ApiError(400, 'BadRequest', error instanceof Error ? error.message : String(error))
    }
  })
}

function isExplainQuery (value: unknown): value is ExplainQuery {
  if (typeof value !== 'object' || value === null || !('url' in value) || typeof value.url !== 'string') return false
  const { method, from, headers } = value as Record<string, unknown>
  return [method, from].every((field) => field === undefined || typeof field === 'string') &&
    (headers === undefined || (typeof headers === 'object' && headers !== null && Object.values(headers).every((header) => typeof header === 'string')))
}

function answerError (error: FastifyError | ApiError, request: FastifyRequest, reply: FastifyReply): void {
  const status = asApiError(error)
  if (status.code === 500) request.log.error(error)
  if (status.code === 401) reply.header('www-authenticate', 'Bearer')
  reply.code(status.code).header('content-type', 'application/json').send(JSON.stringify(failure(status)))
}

function asApiError (error: FastifyError | ApiError): ApiError {
  if (error instanceof ApiError) return error
  if (error.statusCode === 413) return new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${bodyLimit}`, {})
  if (error.statusCode !== undefined && error.statusCode < 500) return new ApiError(error.statusCode, 'BadRequest', error.message, {})
  return new ApiError(500, 'InternalError', `Internal error occurred: ${error.message}`, {})
}
