/** Counts in Prometheus' text form. */
import { AggregatorRegistry } from 'prom-client'
import { bounds, type Histogram } from './histogram.ts'
import type { Labels } from './labels.ts'

export interface Sample {
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** One metric with all its series, as prom-client takes it. */
export interface MetricFamily {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly values: readonly Sample[]
}

export const contentType = 'text/plain; version=0.0.4; charset=utf-8'

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export async function exposition (families: readonly MetricFamily[]): Promise<string> {
  // Pods of one Deployment have the same labels: their series are one.
  return families.length === 0 ? '' : await AggregatorRegistry.aggregate([families.map((family) => ({ ...family, aggregator: 'sum' }))]).metrics()
}

/** The samples of a histogram's series. */
export function histogramSamples (name: string, labels: Labels, { counts, sum }: Histogram): Sample[] {
  let total = 0
  const buckets = [...bounds, Infinity].map((bound, index): Sample => {
    total += counts[index] ?? 0
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bound === Infinity ? '+Inf' : bound }, value: total }
  })
  return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: total }]
}
