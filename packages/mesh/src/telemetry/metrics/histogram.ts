/** Counts by size, in the buckets that Istio's proxies use for durations (milliseconds) and for bodies (bytes) alike. */

/** Upper bounds; what is larger is counted behind them. Envoy's defaults. */
export const bounds: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000
]

/**
 * Several histograms in one piece of memory, since each request adds to all of them: for each the values up to each bound and above the one
 * before it, those above all, and the sum.
 */
export type Histograms = Float64Array

const size = bounds.length + 2

export interface Histogram {
  readonly counts: readonly number[]
  readonly sum: number
}

export function createHistograms (count: number): Histograms {
  return new Float64Array(count * size)
}

/** Adds a value to the histogram of that number. */
export function addValue (histograms: Histograms, which: number, value: number): void {
  const start = which * size
  let index = 0
  while (index < bounds.length && value > (bounds[index] ?? 0)) index++
  histograms[start + index] = (histograms[start + index] ?? 0) + 1
  histograms[start + size - 1] = (histograms[start + size - 1] ?? 0) + value
}

export function readHistogram (histograms: Histograms, which: number): Histogram {
  const start = which * size
  return { counts: [...histograms.subarray(start, start + size - 1)], sum: histograms[start + size - 1] ?? 0 }
}
