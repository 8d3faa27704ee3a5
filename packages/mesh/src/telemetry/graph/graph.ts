/**
 * Who calls whom: requests counted by caller, service and version in slots of time, so that rates, errors and latencies can be told
 * for any window of the last ten minutes.
 */
import { addLatency, createLatencies, mergeLatencies, percentile, type Latencies } from './latency.ts'
import { unknown } from '../identity.ts'
import type { AccessRecord } from '../../access-log.ts'
import type { Parties } from '../metrics/labels.ts'

const slotLength = 5000
export const maxWindow = 600_000
const slots = maxWindow / slotLength
/** Callers times services; a workshop has some dozens. */
const maxEdges = 1000

interface Slot {
  /** Number of the slot since the epoch. */
  index: number
  requests: number
  errors: number
  faults: number
  latencies: Latencies
}

/** One caller and what it calls, over the last ten minutes. */
export interface Edge {
  readonly from: GraphNode
  readonly to: GraphNode
  readonly service: string
  readonly protocol: GraphEdge['protocol']
  readonly slots: Slot[]
}

export interface GraphNode {
  /** `productpage`, or the host of what is outside the mesh. */
  readonly name: string
  /** `v1`; absent where none is known. */
  readonly version?: string
  readonly namespace?: string
  /** `mesh`: has a proxy. `cluster`: a pod without one. `external`: outside the cluster. `blocked`: the mesh let no call out. `none`: nobody known. */
  readonly kind: 'gateway' | 'mesh' | 'cluster' | 'external' | 'blocked' | 'none'
}

export interface GraphEdge {
  readonly from: GraphNode
  readonly to: GraphNode
  /** Host that was called. */
  readonly service: string
  readonly protocol: 'http' | 'grpc' | 'tcp'
  readonly requests: number
  /** Per second. */
  readonly rate: number
  /** Share, 0 to 1, of answers 5xx and of requests without an answer. */
  readonly errors: number
  /** Requests that a fault rule delayed or answered. */
  readonly faults: number
  /** Milliseconds. */
  readonly p50?: number
  readonly p99?: number
}

export interface Graph {
  /** Seconds that the numbers are of. */
  readonly window: number
  readonly edges: readonly GraphEdge[]
}

export type Edges = Map<string, Edge>

export interface EdgeEnds {
  readonly parties: Parties
  readonly sourceKind: 'gateway' | 'sidecar' | 'plain' | undefined
  readonly destinationKind: 'gateway' | 'sidecar' | 'plain' | undefined
  readonly protocol: GraphEdge['protocol']
}

/** The edge of these ends; undefined when there are too many. */
export function edgeOf (edges: Edges, ends: EdgeEnds): Edge | undefined {
  const { parties: { source, destination, service }, protocol } = ends
  const from = source.workload === unknown ? { name: unknown, kind: 'none' as const } : nodeOf(source, ends.sourceKind === 'gateway' ? 'gateway' : 'mesh')
  const to = destination.workload === unknown ? outside(service.host, service.name, service.namespace) : nodeOf(destination, ends.destinationKind === 'plain' ? 'cluster' : ends.destinationKind === 'gateway' ? 'gateway' : 'mesh')
  const key = JSON.stringify([from, to, service.host, protocol])
  const known = edges.get(key)
  if (known !== undefined || edges.size >= maxEdges) return known
  const edge: Edge = { from, to, service: service.host, protocol, slots: [] }
  edges.set(key, edge)
  return edge
}

function nodeOf ({ canonicalService, canonicalRevision, namespace }: Parties['source'], kind: GraphNode['kind']): GraphNode {
  return { name: canonicalService, ...(canonicalRevision === 'latest' ? {} : { version: canonicalRevision }), namespace, kind }
}

/** Nobody was reached that the cluster knows. */
function outside (host: string, name: string, namespace: string): GraphNode {
  if (name === 'BlackHoleCluster') return { name: host, kind: 'blocked' }
  return host.endsWith('.svc.cluster.local') ? { name, namespace, kind: 'none' } : { name: host, kind: 'external' }
}

export function countEdge (edge: Edge, { startTime, duration, responseCode, responseFlags, protocol }: AccessRecord): void {
  const index = Math.floor((startTime + duration) / slotLength)
  const place = index % slots
  let slot = edge.slots[place]
  if (slot === undefined) {
    slot = { index, requests: 0, errors: 0, faults: 0, latencies: createLatencies() }
    edge.slots[place] = slot
  } else if (slot.index !== index) {
    slot.index = index
    slot.requests = slot.errors = slot.faults = 0
    slot.latencies.fill(0)
  }
  slot.requests++
  if (isError(protocol === undefined, responseCode, responseFlags)) slot.errors++
  if (responseFlags !== '-' && /\b(?:DI|FI)\b/.test(responseFlags)) slot.faults++
  addLatency(slot.latencies, duration)
}

/** A connection has failed when it was not made; a request when the answer is 5xx or there was none. */
function isError (tcp: boolean, code: number, flags: string): boolean {
  return tcp ? flags !== '-' : code === 0 || code >= 500
}

/** The edges with requests in the last `window` milliseconds, in the order of the calls. */
export function graphOf (edges: Edges, window: number, now: number): Graph {
  const oldest = Math.floor((now - Math.min(window, maxWindow)) / slotLength)
  const seconds = (now - oldest * slotLength) / 1000
  const found = [...edges.values()].flatMap((edge): GraphEdge[] => {
    const recent = edge.slots.filter(({ index }) => index >= oldest)
    if (recent.length === 0) return []
    const latencies = createLatencies()
    for (const slot of recent) mergeLatencies(latencies, slot.latencies)
    const requests = sum(recent, 'requests')
    const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)]
    const { from, to, service, protocol } = edge
    return [{
      from, to, service, protocol, requests, rate: requests / seconds, errors: sum(recent, 'errors') / requests, faults: sum(recent, 'faults'), ...(p50 === undefined ? {} : { p50 }), ...(p99 === undefined ? {} : { p99 })
    }]
  })
  return { window: seconds, edges: found.sort((a, b) => orderOf(a).localeCompare(orderOf(b))) }
}

function sum (list: readonly Slot[], key: 'requests' | 'errors' | 'faults'): number {
  return list.reduce((total, slot) => total + slot[key], 0)
}

function orderOf ({ from, to }: GraphEdge): string {
  return [from.kind === 'gateway' ? 0 : 1, from.name, from.version, to.name, to.version].join(' ')
}
