/** What a proxy works with, for one state of the cluster. Requests keep the context they began with. */
import { poolOf, type Pool } from '../upstream/balancer.ts'
import type { Gate } from '../upstream/connection-pool.ts'
import { matchingBlock, operationOf } from '../decide/decide.ts'
import { callerSpan } from '../http/upstream/trace-fields.ts'
import type { AccessRecord, Try } from '../access-log.ts'
import type { Attempt } from '../http/attempt.ts'
import type { Directory } from '../upstream/directory.ts'
import type { Exchange } from '../http/exchange.ts'
import type { RequestFields } from '../http/request-fields.ts'
import type { Pools } from '../upstream/pools.ts'
import type { Target } from './target.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Cluster, RouteMatch } from '../table.ts'

export interface ProxyContext {
  readonly workload: string
  readonly namespace: string
  /** Virtual address of the pod. */
  readonly ip: string
  readonly directory: Directory
  readonly pools: Pools
  readonly random: () => number
  readonly clock: () => number
  readonly requestId: () => string
  /** `IP:port` of what a client dialled by name. */
  readonly addressOf: (target: Target) => string
  readonly onAccess: ((record: AccessRecord) => void) | undefined
  readonly telemetry: Telemetry | undefined
  /** What is under way in a server's own proxy, by its virtual address. */
  readonly inboundGate: (address: string) => Gate
  readonly poolFor: (cluster: Cluster) => Pool
  /** Every cluster that this proxy's table has, used or not. */
  readonly clusters: () => readonly Pool[]
  /** What this proxy has counted, by cluster: those of its calls, then those of its own server's ports. */
  readonly statistics: () => ClusterStatistics[]
  readonly outboundRecord: (exchange: Exchange, result: Result) => AccessRecord
  readonly tcpRecord: (exchange: Exchange, result: Result) => AccessRecord
  readonly inboundRecord: (attempt: Attempt, result: Result) => AccessRecord
}

/** `values` are Envoy's names after `cluster.NAME;.`, and numbers. */
export interface ClusterStatistics {
  readonly cluster: string
  readonly values: ReadonlyArray<readonly [name: string, value: number]>
}

export interface Result {
  readonly status: number
  readonly flags: string
  readonly details: string
}

/** The state that a proxy keeps of its clusters from one set of tables to the next. */
export interface ClusterStates {
  readonly poolFor: (cluster: Cluster) => Pool
  readonly all: () => readonly Pool[]
}

export function createClusterStates (clock: () => number): ClusterStates {
  const pools = new Map<string, Pool>()
  return {
    all: () => [...pools.values()],
    poolFor: (cluster) => {
      let pool = pools.get(cluster.name)
      if (pool?.cluster !== cluster) {
        pool = poolOf(cluster, pool, clock())
        pools.set(cluster.name, pool)
      }
      return pool
    }
  }
}

export function outboundRecord (exchange: Exchange, { status, flags, details }: Result): AccessRecord {
  const { start, fields } = exchange
  const { context, head, request } = start
  const gateway = start.character.direction === 'gateway'
  return {
    proxy: context.workload,
    direction: gateway ? 'gateway' : 'outbound',
    startTime: exchange.startTime,
    method: head.method,
    path: head.path,
    protocol: start.response.isHttp2 === true ? 'HTTP/2' : 'HTTP/1.1',
    responseCode: status,
    responseFlags: flags,
    responseCodeDetails: details,
    upstreamTransportFailureReason: failureReason(details),
    bytesReceived: exchange.requestBytes(),
    bytesSent: exchange.bytesSent,
    duration: context.clock() - exchange.startTime,
    upstreamServiceTime: exchange.serviceTime,
    forwardedFor: forwardedFor(fields),
    userAgent: fields.userAgent,
    requestId: fields.requestId,
    authority: fields.authority,
    upstreamHost: exchange.upstream,
    upstreamCluster: exchange.clusterName,
    downstreamLocalAddress: context.addressOf(start.destination),
    downstreamRemoteAddress: `${gateway ? request.socket.remoteAddress ?? '' : context.ip}:${request.socket.remotePort ?? 0}`,
    routeName: exchange.route?.name,
    attempts: exchange.attempts,
    call: exchange.call,
    peer: exchange.peer?.workload?.id,
    operation: exchange.action === undefined ? undefined : operationOf(blockOf(exchange), exchange.action),
    injectedDelay: exchange.injectedDelay === 0 ? undefined : exchange.injectedDelay,
    tries: exchange.failedTries === undefined ? undefined : triesOf(exchange, status === 0 ? flags : String(status)),
    grpc: fields.grpc ? true : undefined,
    grpcStatus: exchange.grpcStatus,
    traceParent: fields.traceParent,
    span: callerSpan(exchange)
  }
}

/** The block of the route that the request met; a route's only block needs no second look. */
function blockOf ({ block, route, start: { head } }: Exchange): RouteMatch | true | undefined {
  if (block !== undefined || route === undefined) return block
  return route.matches.length === 1 ? route.matches[0] : matchingBlock(route, head)
}

/** Every attempt of a request that was retried. */
function triesOf ({ failedTries = [], current, start }: Exchange, outcome: string): Try[] {
  const all = current === undefined ? failedTries : [...failedTries, { attempt: current, outcome, end: start.context.clock() }]
  return all.map(({ attempt: { startTime, peer }, outcome, end }) => ({ startTime, duration: end - startTime, upstreamHost: peer.virtual, outcome }))
}

/** The line of a connection whose bytes the proxy did not read. */
export function tcpRecord (exchange: Exchange, { flags }: Result): AccessRecord {
  const { context, destination, request } = exchange.start
  return {
    proxy: context.workload,
    direction: 'outbound',
    startTime: exchange.startTime,
    responseCode: 0,
    responseFlags: flags,
    bytesReceived: 0,
    bytesSent: exchange.bytesSent,
    duration: context.clock() - exchange.startTime,
    upstreamHost: exchange.upstream,
    upstreamCluster: exchange.clusterName,
    downstreamLocalAddress: context.addressOf(destination),
    downstreamRemoteAddress: `${context.ip}:${request.socket.remotePort ?? 0}`,
    attempts: exchange.attempts,
    peer: exchange.peer?.workload?.id
  }
}

/** The line of the server's own proxy. */
export function inboundRecord (attempt: Attempt, { status, flags, details }: Result): AccessRecord {
  const { sender, peer } = attempt
  const { start, fields } = sender
  const { context, head, request } = start
  const duration = context.clock() - attempt.startTime
  return {
    proxy: peer.workload?.id ?? '',
    direction: 'inbound',
    startTime: attempt.startTime,
    method: head.method,
    path: head.path,
    protocol: attempt.http2 ? 'HTTP/2' : 'HTTP/1.1',
    responseCode: status,
    responseFlags: flags,
    responseCodeDetails: details,
    upstreamTransportFailureReason: failureReason(details),
    bytesReceived: sender.requestBytes(),
    bytesSent: attempt.bytesReceived,
    duration,
    upstreamServiceTime: details === 'via_upstream' ? duration : undefined,
    forwardedFor: forwardedFor(fields),
    userAgent: fields.userAgent,
    requestId: fields.requestId,
    authority: fields.authority,
    upstreamHost: peer.inbound?.address,
    upstreamCluster: peer.inbound?.cluster,
    downstreamLocalAddress: peer.inbound?.address,
    downstreamRemoteAddress: `${context.ip}:${request.socket.remotePort ?? 0}`,
    routeName: 'default',
    attempts: attempt.inboundTries,
    call: sender.call,
    peer: context.workload,
    operation: peer.inbound?.operation,
    grpc: fields.grpc ? true : undefined,
    grpcStatus: sender.grpcStatus,
    traceParent: fields.traceParent,
    span: attempt.span
  }
}

function forwardedFor (fields: RequestFields): string | undefined {
  return fields.forwardedFor === -1 ? undefined : fields.list[fields.forwardedFor]
}

/** Envoy repeats the transport's part of the details in a field of its own. */
function failureReason (details: string): string | undefined {
  const bar = details.indexOf('|')
  return bar === -1 ? undefined : details.slice(bar + 1, -1)
}
