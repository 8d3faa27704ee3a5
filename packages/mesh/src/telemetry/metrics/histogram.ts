/** Counts by size, in the buckets that Istio's proxies use for durations (milliseconds) and for bodies (bytes) alike. */

/** Upper bounds; what is larger is counted behind them. Envoy's defaults. */
export const bounds: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000
]

export interface Histogram {
  /** Values up to each bound and above the one before it; the last: above all. */
  readonly counts: Float64Array
  sum: number
}

export function createHistogram (): Histogram {
  return { counts: new Float64Array(bounds.length + 1), sum: 0 }
}

export function addValue (histogram: Histogram, value: number): void {
  let index = 0
  while (value > (bounds[index] ?? Infinity)) index++
  histogram.counts[index] = (histogram.counts[index] ?? 0) + 1
  histogram.sum += value
}

export function clear (histogram: Histogram): void {
  histogram.counts.fill(0)
  histogram.sum = 0
}
