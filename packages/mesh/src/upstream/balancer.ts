/** Load balancing of one caller: which endpoint of a cluster gets the next request. */
import { createGate, type Gate } from './connection-pool.ts'
import { createHealth, healthy, type Health } from './outlier-detection.ts'
import type { Directory, Peer } from './directory.ts'
import type { Cluster, Endpoint } from '../table.ts'

export interface Host {
  readonly endpoint: Endpoint
  /** Requests under way from this caller. */
  active: number
  /** Requests sent in all. */
  total: number
  readonly health: Health
  /** Who it is, as that directory says. */
  known: { readonly directory: Directory, readonly peer: Peer } | undefined
}

/** The state that a caller keeps of a cluster. */
export interface Pool {
  readonly cluster: Cluster
  readonly hosts: readonly Host[]
  readonly gate: Gate
  next: number
}

/** Keeps counts of endpoints that are still there when a cluster is compiled anew. */
export function poolOf (cluster: Cluster, former: Pool | undefined): Pool {
  const known = new Map(former === undefined || !isSamePolicy(former.cluster, cluster) ? [] : former.hosts.map((host) => [keyOf(host.endpoint), host]))
  return {
    cluster,
    hosts: cluster.endpoints.map((endpoint) => {
      const host = known.get(keyOf(endpoint))
      // The counter itself is carried over: requests under way still count down on it.
      return host ?? { endpoint, active: 0, total: 0, health: createHealth(), known: undefined }
    }),
    gate: former !== undefined && isSamePolicy(former.cluster, cluster) ? former.gate : createGate(former?.gate.counters),
    next: former?.next ?? 0
  }
}

/** With other policies it is a new cluster: Envoy begins anew there, nobody is ejected. */
function isSamePolicy (a: Cluster, b: Cluster): boolean {
  const policy = ({ loadBalancer, limits, outlierDetection }: Cluster): string => JSON.stringify([loadBalancer, limits, outlierDetection])
  return policy(a) === policy(b)
}

function keyOf (endpoint: Endpoint): string {
  return `${endpoint.address}:${endpoint.port}`
}

export interface Draw {
  /** A number in [0, 1). */
  readonly random: () => number
  /** Milliseconds. */
  readonly clock: () => number
}

/** An endpoint for the next request, one that was not tried before if there is any. Undefined: the cluster has none. */
export function pickHost (pool: Pool, tried: readonly Host[], { random, clock }: Draw): Host | undefined {
  const { outlierDetection } = pool.cluster
  const all = outlierDetection === undefined ? pool.hosts : healthy(outlierDetection, pool.hosts, clock())
  const hosts = tried.length === 0 ? all : preferUntried(all, tried)
  if (hosts.length <= 1) return hosts[0]
  switch (pool.cluster.loadBalancer) {
    case 'ROUND_ROBIN': return hosts[pool.next++ % hosts.length]
    case 'LEAST_REQUEST': return leastRequest(hosts, random)
    default: return hosts[Math.floor(random() * hosts.length)]
  }
}

/** The less busy of two at random (the power of two choices), as Envoy does where all weights are alike. */
function leastRequest (hosts: readonly Host[], random: () => number): Host | undefined {
  const first = hosts[Math.floor(random() * hosts.length)]
  const second = hosts[Math.floor(random() * hosts.length)]
  return first !== undefined && second !== undefined && second.active < first.active ? second : first
}

function preferUntried (hosts: readonly Host[], tried: readonly Host[]): readonly Host[] {
  const rest = hosts.filter((host) => !tried.includes(host))
  return rest.length === 0 ? hosts : rest
}
