/**
 * The client is sent elsewhere. https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRedirect
 */
import { replacePrefix } from '../rewrite.ts'
import type { DirectAnswer, FilterContext, Stream } from '../filter.ts'
import type { LocalReply } from '../../http/failure.ts'
import type { HttpRouteSpec } from '../../compile/spec.ts'
import type { RequestHead } from '../../decide/match.ts'
import type { RouteMatch } from '../../table.ts'

export interface RedirectSpec {
  uri?: string
  prefixRewrite?: string
  authority?: string
  scheme?: string
  port?: number
  derivePort?: string
  redirectCode?: number
}

export interface RedirectConfig {
  readonly kind: 'redirect'
  readonly status: number
  /** The whole new path; the query stays unless this has one. */
  readonly path?: string
  /** Takes the place of the prefix that the route matched. */
  readonly prefix?: string
  readonly authority?: string
  readonly scheme?: string
  readonly port?: number
}

export const redirect: DirectAnswer<RedirectConfig> = { compile, answer, tell }

function compile ({ redirect: spec }: HttpRouteSpec, { port }: FilterContext): RedirectConfig | undefined {
  if (spec === undefined) return undefined
  const given = (text: string | undefined): text is string => text !== undefined && text !== ''
  return {
    kind: 'redirect',
    status: spec.redirectCode === undefined || spec.redirectCode === 0 ? 301 : spec.redirectCode,
    ...(given(spec.uri) ? { path: spec.uri } : {}),
    ...(given(spec.prefixRewrite) ? { prefix: spec.prefixRewrite } : {}),
    ...(given(spec.authority) ? { authority: spec.authority } : {}),
    ...(given(spec.scheme) ? { scheme: spec.scheme } : {}),
    // The request's port is the listener's, whatever stands in Host (measured); the protocol's default needs no port.
    ...portOf(spec, port)
  }
}

/** The default port of the scheme is not written. */
function portOf ({ port, derivePort, scheme }: RedirectSpec, requested: number): { port?: number } {
  const wanted = port !== undefined && port > 0 ? port : derivePort === 'FROM_REQUEST_PORT' ? requested : undefined
  return wanted === undefined || wanted === (scheme === 'https' ? 443 : scheme === undefined || scheme === '' || scheme === 'http' ? 80 : 0) ? {} : { port: wanted }
}

function answer (config: RedirectConfig, { head, block }: Stream): LocalReply {
  return { status: config.status, flags: '-', details: 'direct_response', body: '', headers: ['location', locationOf(config, head, block)] }
}

/** The URL of the Location field. */
export function locationOf (config: RedirectConfig, head: RequestHead, block?: RouteMatch): string {
  const scheme = config.scheme ?? head.scheme
  const port = config.port === undefined ? '' : `:${config.port}`
  const host = config.authority ?? hostOf(head, scheme, port)
  return `${scheme}://${host}${port}${pathOf(config, head.path, block)}`
}

/** The request's own port goes when another is named, or when it was the old scheme's default. */
function hostOf ({ authority, scheme: former }: RequestHead, scheme: string, port: string): string {
  const own = /:\d+$/.exec(authority)?.[0]
  if (own === undefined) return authority
  const isDefault = scheme !== former && own === (former === 'https' ? ':443' : ':80')
  return port !== '' || isDefault ? authority.slice(0, -own.length) : authority
}

function pathOf ({ path, prefix }: RedirectConfig, requested: string, block: RouteMatch | undefined): string {
  if (prefix !== undefined) return replacePrefix(requested, prefix, block)
  if (path === undefined) return requested
  const query = requested.indexOf('?')
  return query === -1 || path.includes('?') ? path : path + requested.slice(query)
}

function tell (config: RedirectConfig): string[] {
  const { status, path, prefix, authority, scheme, port } = config
  const parts = [
    ...(scheme === undefined ? [] : [`scheme ${scheme}`]),
    ...(authority === undefined ? [] : [`host ${authority}`]),
    ...(port === undefined ? [] : [`port ${port}`]),
    ...(path === undefined ? [] : [`path ${path}`]),
    ...(prefix === undefined ? [] : [`prefix ${prefix}`])
  ]
  return [`redirect: the proxy answers ${status}, with another ${parts.join(', ')}`]
}
