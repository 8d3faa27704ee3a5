/**
 * Cross-origin requests: preflights of allowed origins are answered here, and answers to such origins say that they may be read.
 * Others pass untouched: it is the browser that refuses. https://istio.io/latest/docs/reference/config/networking/virtual-service/#CorsPolicy
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter, https://fetch.spec.whatwg.org/#http-cors-protocol
 */
import { headerValue, matchesString } from '../decide/match.ts'
import { parseDuration } from '../rules/duration.ts'
import type { HttpFilter, Stream } from './filter.ts'
import type { HttpRouteSpec, StringMatchSpec } from '../compile/spec.ts'
import type { StringMatch } from '../table.ts'

export interface CorsSpec {
  /** Exact origins, `*` for all: the old form. */
  allowOrigin?: string[]
  allowOrigins?: StringMatchSpec[]
  allowMethods?: string[]
  allowHeaders?: string[]
  exposeHeaders?: string[]
  maxAge?: string
  allowCredentials?: boolean
  unmatchedPreflights?: string
}

export interface CorsConfig {
  readonly kind: 'cors'
  readonly origins: readonly StringMatch[]
  /** Of an answer to an allowed origin; names and values in turn. */
  readonly fields: readonly string[]
  /** Of an answer to its preflight. */
  readonly preflightFields: readonly string[]
  /** Whether preflights of other origins go to the server. */
  readonly forwardsUnmatched: boolean
}

export const cors: HttpFilter<CorsConfig> = { compile, decode, tell }

function compile ({ corsPolicy: spec }: HttpRouteSpec): CorsConfig | undefined {
  if (spec === undefined) return undefined
  const maxAge = parseDuration(spec.maxAge ?? '')
  const fields = [
    ...(spec.allowCredentials === true ? ['access-control-allow-credentials', 'true'] : []),
    ...listed('access-control-expose-headers', spec.exposeHeaders)
  ]
  return {
    kind: 'cors',
    // The new list counts alone where both are given.
    origins: spec.allowOrigins === undefined ? (spec.allowOrigin ?? []).map((value) => ({ kind: 'exact', value })) : spec.allowOrigins.map(originOf),
    fields,
    preflightFields: [
      ...fields,
      ...listed('access-control-allow-methods', spec.allowMethods),
      ...listed('access-control-allow-headers', spec.allowHeaders),
      ...(maxAge === undefined ? [] : ['access-control-max-age', String(Math.trunc(maxAge / 1000))])
    ],
    forwardsUnmatched: spec.unmatchedPreflights !== 'IGNORE'
  }
}

function originOf ({ exact, prefix, regex }: StringMatchSpec): StringMatch {
  if (prefix !== undefined) return { kind: 'prefix', value: prefix }
  return regex === undefined ? { kind: 'exact', value: exact ?? '' } : { kind: 'regex', value: regex }
}

function listed (name: string, values: readonly string[] = []): string[] {
  return values.length === 0 ? [] : [name, values.join(',')]
}

function decode (config: CorsConfig, stream: Stream, next: () => void): void {
  const { head } = stream
  const origin = headerValue('origin', head) ?? ''
  if (origin === '') {
    next()
    return
  }
  const allowed = config.origins.some((match) => (match.kind === 'exact' && match.value === '*') || matchesString(match, origin))
  const isPreflight = head.method === 'OPTIONS' && (headerValue('access-control-request-method', head) ?? '') !== ''
  if (isPreflight && (allowed || !config.forwardsUnmatched)) {
    stream.answer({
      status: 200,
      flags: '-',
      details: 'cors_response',
      body: '',
      headers: allowed ? ['access-control-allow-origin', origin, ...config.preflightFields] : [],
      untouched: true
    })
    return
  }
  if (allowed) stream.addToAnswer(['access-control-allow-origin', origin, ...config.fields])
  next()
}

function tell ({ origins, forwardsUnmatched }: CorsConfig): string[] {
  const names = origins.map((match) => match.kind === 'present' ? '*' : match.kind === 'exact' ? match.value : `${match.kind} ${match.value}`)
  return [`corsPolicy: preflights from ${names.join(', ')} are answered by the proxy, other answers to them allow reading; preflights from elsewhere ${forwardsUnmatched ? 'go to the server' : 'are answered without permission'}`]
}
