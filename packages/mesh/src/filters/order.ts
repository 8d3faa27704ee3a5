/**
 * The order in which a request meets the features of its route. It is Envoy's, as Istio sets it up (listener_builder.go), and
 * each place has its reason:
 *
 * 1. fault, because a delay or an abort plays a broken network or server: nothing behind it may soften it. So the route's
 *    timeout does not count the delay, retries do not repeat an abort, and no upstream's health suffers from it.
 * 2. The router last, with what only counts for a request that is sent: timeout around all attempts, then retries, then the
 *    time of one try, then the load balancer.
 *
 * A route holds the filters that its rule uses and no others: a request without any goes straight to the router.
 */
import { fault, type FaultConfig } from './fault.ts'
import type { HttpFilter, Stream } from './filter.ts'
import type { HttpRouteSpec } from '../compile/spec.ts'

export type FilterConfig = FaultConfig

/** In order. */
const filters: { readonly [Kind in FilterConfig['kind']]: HttpFilter<Extract<FilterConfig, { kind: Kind }>> } = {
  fault
}

const none: readonly FilterConfig[] = []

/** What a route's rule asks of the filters, in order. */
export function compileFilters (spec: HttpRouteSpec): readonly FilterConfig[] {
  const configs = Object.values(filters).flatMap((filter) => filter.compile(spec) ?? [])
  return configs.length === 0 ? none : configs
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

function filterOf<Config extends FilterConfig> ({ kind }: Config): HttpFilter<Config> {
  // The record's type ties each kind to its configuration, which an index by a union can't express.
  return filters[kind] as unknown as HttpFilter<Config>
}
