/** Carries out what a virtual host says: a route, its filters, then its action. */
import { chooseDestination, chooseRoute } from '../decide/decide.ts'
import { answerOf, passFilters } from '../filters/order.ts'
import { replies } from '../http/failure.ts'
import type { Exchange } from '../http/exchange.ts'
import type { ClusterTable } from '../http/route-stream.ts'
import type { ProxyContext } from './context.ts'
import type { Call } from './sidecar.ts'
import type { Cluster, Route, VirtualHost } from '../table.ts'

export interface Way {
  readonly table: ClusterTable
  readonly call: Call
  readonly context: ProxyContext
}

export function route (exchange: Exchange, host: VirtualHost, way: Way): void {
  const chosen = chooseRoute(host, way.call.head)
  if (chosen === undefined) {
    exchange.answer(replies.noRoute)
    return
  }
  const { action } = chosen
  // Drawn before the filters, as Envoy does: what they answer is logged with the cluster that it would have gone to.
  const destination = action.kind === 'forward' ? chooseDestination(action, way.context.random) : undefined
  const cluster = destination === undefined ? undefined : way.table.cluster(destination.cluster)
  exchange.enter(chosen, { cluster: cluster?.name, headers: destination === undefined ? chosen.headers : destination.headers, table: way.table })
  if (chosen.filters.length === 0) act(exchange, chosen, cluster, way)
  else passFilters(chosen.filters, exchange, () => { act(exchange, chosen, cluster, way) })
}

function act (exchange: Exchange, { action }: Route, cluster: Cluster | undefined, way: Way): void {
  switch (action.kind) {
    case 'direct':
      exchange.answer(answerOf(action.answer, exchange))
      return
    case 'passthrough':
      dialTarget(exchange, 'PassthroughCluster', way)
      return
    case 'forward':
      if (cluster === undefined) exchange.answer(replies.noCluster)
      else exchange.forward(action, way.context.poolFor(cluster))
  }
}

/** Sends a request where the client dialled. */
export function dialTarget (exchange: Exchange, cluster: string | undefined, { call, context }: Pick<Way, 'call' | 'context'>): void {
  const peer = context.directory.dial(call.target.host, call.target.port, context.namespace)
  if (peer instanceof Promise) {
    peer.then((found) => { exchange.forwardTo(found, cluster) }, () => { exchange.forwardTo(undefined, cluster) })
  } else {
    exchange.forwardTo(peer, cluster)
  }
}
