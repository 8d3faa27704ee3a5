import { percentile, statistics, type LoadResult, type Samples } from '@bankinfo/load'
import { formatDuration } from '../flags.ts'
import { histogram } from './histogram.ts'

export interface TextOptions {
  readonly percents: readonly number[]
  /** Seconds. */
  readonly resolution: number
  readonly connections: number
}

/** What a run came to, line by line in fortio's shape: documents and scripts read `Code 200 : 19 (95.0 %)` and `# target 50% 0.0035`. */
export function textReport (result: LoadResult, { percents, resolution, connections }: TextOptions): string {
  const sorted = result.latency.sorted()
  const { count, mean, sum } = statistics(sorted)
  const rate = result.seconds > 0 ? count / result.seconds : 0
  const lines = [
    `Ended after ${formatDuration(result.seconds * 1000)} : ${count} calls. qps=${general(rate, 5)}`,
    `Aggregated Function Time : ${summary(result.latency)}`,
    '# range, mid point, percentile, count',
    ...histogram(sorted, resolution).map(({ start, end, count: calls, percent }, index) =>
      `${index === 0 ? '>=' : '>'} ${general(start, 6)} <= ${general(end, 6)} , ${general((start + end) / 2, 6)} , ${percent.toFixed(2)}, ${calls}`),
    ...percents.map((percent) => `# target ${percent}% ${general(percentile(sorted, percent), 6)}`),
    `Sockets used: ${result.sockets} (for perfect keepalive, would be ${connections})`,
    ...[...result.statuses].sort(([a], [b]) => a - b).map(([status, calls]) => `Code ${String(status).padStart(3)} : ${calls} (${(calls / count * 100).toFixed(1)} %)`),
    `Response Header Sizes : ${summary(result.headerBytes)}`,
    `Response Body/Total Sizes : ${summary(result.totalBytes)}`,
    `All done ${count} calls (plus ${result.warmUpCalls} warmup) ${(count === 0 ? 0 : sum / count * 1000).toFixed(3)} ms avg, ${rate.toFixed(1)} qps`
  ]
  if (mean === 0 && count === 0) return `${lines[0]}\nAll done 0 calls (plus ${result.warmUpCalls} warmup) 0.000 ms avg, 0.0 qps\n`
  return `${lines.join('\n')}\n`
}

/** Count, average with standard deviation, least, most and sum of samples. */
export function summary (samples: Samples): string {
  const { count, mean, standardDeviation, min, max, sum } = statistics(samples.sorted())
  return `count ${count} avg ${general(mean, 8)} +/- ${general(standardDeviation, 4)} min ${general(min, 9)} max ${general(max, 9)} sum ${general(sum, 9)}`
}

/** As C's %g: significant digits, no zeros at the end. */
function general (value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)))
}
