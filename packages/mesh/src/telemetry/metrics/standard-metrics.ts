/** Istio's standard metrics of one proxy. https://istio.io/latest/docs/reference/config/metrics/#metrics */
import { readHistogram } from './histogram.ts'
import { histogramSamples, type MetricFamily } from './exposition.ts'
import type { Series } from './series.ts'

/** In the order in which a series has them. */
const histograms = [
  ['istio_request_duration_milliseconds', 'Duration of requests'],
  ['istio_request_bytes', 'Size of HTTP request bodies'],
  ['istio_response_bytes', 'Size of HTTP response bodies']
] as const

export function standardMetrics (all: readonly Series[]): MetricFamily[] {
  if (all.length === 0) return []
  return [
    { name: 'istio_requests_total', help: 'Requests handled by an Istio proxy', type: 'counter', values: all.map(({ labels, requests }) => ({ labels, value: requests })) },
    ...histograms.map(([name, help], which): MetricFamily => ({
      name, help, type: 'histogram', values: all.flatMap((series) => histogramSamples(name, series.labels, readHistogram(series.histograms, which)))
    }))
  ]
}

/** Everything at 0 again; the series stay. */
export function resetMetrics (all: readonly Series[]): void {
  for (const series of all) {
    series.requests = 0
    series.histograms.fill(0)
  }
}
