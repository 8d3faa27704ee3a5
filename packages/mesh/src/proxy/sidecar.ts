/** The proxy beside a pod: what its calls meet on the way out, decided by the caller's table. */
import { Exchange } from '../http/exchange.ts'
import { dialTarget, route } from './router.ts'
import type { OutboundTable } from '../compile/outbound.ts'
import type { Character } from '../http/route-stream.ts'
import type { ProxyContext } from './context.ts'
import type { Target } from './target.ts'
import type { RequestFields } from '../http/request-fields.ts'
import type { RequestHead } from '../decide/match.ts'
import type { TcpTarget } from '../table.ts'
import type { DownstreamRequest, DownstreamResponse } from '../http/downstream.ts'

export interface Call {
  readonly request: DownstreamRequest
  readonly response: DownstreamResponse
  readonly head: RequestHead
  readonly fields: RequestFields
  /** The original destination. */
  readonly target: Target
}

const sidecar: Character = { server: 'envoy', edge: false, direction: 'outbound' }
const rawTcp: Character = { server: undefined, edge: false, direction: 'tcp' }
const plain: Character = { server: undefined, edge: false, direction: 'none' }

/** A call of a pod with a sidecar. */
export function serveSidecar (call: Call, context: ProxyContext, table: OutboundTable): void {
  const { head, target } = call
  const tcp = tcpTarget(context, table, target)
  if (tcp !== undefined) {
    serveRaw(call, context, table, tcp)
    return
  }
  route(startExchange(call, context, sidecar), table.virtualHost(target.port, head.authority), { table, call, context })
}

/** A call of a pod without a proxy: the cluster's DNS and Services, no rules. */
export function servePlain (call: Call, context: ProxyContext): void {
  dialTarget(startExchange(call, context, plain), undefined, { call, context })
}

/**
 * What takes a connection to a target as raw TCP; undefined where an HTTP listener takes it. A TCP service's own address is
 * asked first, as its listener is the more specific one.
 */
export function tcpTarget (context: ProxyContext, table: OutboundTable, target: Target, sni?: string): TcpTarget | undefined {
  if (table.hasHttp(target.port) && !table.hasTcp(target.port)) return undefined
  const names = [target.host, ...context.directory.resolve(target.host, context.namespace) ?? []]
  const found = table.tcp({ names, port: target.port, sni })
  return found.kind !== 'cluster' && table.hasHttp(target.port) ? undefined : found
}

/** HTTP where the mesh sees only bytes: passed on as it is, or the connection is reset. */
function serveRaw (call: Call, context: ProxyContext, table: OutboundTable, tcp: TcpTarget): void {
  const exchange = startExchange(call, context, rawTcp)
  switch (tcp.kind) {
    case 'blackhole':
      exchange.clusterName = 'BlackHoleCluster'
      exchange.drop('UH')
      return
    case 'passthrough':
      dialTarget(exchange, 'PassthroughCluster', { call, context })
      return
    case 'cluster': {
      const cluster = table.cluster(tcp.cluster)
      if (cluster === undefined) exchange.drop('NC')
      else exchange.forwardRaw(context.poolFor(cluster))
    }
  }
}

function startExchange ({ request, response, head, fields, target }: Call, context: ProxyContext, character: Character): Exchange {
  return new Exchange({ context, character, request, response, head, fields, destination: target })
}
