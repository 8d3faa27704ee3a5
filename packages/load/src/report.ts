import type { LoadResult } from './load.ts'
import { percentile, statistics } from './statistics.ts'

/** What a run came to, as plain data. */
export interface LoadReport {
  readonly calls: number
  /** Of the whole run. */
  readonly seconds: number
  /** Calls per second. */
  readonly rate: number
  /** Connections that were opened. */
  readonly sockets: number
  /** Calls by status; "-1" is no answer. */
  readonly statuses: Readonly<Record<string, number>>
  /** Calls without an answer, by reason. */
  readonly errors: Readonly<Record<string, number>>
  /** Seconds. */
  readonly latency: {
    readonly min: number
    readonly mean: number
    readonly max: number
    readonly standardDeviation: number
    /** By percent, like "99.9". */
    readonly percentiles: Readonly<Record<string, number>>
  }
  readonly interrupted: boolean
}

/** @param percents from 0 to 100 */
export function reportOf (result: LoadResult, percents: readonly number[] = [50, 75, 90, 99, 99.9]): LoadReport {
  const sorted = result.latency.sorted()
  const { count, min, max, mean, standardDeviation } = statistics(sorted)
  return {
    calls: count,
    seconds: result.seconds,
    rate: result.seconds > 0 ? count / result.seconds : 0,
    sockets: result.sockets,
    statuses: Object.fromEntries([...result.statuses].sort(([a], [b]) => a - b).map(([status, calls]) => [String(status), calls])),
    errors: Object.fromEntries(result.errors),
    latency: { min, mean, max, standardDeviation, percentiles: Object.fromEntries(percents.map((percent) => [String(percent), percentile(sorted, percent)])) },
    interrupted: result.interrupted
  }
}
