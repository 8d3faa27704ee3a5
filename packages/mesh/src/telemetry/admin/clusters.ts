/** `/clusters`: each endpoint of each cluster with its counts and its health. */
import type { Limits } from '../../upstream/connection-pool.ts'
import type { Host, Pool } from '../../upstream/balancer.ts'

/** What Envoy prints where Istio sets no limit. */
const unlimited = 4294967295

/** https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--clusters */
export function clustersText (pools: readonly Pool[]): string {
  return pools.map((pool) => {
    const { cluster } = pool
    const lines = [
      `observability_name::${cluster.name};`,
      ...thresholds(cluster.limits),
      'added_via_api::true',
      ...pool.hosts.flatMap(endpointLines)
    ]
    return lines.map((line) => `${cluster.name}::${line}\n`).join('')
  }).join('')
}

function thresholds (limits: Limits | undefined): string[] {
  const most = (value: number | undefined): number => value === undefined || value === Infinity ? unlimited : value
  return [
    `default_priority::max_connections::${most(limits?.maxConnections)}`,
    `default_priority::max_pending_requests::${most(limits?.maxPending)}`,
    `default_priority::max_requests::${most(limits?.maxRequests)}`,
    `default_priority::max_retries::${most(limits?.maxRetries)}`
  ]
}

function endpointLines ({ endpoint, active, total, health }: Host): string[] {
  const address = `${endpoint.address}:${endpoint.port}`
  return [
    `rq_active::${active}`,
    `rq_total::${total}`,
    `hostname::${/^[\d.]+$/.test(endpoint.address) ? '' : endpoint.address}`,
    `health_flags::${health.until === undefined ? 'healthy' : '/failed_outlier_check'}`,
    'weight::1',
    'priority::0'
  ].map((line) => `${address}::${line}`)
}
