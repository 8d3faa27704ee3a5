/**
 * A proxy's statistics under Envoy's names.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats
 */
import { statisticsShown } from './inclusion.ts'
import type { MetricFamily, Sample } from '../metrics/exposition.ts'
import type { ProxyContext } from '../../proxy/context.ts'
import type { Workload } from '../../model.ts'

export interface Statistic {
  readonly name: string
  readonly value: number
  readonly type: 'counter' | 'gauge'
  /** Of a cluster's statistic: the cluster, and the name within it. */
  readonly cluster?: { readonly name: string, readonly statistic: string }
}

/** What a counter stood at when it was last set back. */
export type Baselines = Map<string, number>

const gauges = /^(?:circuit_breakers\..*_open|membership_.*|.*_active|.*\.remaining_.*|lb_.*|max_host_weight|version)$/

/** Istio ends a cluster's name by `;`, so that names with dots can be told from what follows. */
export function clusterStatistics (context: Pick<ProxyContext, 'statistics'>): Statistic[] {
  return context.statistics().flatMap(({ cluster, values }) => values.map(([statistic, value]): Statistic => ({
    name: `cluster.${cluster};.${statistic}`, value, type: gauges.test(statistic) ? 'gauge' : 'counter', cluster: { name: cluster, statistic }
  })))
}

const started = Date.now()

function serverStatistics (context: ProxyContext): Statistic[] {
  const clusters = context.clusters()
  const gauge = (name: string, value: number): Statistic => ({ name, value, type: 'gauge' })
  return [
    gauge('cluster_manager.active_clusters', clusters.length),
    gauge('cluster_manager.warming_clusters', 0),
    gauge('listener_manager.workers_started', 1),
    gauge('server.concurrency', 1),
    gauge('server.live', 1),
    gauge('server.state', 0),
    gauge('server.uptime', Math.floor((Date.now() - started) / 1000))
  ]
}

/** What shows of a proxy's statistics, counters since they were last set back, by name. */
export function statisticsOf (context: ProxyContext, workload: Workload, baselines: Baselines): Statistic[] {
  const shows = statisticsShown(workload.annotations)
  return [...serverStatistics(context), ...clusterStatistics(context)]
    .filter(({ name }) => shows(name))
    .map((statistic) => statistic.type === 'gauge' ? statistic : { ...statistic, value: Math.max(statistic.value - (baselines.get(statistic.name) ?? 0), 0) })
    .sort((a, b) => a.name < b.name ? -1 : 1)
}

/** Sets all counters back. */
export function resetCounters (context: ProxyContext, baselines: Baselines): void {
  for (const { name, value, type } of clusterStatistics(context)) if (type === 'counter') baselines.set(name, value)
}

const statusClass = /^upstream_rq_([1-5]xx)$/
const statusCode = /^upstream_rq_(\d{3})$/

/** As Envoy names them for Prometheus: the cluster and the status are labels. */
export function prometheusFamilies (statistics: readonly Statistic[]): MetricFamily[] {
  const families = new Map<string, { type: Statistic['type'], values: Sample[] }>()
  for (const { name, value, type, cluster } of statistics) {
    const statistic = cluster?.statistic ?? name
    const responseClass = cluster === undefined ? undefined : statusClass.exec(statistic)?.[1]
    const responseCode = cluster === undefined ? undefined : statusCode.exec(statistic)?.[1]
    const base = responseClass === undefined && responseCode === undefined ? statistic : 'upstream_rq'
    const family = `envoy_${cluster === undefined ? '' : 'cluster_'}${base.replace(/[^a-zA-Z0-9_]/g, '_')}`
    const labels = {
      ...(cluster === undefined ? {} : { cluster_name: cluster.name }),
      ...(responseCode === undefined ? {} : { response_code: responseCode }),
      ...(responseClass === undefined ? {} : { response_code_class: responseClass })
    }
    const known = families.get(family) ?? { type, values: [] }
    families.set(family, known)
    known.values.push({ labels, value })
  }
  return [...families].map(([name, { type, values }]) => ({ name, help: name, type, values }))
}
