/** Clusters: a host's port, or the part of it that a DestinationRule's subset names, with the policies for it. */
import { destinationRulesFor } from './destination-rules.ts'
import { selects } from './names.ts'
import { compileLimits } from '../upstream/connection-pool.ts'
import { compileConnection } from '../upstream/pools.ts'
import { compileConsistentHash } from '../upstream/consistent-hash.ts'
import { compileOutlierDetection } from '../upstream/outlier-detection.ts'
import { compileWarmup } from '../upstream/weights.ts'
import { isHttp2, type MeshHost, type Registry } from './registry.ts'
import type { View } from './view.ts'
import type { LoadBalancerSpec, PolicyBlocks, TrafficPolicySpec } from './spec.ts'
import type { Protocol } from '../model.ts'
import type { Cluster, LoadBalancerPolicy } from '../table.ts'

export function clusterName (host: string, port: number, subset = ''): string {
  return `outbound|${port}|${subset}|${host}`
}

/** The names of all clusters of a table. */
export function clusterNames (registry: Registry, view: View): string[] {
  return [...view.hosts.values()].flatMap((host) => {
    const subsets = destinationRulesFor(registry, view, host).flatMap(({ spec }) => spec.subsets ?? []).map(({ name }) => name ?? '')
    return host.ports.flatMap(({ number }) => ['', ...new Set(subsets)].map((subset) => clusterName(host.hostname, number, subset)))
  })
}

interface Destination {
  readonly host: string
  readonly port: number
  readonly subset?: string | undefined
}

/** A table's clusters by Envoy's name `outbound|PORT|SUBSET|HOST`; each is built when first asked for, undefined where Istio has none. */
export function clustersOf (registry: Registry, view: View): (name: string) => Cluster | undefined {
  const clusters = new Map<string, Cluster | undefined>()
  return (name) => {
    const known = clusters.get(name)
    if (known !== undefined || clusters.has(name)) return known
    const [, port, subset, host = ''] = name.split('|')
    const cluster = buildCluster(registry, view, { host, port: Number(port), subset: subset === '' ? undefined : subset })
    clusters.set(name, cluster)
    return cluster
  }
}

/** The cluster of a destination, or undefined where Istio has none: unknown host, port or subset (503 NC). */
function buildCluster (registry: Registry, view: View, destination: Destination): Cluster | undefined {
  const host = view.hosts.get(destination.host)
  const port = host?.ports.find((candidate) => candidate.number === destination.port)
  if (host === undefined || port === undefined) return undefined
  const rules = destinationRulesFor(registry, view, host)
  const subset = rules.flatMap((rule) => rule.spec.subsets ?? []).find((candidate) => candidate.name === destination.subset)
  if (destination.subset !== undefined && subset === undefined) return undefined
  const policy = effectivePolicy([rules.find((rule) => rule.spec.trafficPolicy !== undefined)?.spec.trafficPolicy, subset?.trafficPolicy], port.number)
  const balancer = loadBalancer(policy.loadBalancer, host)
  // With PASSTHROUGH a host's endpoints are not looked at: requests go where they were sent.
  const passes = balancer === 'PASSTHROUGH'
  const endpoints = passes ? [] : host.endpoints(port).filter(({ labels }) => selects(subset?.labels, labels))
  return {
    name: clusterName(host.hostname, port.number, destination.subset),
    host: host.hostname,
    port: port.number,
    protocol: port.protocol,
    ...(destination.subset === undefined ? {} : { subset: destination.subset }),
    discovery: passes ? 'ORIGINAL_DST' : host.discovery,
    loadBalancer: balancer,
    ...policies(policy),
    ...http2Of(policy, port.protocol),
    ...(new Set(endpoints.map(({ weight = 1 }) => weight)).size > 1 ? { weighted: true } : {}),
    endpoints: endpoints.map(({ address, port, workload, weight }) => ({ address, port, ...(workload === undefined ? {} : { workload }), ...(weight === undefined ? {} : { weight }) }))
  }
}

/** https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings-HTTPSettings-H2UpgradePolicy */
function http2Of ({ connectionPool: { http } = {} }: PolicyBlocks, protocol: Protocol): Pick<Cluster, 'http2'> {
  if (http?.useClientProtocol === true) return { http2: 'as the client' }
  return isHttp2(protocol) || http?.h2UpgradePolicy === 'UPGRADE' ? { http2: 'always' } : {}
}

function policies ({ connectionPool, loadBalancer = {}, outlierDetection }: PolicyBlocks): Partial<Cluster> {
  const compiled: { -readonly [Field in keyof Cluster]?: Cluster[Field] | undefined } = {
    limits: compileLimits(connectionPool),
    connection: compileConnection(connectionPool),
    outlierDetection: compileOutlierDetection(outlierDetection),
    hash: compileConsistentHash(loadBalancer.consistentHash),
    warmup: compileWarmup(loadBalancer)
  }
  return Object.fromEntries(Object.entries(compiled).filter(([, value]) => value !== undefined))
}

/** What policies come to for a port: a subset's blocks override the rule's, and settings for the port replace all at their level. */
export function effectivePolicy (policies: ReadonlyArray<TrafficPolicySpec | undefined>, port: number): PolicyBlocks {
  let blocks: PolicyBlocks = {}
  for (const policy of policies) {
    if (policy === undefined) continue
    const { portLevelSettings, ...own } = policy
    blocks = portLevelSettings?.find((settings) => settings.port?.number === port) ?? { ...blocks, ...own }
  }
  return blocks
}

/** Least request unless something is said. */
function loadBalancer ({ simple, consistentHash }: LoadBalancerSpec = {}, host: MeshHost): LoadBalancerPolicy {
  if (host.discovery === 'ORIGINAL_DST') return 'PASSTHROUGH'
  if (consistentHash !== undefined) return consistentHash.maglev === undefined ? 'RING_HASH' : 'MAGLEV'
  switch (simple) {
    case 'ROUND_ROBIN':
    case 'RANDOM':
    case 'PASSTHROUGH': return simple
    default: return 'LEAST_REQUEST'
  }
}
