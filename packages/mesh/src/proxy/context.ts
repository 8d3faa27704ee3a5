/** What a proxy works with, for one state of the cluster. Requests keep the context they began with. */
import { poolOf, type Pool } from './balancer.ts'
import type { AccessRecord } from '../access-log.ts'
import type { Attempt } from './attempt.ts'
import type { Directory } from './directory.ts'
import type { Exchange } from './exchange.ts'
import type { Pools } from './pools.ts'
import type { Cluster } from '../table.ts'

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
  readonly onAccess: ((record: AccessRecord) => void) | undefined
  readonly poolFor: (cluster: Cluster) => Pool
  /** The clusters that this proxy has used. */
  readonly clusters: () => readonly Pool[]
  readonly outboundRecord: (exchange: Exchange, result: Result) => AccessRecord
  readonly tcpRecord: (exchange: Exchange, result: Result) => AccessRecord
  readonly inboundRecord: (attempt: Attempt, result: Result) => AccessRecord
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

export function createClusterStates (): ClusterStates {
  const pools = new Map<string, Pool>()
  return {
    all: () => [...pools.values()],
    poolFor: (cluster) => {
      let pool = pools.get(cluster.name)
      if (pool?.cluster !== cluster) {
        pool = poolOf(cluster, pool)
        pools.set(cluster.name, pool)
      }
      return pool
    }
  }
}

export function outboundRecord (exchange: Exchange, { status, flags, details }: Result): AccessRecord {
  const { start, fields, route } = exchange
  const { context, head, request } = start
  const gateway = start.character.direction === 'gateway'
  return {
    proxy: context.workload,
    direction: gateway ? 'gateway' : 'outbound',
    startTime: exchange.startTime,
    method: head.method,
    path: head.path,
    protocol: 'HTTP/1.1',
    responseCode: status,
    responseFlags: flags,
    responseCodeDetails: details,
    ...(details.includes('|') ? { upstreamTransportFailureReason: details.slice(details.indexOf('|') + 1, -1) } : {}),
    bytesReceived: Number(request.headers['content-length'] ?? 0),
    bytesSent: exchange.bytesSent,
    duration: Math.round(context.clock() - exchange.startTime),
    ...optional('upstreamServiceTime', exchange.serviceTime),
    ...optional('forwardedFor', fields.forwardedFor === -1 ? undefined : fields.list[fields.forwardedFor]),
    ...optional('userAgent', fields.userAgent),
    ...optional('requestId', fields.requestId),
    authority: head.authority,
    ...optional('upstreamHost', exchange.upstream),
    ...optional('upstreamCluster', exchange.clusterName),
    downstreamLocalAddress: start.destination,
    downstreamRemoteAddress: gateway ? `${request.socket.remoteAddress ?? ''}:${request.socket.remotePort ?? 0}` : `${context.ip}:${request.socket.remotePort ?? 0}`,
    ...optional('routeName', route?.name),
    attempts: exchange.attempts
  }
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
    duration: Math.round(context.clock() - exchange.startTime),
    ...optional('upstreamHost', exchange.upstream),
    ...optional('upstreamCluster', exchange.clusterName),
    downstreamLocalAddress: destination,
    downstreamRemoteAddress: `${context.ip}:${request.socket.remotePort ?? 0}`,
    attempts: exchange.attempts
  }
}

export function inboundRecord (attempt: Attempt, { status, flags, details }: Result): AccessRecord {
  const { exchange, peer } = attempt
  const { start, fields } = exchange
  const { context, head, request } = start
  const upstream = `${peer.workload?.ip ?? ''}:${peer.inbound?.containerPort ?? 0}`
  return {
    proxy: peer.workload?.id ?? '',
    direction: 'inbound',
    startTime: attempt.startTime,
    method: head.method,
    path: head.path,
    protocol: 'HTTP/1.1',
    responseCode: status,
    responseFlags: flags,
    responseCodeDetails: details,
    bytesReceived: Number(request.headers['content-length'] ?? 0),
    bytesSent: attempt.bytesReceived,
    duration: Math.round(context.clock() - attempt.startTime),
    ...(status === 0 ? {} : { upstreamServiceTime: Math.round(context.clock() - attempt.startTime) }),
    ...optional('forwardedFor', fields.forwardedFor === -1 ? undefined : fields.list[fields.forwardedFor]),
    ...optional('userAgent', fields.userAgent),
    ...optional('requestId', fields.requestId),
    authority: head.authority,
    upstreamHost: upstream,
    ...optional('upstreamCluster', peer.inbound?.cluster),
    downstreamLocalAddress: upstream,
    downstreamRemoteAddress: `${context.ip}:0`,
    routeName: 'default',
    attempts: attempt.inboundTries
  }
}

function optional<Key extends string, Value> (key: Key, value: Value | undefined): Partial<Record<Key, Value>> {
  return value === undefined ? {} : { [key]: value } as Partial<Record<Key, Value>>
}
