/**
 * What a proxy counts of a cluster, under the names that Envoy's administration interface prints after `cluster.NAME.`.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats
 */
import type { Gate, Limits } from './connection-pool.ts'
import type { Health } from './outlier-detection.ts'

/** Counters; they only grow. Those of connections and of waiting requests count where a connectionPool limits them. */
const counterNames = [
  'upstream_cx_connect_fail', 'upstream_cx_connect_timeout', 'upstream_cx_max_requests', 'upstream_cx_overflow', 'upstream_cx_total',
  'upstream_rq_cancelled', 'upstream_rq_completed', 'upstream_rq_pending_failure_eject', 'upstream_rq_pending_overflow', 'upstream_rq_pending_total',
  'upstream_rq_per_try_timeout', 'upstream_rq_retry', 'upstream_rq_retry_backoff_exponential', 'upstream_rq_retry_limit_exceeded',
  'upstream_rq_retry_overflow', 'upstream_rq_retry_success', 'upstream_rq_rx_reset', 'upstream_rq_timeout', 'upstream_rq_total', 'upstream_rq_tx_reset'
] as const

/** Counters of a cluster with outlierDetection. */
const ejectionNames = [
  'ejections_detected_consecutive_5xx', 'ejections_detected_consecutive_gateway_failure', 'ejections_detected_consecutive_local_origin_failure',
  'ejections_enforced_consecutive_5xx', 'ejections_enforced_consecutive_gateway_failure', 'ejections_enforced_consecutive_local_origin_failure',
  'ejections_enforced_total', 'ejections_overflow'
] as const

export type CounterName = typeof counterNames[number] | typeof ejectionNames[number]

export type Counters = Record<CounterName, number> & {
  /** Answers by status, the proxy's own in an upstream's place too. */
  readonly statuses: Map<number, number>
}

export function createCounters (): Counters {
  const zeros = Object.fromEntries([...counterNames, ...ejectionNames].map((name) => [name, 0])) as Record<CounterName, number>
  return { ...zeros, statuses: new Map() }
}

export function countStatus (counters: Counters, status: number): void {
  counters.upstream_rq_completed++
  counters.statuses.set(status, (counters.statuses.get(status) ?? 0) + 1)
}

/** Who waited for the connection that failed is thrown out. */
export function countRefused (counters: Counters): void {
  counters.upstream_cx_connect_fail++
  counters.upstream_rq_pending_failure_eject++
}

/** What is known of a cluster at a moment; an inbound cluster of a server's own proxy has one endpoint, without a name. */
export interface Counted {
  readonly gate: Gate
  readonly limits: Limits | undefined
  readonly hosts: ReadonlyArray<{ readonly active: number, readonly health?: Health }>
  /** Whether outlierDetection is set. */
  readonly ejects: boolean
}

/** Every counter and gauge of a cluster by name, sorted by it. */
export function clusterStatistics ({ gate, limits, hosts, ejects }: Counted): Array<readonly [name: string, value: number]> {
  const { counters } = gate
  const ejected = hosts.filter(({ health }) => health?.until !== undefined).length
  const statistics: Array<readonly [string, number]> = [
    ...counterNames.map((name) => [name, counters[name]] as const),
    ...byStatus(counters.statuses),
    ...breakers(gate, limits),
    ['membership_excluded', 0],
    ['membership_healthy', hosts.length - ejected],
    ['membership_total', hosts.length],
    ['upstream_cx_active', gate.open],
    ['upstream_rq_active', Math.max(hosts.reduce((sum, { active }) => sum + active, 0) - gate.pending, 0)],
    ['upstream_rq_pending_active', gate.pending]
  ]
  if (ejects) {
    statistics.push(['outlier_detection.ejections_active', ejected])
    for (const name of ejectionNames) statistics.push([`outlier_detection.${name}`, counters[name]])
  }
  return statistics.sort(([a], [b]) => a < b ? -1 : 1)
}

/** What Envoy prints where Istio sets no limit. */
const unlimited = 4_294_967_295

/** Whether each breaker is open, and how much room it has; nobody sends requests of high priority. */
function breakers ({ open, pending, requests, retries }: Gate, limits: Limits | undefined): Array<readonly [string, number]> {
  return ([
    ['cx', 'cx', open, limits?.maxConnections], ['rq', 'rq', requests, limits?.maxRequests], ['rq_pending', 'pending', pending, limits?.maxPending], ['rq_retry', 'retries', retries, limits?.maxRetries]
  ] as const).flatMap(([name, room, used, most = Infinity]): Array<readonly [string, number]> => [
    [`circuit_breakers.default.${name}_open`, used >= most ? 1 : 0],
    [`circuit_breakers.default.remaining_${room}`, Math.max(Math.min(most, unlimited) - used, 0)],
    [`circuit_breakers.high.${name}_open`, 0]
  ])
}

/** `upstream_rq_503` and `upstream_rq_5xx`. */
function byStatus (statuses: ReadonlyMap<number, number>): Array<readonly [string, number]> {
  const classes = new Map<string, number>()
  for (const [status, count] of statuses) {
    const name = `upstream_rq_${Math.trunc(status / 100)}xx`
    classes.set(name, (classes.get(name) ?? 0) + count)
  }
  return [...classes, ...[...statuses].map(([status, count]) => [`upstream_rq_${status}`, count] as const)]
}
