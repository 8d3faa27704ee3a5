export interface Statistics {
  readonly count: number
  readonly min: number
  readonly max: number
  readonly mean: number
  /** Of the population, not of a sample of it: these are all calls. */
  readonly standardDeviation: number
  readonly sum: number
}

/** Zeros when there is nothing. */
export function statistics (values: Float64Array): Statistics {
  const count = values.length
  if (count === 0) return { count: 0, min: 0, max: 0, mean: 0, standardDeviation: 0, sum: 0 }
  let [min, max, sum] = [Infinity, -Infinity, 0]
  for (const value of values) {
    if (value < min) min = value
    if (value > max) max = value
    sum += value
  }
  const mean = sum / count
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return { count, min, max, mean, standardDeviation: Math.sqrt(squares / count), sum }
}

/**
 * The least value that this share of all values does not exceed (nearest rank), exact: nothing is rounded into buckets.
 * @param sorted in rising order
 * @param percent from 0 to 100
 */
export function percentile (sorted: Float64Array, percent: number): number {
  // 99.9 % of 1000 is 999.0000000000001 in floating point, and must not be the thousandth.
  const rank = Math.ceil(Number((percent / 100 * sorted.length).toPrecision(12)))
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1] ?? 0
}
