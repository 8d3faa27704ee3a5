/**
 * Istio's standard metrics as numbers: a series for each caller, server, service and answer that a proxy has seen. A request finds its
 * series by a few lookups with strings that are there already; labels are made when a series begins, text when somebody asks.
 * https://istio.io/latest/docs/reference/config/metrics/
 */
import { addValue, createHistograms, type Histograms } from './histogram.ts'
import { labelsOf, partiesOf, type Labels, type Parties } from './labels.ts'
import type { Edge } from '../graph/graph.ts'
import type { AccessRecord } from '../../access-log.ts'
import type { Registry } from '../../compile/registry.ts'

export interface Series {
  readonly labels: Labels
  readonly parties: Parties
  readonly responseCode: number
  readonly responseFlags: string
  readonly grpc: boolean | undefined
  readonly grpcStatus: number | undefined
  requests: number
  /** Of durations, of the bytes of requests, of those of responses. */
  readonly histograms: Histograms
  /** Who calls whom, where this tells of it; null: it does not. Undefined until somebody has looked. */
  edge: Edge | null | undefined
}

/** Answers of one other end. Pods of one Deployment share them: metrics don't tell pods apart. */
interface Peer {
  readonly parties: Parties
  readonly series: Series[]
}

interface Cluster {
  /** By workload id. */
  readonly peers: Map<string, Peer>
  /** By names in labels. */
  readonly shared: Map<string, Peer>
}

/** All that one proxy has counted. */
export interface ProxySeries {
  readonly clusters: Map<string, Cluster>
  readonly all: Series[]
}

/** Many more than a workshop makes. Answers of a kind that comes after so many are not counted. */
const maxSeries = 2000
/** Hosts outside the mesh that a caller has named; further ones are one. */
const maxHosts = 100

export function createProxySeries (): ProxySeries {
  return { clusters: new Map(), all: [] }
}

/** Counts a finished HTTP request. @returns its series, undefined when there are too many */
export function countRequest (proxy: ProxySeries, record: AccessRecord, registry: Registry): Series | undefined {
  const series = find(proxy, record, registry)
  if (series === undefined) return undefined
  series.requests++
  addValue(series.histograms, 0, record.duration)
  addValue(series.histograms, 1, record.bytesReceived)
  addValue(series.histograms, 2, record.bytesSent)
  return series
}

function find (proxy: ProxySeries, record: AccessRecord, registry: Registry): Series | undefined {
  const peer = findPeer(proxy, record, registry)
  for (const series of peer.series) {
    if (series.responseCode === record.responseCode && series.responseFlags === record.responseFlags && series.grpcStatus === record.grpcStatus && series.grpc === record.grpc) return series
  }
  if (proxy.all.length >= maxSeries) return undefined
  const { responseCode, responseFlags, grpc, grpcStatus } = record
  const series: Series = {
    labels: labelsOf(peer.parties, record), parties: peer.parties, responseCode, responseFlags, grpc, grpcStatus, requests: 0, histograms: createHistograms(3), edge: undefined
  }
  proxy.all.push(series)
  peer.series.push(series)
  return series
}

function findPeer (proxy: ProxySeries, record: AccessRecord, registry: Registry): Peer {
  const key = clusterKey(proxy, record)
  let cluster = proxy.clusters.get(key)
  if (cluster === undefined) proxy.clusters.set(key, cluster = { peers: new Map(), shared: new Map() })
  const id = record.peer ?? ''
  let peer = cluster.peers.get(id)
  if (peer === undefined) {
    const parties = partiesOf(registry, key.endsWith('\n') ? { ...record, authority: undefined } : record)
    const { source, destination, service } = parties
    const name = JSON.stringify([source.workload, source.version, destination.workload, destination.version, service.host])
    peer = cluster.shared.get(name) ?? { parties, series: [] }
    cluster.shared.set(name, peer)
    cluster.peers.set(id, peer)
  }
  return peer
}

/** Where no service of the mesh was called, the host that the caller named stands for it. */
function clusterKey ({ clusters }: ProxySeries, { direction, upstreamCluster, routeName, authority }: AccessRecord): string {
  // Gateways and servers never take a name from the client.
  if (upstreamCluster !== undefined && upstreamCluster !== 'PassthroughCluster') return upstreamCluster
  if (direction !== 'outbound') return upstreamCluster ?? routeName ?? ''
  const key = `${upstreamCluster ?? routeName ?? ''}\n${authority ?? ''}`
  return clusters.has(key) || clusters.size < maxHosts ? key : `${upstreamCluster ?? routeName ?? ''}\n`
}

/** Forgets which pods stand for which workload, of pods that are gone. Their counts stay. */
export function forgetPods ({ clusters }: ProxySeries, isThere: (id: string) => boolean): void {
  for (const { peers } of clusters.values()) for (const id of peers.keys()) if (id !== '' && !isThere(id)) peers.delete(id)
}
