/** Load balancing of one caller: which endpoint of a cluster gets the next request. */
import { buildTable, type Lookup } from './consistent-hash.ts'
import { createGate, type Gate } from './connection-pool.ts'
import { createHealth, healthy, type Health } from './outlier-detection.ts'
import { inTurn, lessBusy, weightOf } from './weights.ts'
import type { Directory, Peer } from './directory.ts'
import type { Cluster, Endpoint } from '../table.ts'

export interface Host {
  readonly endpoint: Endpoint
  /** Clock time at which this caller first saw it. */
  readonly since: number
  /** Requests under way from this caller. */
  active: number
  /** Requests sent in all. */
  total: number
  credit: number
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
  /** Consistent hashing's table for the endpoints that may be used. */
  table: { readonly hosts: readonly Host[], readonly find: Lookup } | undefined
}

/** Keeps counts of endpoints that are still there when a cluster is compiled anew. */
export function poolOf (cluster: Cluster, former: Pool | undefined, now: number): Pool {
  const same = former !== undefined && isSamePolicy(former.cluster, cluster)
  const known = new Map(same ? former.hosts.map((host) => [keyOf(host.endpoint), host]) : [])
  return {
    cluster,
    hosts: cluster.endpoints.map((endpoint) => {
      const host = known.get(keyOf(endpoint))
      // The counter itself is carried over: requests under way still count down on it.
      return host ?? { endpoint, since: now, active: 0, total: 0, credit: 0, health: createHealth(), known: undefined }
    }),
    gate: same ? former.gate : createGate(former?.gate.counters),
    next: former?.next ?? 0,
    table: undefined
  }
}

/** With other policies it is a new cluster: Envoy begins anew there, nobody is ejected. */
function isSamePolicy (a: Cluster, b: Cluster): boolean {
  const policy = ({ loadBalancer, limits, outlierDetection, hash, warmup }: Cluster): string => JSON.stringify([loadBalancer, limits, outlierDetection, hash, warmup])
  return policy(a) === policy(b)
}

function keyOf ({ address, port, weight }: Endpoint): string {
  return weight === undefined ? `${address}:${port}` : `${address}:${port} ${weight}`
}

export interface Draw {
  /** A number in [0, 1). */
  readonly random: () => number
  /** Milliseconds. */
  readonly clock: () => number
}

/** An endpoint for the next request, one that was not tried before if there is any. Undefined: the cluster has none. */
export function pickHost (pool: Pool, tried: readonly Host[], draw: Draw, hash?: bigint): Host | undefined {
  const { outlierDetection, loadBalancer, warmup, weighted } = pool.cluster
  const all = outlierDetection === undefined ? pool.hosts : healthy(outlierDetection, pool.hosts, draw.clock())
  if (all.length > 1 && pool.cluster.hash !== undefined) return byHash(pool, all, { tried, hash: hash ?? BigInt(Math.floor(draw.random() * 2 ** 52)) << 12n })
  const hosts = tried.length === 0 ? all : preferUntried(all, tried)
  if (hosts.length <= 1) return hosts[0]
  if ((weighted === true || warmup !== undefined) && (loadBalancer === 'ROUND_ROBIN' || loadBalancer === 'LEAST_REQUEST')) {
    const now = draw.clock()
    const weight = (host: Host): number => weightOf(host, warmup, now)
    return loadBalancer === 'ROUND_ROBIN' ? inTurn(hosts, weight) : lessBusy(hosts, weight, draw.random())
  }
  switch (loadBalancer) {
    case 'ROUND_ROBIN': return hosts[pool.next++ % hosts.length]
    case 'LEAST_REQUEST': return leastRequest(hosts, draw.random)
    default: return hosts[Math.floor(draw.random() * hosts.length)]
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

/** Envoy looks this often for an endpoint that was not tried (host_selection_retry_max_attempts). */
const maxLooks = 5

function byHash (pool: Pool, hosts: readonly Host[], { tried, hash }: { tried: readonly Host[], hash: bigint }): Host | undefined {
  const config = pool.cluster.hash
  if (config === undefined) return undefined
  if (pool.table === undefined || !sameHosts(pool.table.hosts, hosts)) {
    pool.table = { hosts, find: buildTable(config, hosts.map(({ endpoint: { address, port, weight = 1 } }) => ({ key: `${address}:${port}`, weight }))) }
  }
  const { find } = pool.table
  let host = hosts[find(hash)]
  for (let look = 1; look <= maxLooks && host !== undefined && tried.includes(host); look++) host = hosts[find(hash, look)]
  return host
}

function sameHosts (a: readonly Host[], b: readonly Host[]): boolean {
  return a === b || (a.length === b.length && a.every((host, index) => host === b[index]))
}
