/**
 * The order in which a request meets the features of its route. It is Envoy's, as Istio sets it up (listener_builder.go), and
 * each place has its reason:
 *
 * 1. fault, because a delay or an abort plays a broken network or server: nothing behind it may soften it. So the route's
 *    timeout does not count the delay, retries do not repeat an abort, and no upstream's health suffers from it.
 * 2. cors, because a preflight asks the proxy, not the server; behind the fault, so that a broken network breaks it too.
 * 3. The router, which first asks whether the route ends here: redirect or directResponse. There is nobody to play a fault for, so
 *    these have no filters.
 * 4. Then whether the cluster is there, and what its server is shown: rewrite, then headers. Both speak of the request as the client
 *    sent it, so none changes what another one sees.
 * 5. mirror, a copy of what the server is shown.
 * 6. The rest of the router, for a request that is sent: timeout around all attempts, then retries, then the time of one try,
 *    then the load balancer.
 *
 * A route holds the filters that its rule uses and no others: a request without any goes straight to the router.
 */
import { cors, type CorsConfig } from './cors.ts'
import { directResponse, type DirectResponseConfig } from './direct/direct-response.ts'
import { fault, type FaultConfig } from './fault.ts'
import { headers, type HeadersConfig } from './headers/headers.ts'
import { mirror, type MirrorConfig } from './mirror.ts'
import { redirect, type RedirectConfig } from './direct/redirect.ts'
import { rewrite, type RewriteConfig } from './rewrite.ts'
import type { DirectAnswer, FilterContext, HttpFilter, Stream } from './filter.ts'
import type { LocalReply } from '../http/failure.ts'
import type { HttpRouteSpec } from '../compile/spec.ts'

export type FilterConfig = FaultConfig | CorsConfig | RewriteConfig | HeadersConfig | MirrorConfig
export type AnswerConfig = RedirectConfig | DirectResponseConfig

/** In order. */
const filters: { readonly [Kind in FilterConfig['kind']]: HttpFilter<Extract<FilterConfig, { kind: Kind }>> } = {
  fault,
  cors,
  rewrite,
  headers,
  mirror
}

const answers: { readonly [Kind in AnswerConfig['kind']]: DirectAnswer<Extract<AnswerConfig, { kind: Kind }>> } = { redirect, directResponse }

const none: readonly FilterConfig[] = []

/** What a route's rule asks of the filters, in order. */
export function compileFilters (spec: HttpRouteSpec, context: FilterContext): readonly FilterConfig[] {
  const configs = Object.values(filters).flatMap((filter) => filter.compile(spec, context) ?? [])
  return configs.length === 0 ? none : configs
}

/** What a route answers in place of a server; undefined for one that goes on to a destination. */
export function compileAnswer (spec: HttpRouteSpec, context: FilterContext): AnswerConfig | undefined {
  return redirect.compile(spec, context) ?? directResponse.compile(spec, context)
}

export function answerOf (config: AnswerConfig, stream: Stream): LocalReply {
  return answererOf(config).answer(config, stream)
}

export function tellAnswer (config: AnswerConfig): readonly string[] {
  return answererOf(config).tell(config)
}

/** Takes a request through the filters of its route, then to the router, unless one of them has answered. */
export function passFilters (configs: readonly FilterConfig[], stream: Stream, router: () => void): void {
  const pass = (index: number): void => {
    const config = configs[index]
    if (config === undefined) router()
    else filterOf(config).decode(config, stream, () => { pass(index + 1) })
  }
  pass(0)
}

/** A route's filters in words, in order. */
export function tellFilters (configs: readonly FilterConfig[]): string[] {
  return configs.flatMap((config) => filterOf(config).tell(config))
}

function answererOf<Config extends AnswerConfig> ({ kind }: Config): DirectAnswer<Config> {
  return answers[kind] as unknown as DirectAnswer<Config>
}

function filterOf<Config extends FilterConfig> ({ kind }: Config): HttpFilter<Config> {
  // The record's type ties each kind to its configuration, which an index by a union can't express.
  return filters[kind] as unknown as HttpFilter<Config>
}
