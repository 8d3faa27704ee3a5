/** Seconds of calls from `start` to `end`. */
export interface Bucket {
  readonly start: number
  readonly end: number
  readonly count: number
  /** Share of all calls that took no longer than `end`. */
  readonly percent: number
}

/** Upper bounds of fortio's buckets, in units of the resolution: finer where more calls are. */
const bounds: readonly number[] = [
  ...range(1, 11, 1), 12, 14, 16, 18, 20, 25, 30, 35, 40, 45, 50, ...range(60, 100, 10), 120, 140, 160, 180, 200, 250, 300, 350, 400, 450, 500,
  ...range(600, 1000, 100), 2000, 3000, 4000, 5000, 7500, 10_000, 20_000, 30_000, 40_000, 50_000, 75_000, 100_000
]

function range (first: number, last: number, step: number): readonly number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step)
}

/**
 * Counts calls by how long they took; the first bucket begins with the fastest call, the last one ends with the slowest.
 * @param sorted seconds, in rising order
 * @param resolution seconds
 */
export function histogram (sorted: Float64Array, resolution: number): readonly Bucket[] {
  const buckets: Bucket[] = []
  let index = 0
  let previous = 0
  for (const bound of [...bounds.map((value) => value * resolution), Infinity]) {
    const first = index
    while (index < sorted.length && (sorted[index] ?? 0) <= bound) index += 1
    if (index > first) {
      const start = buckets.length === 0 ? sorted[first] ?? 0 : previous
      const end = index === sorted.length ? sorted[index - 1] ?? 0 : bound
      buckets.push({ start, end, count: index - first, percent: index / sorted.length * 100 })
    }
    previous = bound
  }
  return buckets
}
