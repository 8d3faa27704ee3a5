import { percentile, statistics, type LoadResult, type Samples } from '@bankinfo/load'
import { formatDuration } from '../flags.ts'
import { histogram } from './histogram.ts'

export interface JsonOptions {
  readonly labels: string
  readonly startTime: Date
  readonly url: string
  readonly connections: number
  /** Calls per second; none for as fast as they are answered. */
  readonly rate: number | undefined
  readonly requests: number | undefined
  /** Milliseconds. */
  readonly durationMs: number | undefined
  readonly percents: readonly number[]
  /** Seconds. */
  readonly resolution: number
}

/** What a run came to, under the names of fortio's JSON, for programs made for it. Times are in seconds, ActualDuration in nanoseconds. */
export function jsonReport (result: LoadResult, options: JsonOptions): object {
  return {
    RunType: 'HTTP',
    Labels: options.labels,
    StartTime: options.startTime.toISOString(),
    RequestedQPS: options.rate === undefined ? 'max' : String(options.rate),
    RequestedDuration: options.requests === undefined ? formatDuration(options.durationMs ?? 0) : `exactly ${options.requests} calls`,
    ActualQPS: result.seconds > 0 ? result.latency.count / result.seconds : 0,
    ActualDuration: Math.round(result.seconds * 1e9),
    NumThreads: options.connections,
    DurationHistogram: distribution(result.latency, options),
    Exactly: options.requests ?? 0,
    RetCodes: Object.fromEntries([...result.statuses].map(([status, calls]) => [String(status), calls])),
    Sizes: distribution(result.totalBytes),
    HeaderSizes: distribution(result.headerBytes),
    URL: options.url,
    NumConnections: 1,
    SocketCount: result.sockets,
    /** Not among fortio's: why calls had no answer. */
    Errors: Object.fromEntries(result.errors)
  }
}

function distribution (samples: Samples, options?: Pick<JsonOptions, 'percents' | 'resolution'>): object {
  const sorted = samples.sorted()
  const { count, min, max, mean, standardDeviation, sum } = statistics(sorted)
  const summary = { Count: count, Min: min, Max: max, Sum: sum, Avg: mean, StdDev: standardDeviation }
  if (options === undefined) return summary
  return {
    ...summary,
    Data: histogram(sorted, options.resolution).map((bucket) => ({ Start: bucket.start, End: bucket.end, Percent: bucket.percent, Count: bucket.count })),
    Percentiles: options.percents.map((percent) => ({ Percentile: percent, Value: percentile(sorted, percent) }))
  }
}
