/**
 * What the mesh tells of its traffic: Istio's metrics of each proxy, who calls whom, and the last traces. The proxies hand in a record for
 * each finished request; counting it costs some lookups, everything else is done when somebody asks.
 */
import { countEdge, edgeOf, graphOf, type Edge, type Edges, type Graph } from './graph/graph.ts'
import { partiesOf, type Parties } from './metrics/labels.ts'
import { countRequest, createProxySeries, forgetPods, type ProxySeries } from './metrics/series.ts'
import { resetMetrics, standardMetrics } from './metrics/standard-metrics.ts'
import { createTraceStore } from './traces/trace-store.ts'
import { createSpanQueue } from './traces/span-queue.ts'
import { summaryOf, traceOf, type Span, type Trace, type TraceSummary } from './traces/spans.ts'
import { unknown } from './identity.ts'
import type { AccessRecord } from '../access-log.ts'
import type { MetricFamily } from './metrics/exposition.ts'
import type { Registry } from '../compile/registry.ts'
import type { Baselines } from './admin/statistics.ts'

export interface Telemetry {
  /** Whether the proxies put their spans into the trace context that they pass on. */
  readonly propagates: boolean
  /** Takes the line of a finished request or connection. */
  readonly observe: (record: AccessRecord) => void
  /** Tells what the cluster is now; what was counted of proxies that are gone is forgotten. */
  readonly update: (registry: Registry) => void
  /** Istio's standard metrics as one proxy reports them. */
  readonly metrics: (proxy: string) => readonly MetricFamily[]
  /** What the counters of a proxy stood at when they were last set back. */
  readonly baselines: (proxy: string) => Baselines
  readonly resetMetrics: (proxy: string) => void
  /** Who called whom in the last `window` milliseconds, ten minutes at most. */
  readonly graph: (window: number) => Graph
  /** Newest last. */
  readonly traces: () => TraceSummary[]
  /** By x-request-id or trace id, or the beginning of either when it is the only one. */
  readonly trace: (id: string) => Trace | undefined
}

export interface TelemetryOptions {
  /**
   * Takes spans in batches, some moments after their end; the proxies then pass their trace context on, as Istio's do with a tracing
   * provider. Without it no header of a request is touched.
   */
  readonly onSpans?: (spans: readonly Span[]) => void
  /** Milliseconds since the epoch, as Date.now. */
  readonly clock?: () => number
}

export function createTelemetry ({ clock = Date.now, onSpans }: TelemetryOptions = {}): Telemetry {
  const proxies = new Map<string, ProxySeries>()
  const resets = new Map<string, Baselines>()
  const edges: Edges = new Map()
  const traces = createTraceStore()
  let registry: Registry | undefined
  const spans = onSpans === undefined ? undefined : createSpanQueue(onSpans, () => registry)

  const edgeFor = (parties: Parties, record: AccessRecord): Edge | undefined => {
    // The caller's side tells of a call; the server's only where the caller has no proxy.
    if (registry === undefined || (parties.reporter === 'destination' && parties.source.workload !== unknown)) return undefined
    const [caller, server] = parties.reporter === 'source' ? [record.proxy, record.peer] : [record.peer, record.proxy]
    const kindOf = (id: string | undefined): EdgeKind => id === undefined ? undefined : registry?.workloadById.get(id)?.kind
    const protocol = record.protocol === undefined ? 'tcp' : record.grpc === true ? 'grpc' : 'http'
    return edgeOf(edges, { parties, sourceKind: kindOf(caller), destinationKind: kindOf(server), protocol })
  }

  const observeHttp = (record: AccessRecord, known: Registry): void => {
    let proxy = proxies.get(record.proxy)
    if (proxy === undefined) proxies.set(record.proxy, proxy = createProxySeries())
    const series = countRequest(proxy, record, known)
    if (series !== undefined) {
      if (series.edge === undefined) series.edge = edgeFor(series.parties, record) ?? null
      if (series.edge !== null) countEdge(series.edge, record)
    }
    traces.add(record)
    spans?.add(record)
  }

  return {
    propagates: onSpans !== undefined,
    observe: (record) => {
      if (registry === undefined) return
      if (record.protocol !== undefined) {
        observeHttp(record, registry)
      } else {
        const edge = edgeFor(partiesOf(registry, record), record)
        if (edge !== undefined) countEdge(edge, record)
      }
    },
    update: (next) => {
      registry = next
      const isThere = (id: string): boolean => next.workloadById.has(id)
      for (const [id, proxy] of proxies) {
        if (isThere(id)) forgetPods(proxy, isThere)
        else proxies.delete(id)
      }
      for (const id of resets.keys()) if (!isThere(id)) resets.delete(id)
    },
    metrics: (proxy) => standardMetrics(proxies.get(proxy)?.all ?? []),
    baselines: (proxy) => {
      let baselines = resets.get(proxy)
      if (baselines === undefined) resets.set(proxy, baselines = new Map())
      return baselines
    },
    resetMetrics: (proxy) => { resetMetrics(proxies.get(proxy)?.all ?? []) },
    graph: (window) => graphOf(edges, window, clock()),
    traces: () => {
      const known = registry
      return known === undefined ? [] : traces.all().map((kept) => summaryOf(traceOf(kept, known)))
    },
    trace: (id) => {
      const known = registry
      if (known === undefined) return undefined
      const exact = traces.get(id)
      if (exact !== undefined) return traceOf(exact, known)
      const wanted = id.toLowerCase()
      const all = traces.all().map((kept) => traceOf(kept, known))
      const found = all.filter(({ traceId, requestId }) => traceId === wanted || (wanted.length >= 4 && (traceId.startsWith(wanted) || requestId.startsWith(wanted))))
      return found.find(({ traceId }) => traceId === wanted) ?? (found.length === 1 ? found[0] : undefined)
    }
  }
}

type EdgeKind = 'gateway' | 'sidecar' | 'plain' | undefined
