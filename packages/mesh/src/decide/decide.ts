/** The decision for one request: which route, which cluster. Pure: the same inputs and draw give the same answer. */
import { matches, type RequestHead } from './match.ts'
import type { ForwardAction, Route, RouteMatch, VirtualHost, WeightedCluster } from '../table.ts'

/** The first route that takes the request. */
export function chooseRoute (host: VirtualHost, request: RequestHead): Route | undefined {
  for (const route of host.routes) if (matchingBlock(route, request) !== undefined) return route
  return undefined
}

/** The block that holds, `true` for a route that takes everything, undefined when none does. */
export function matchingBlock (route: Route, request: RequestHead): RouteMatch | true | undefined {
  if (route.matches.length === 0) return true
  for (const block of route.matches) if (matches(block, request)) return block
  return undefined
}

/** The destination that a draw in [0, 1) picks: shares are weight by sum of weights. */
export function chooseDestination (action: ForwardAction, random: () => number): WeightedCluster | undefined {
  const { clusters } = action
  if (clusters.length === 1) return clusters[0]
  let draw = random() * action.totalWeight
  for (const destination of clusters) {
    if (draw < destination.weight) return destination
    draw -= destination.weight
  }
  return clusters.at(-1)
}

/** x-envoy-decorator-operation: what the route is called, and the path that it takes. */
export function operationOf (block: RouteMatch | true | undefined, action: ForwardAction): string {
  const uri = block === undefined || block === true ? undefined : block.uri
  const path = uri === undefined || uri.kind === 'present' ? '/*' : uri.kind === 'prefix' ? `${uri.value}*` : uri.value
  return `${action.operation}${path}`
}
