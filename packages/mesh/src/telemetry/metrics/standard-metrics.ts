/** Istio's standard metrics of one proxy. https://istio.io/latest/docs/reference/config/metrics/#metrics */
import { clear, type Histogram } from './histogram.ts'
import { histogramSamples, type MetricFamily } from './exposition.ts'
import type { Series } from './series.ts'

const histograms: ReadonlyArray<readonly [name: string, help: string, of: (series: Series) => Histogram]> = [
  ['istio_request_duration_milliseconds', 'Duration of requests', ({ durations }) => durations],
  ['istio_request_bytes', 'Size of HTTP request bodies', ({ requestBytes }) => requestBytes],
  ['istio_response_bytes', 'Size of HTTP response bodies', ({ responseBytes }) => responseBytes]
]

export function standardMetrics (all: readonly Series[]): MetricFamily[] {
  if (all.length === 0) return []
  return [
    { name: 'istio_requests_total', help: 'Requests handled by an Istio proxy', type: 'counter', values: all.map(({ labels, requests }) => ({ labels, value: requests })) },
    ...histograms.map(([name, help, of]): MetricFamily => ({ name, help, type: 'histogram', values: all.flatMap((series) => histogramSamples(name, series.labels, of(series))) }))
  ]
}

/** Everything at 0 again; the series stay. */
export function resetMetrics (all: readonly Series[]): void {
  for (const series of all) {
    series.requests = 0
    for (const [, , of] of histograms) clear(of(series))
  }
}
