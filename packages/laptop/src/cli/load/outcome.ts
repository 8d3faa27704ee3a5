import { STATUS_CODES } from 'node:http'
import type { LoadReport } from '@bankinfo/load'
import { createTablePrinter } from '../print/table.ts'
import type { FlagCounts } from './response-flags.ts'

/** What a run came to. */
export interface Outcome {
  readonly url: string
  /** The pod that called, or "outside". */
  readonly from: string
  readonly connections: number
  readonly report: LoadReport
  readonly flags: FlagCounts
}

/** Response flags in a few words. https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#response-flags */
const meanings: Readonly<Record<string, string>> = {
  '-': 'nothing to report: the answer is the upstream\'s, or the proxy\'s own by a rule',
  DC: 'the caller closed the connection',
  DI: 'delayed by a fault rule',
  DPE: 'the request was no proper HTTP',
  FI: 'aborted by a fault rule',
  NC: 'the route leads to a host or subset that does not exist',
  NR: 'no route matches',
  RL: 'the rate limit is reached',
  SI: 'the stream was idle for too long',
  UAEX: 'refused by an external authorization',
  UC: 'the upstream closed the connection',
  UF: 'the connection to the upstream failed',
  UH: 'no healthy upstream: all hosts are ejected or gone',
  UO: 'overflow: a circuit breaker\'s limit is reached',
  UPE: 'the upstream\'s answer was no proper HTTP',
  UR: 'the upstream reset the connection',
  URX: 'the retries are used up',
  UT: 'the upstream took longer than the timeout'
}

/** The outcome as text: statuses with their shares, errors, response flags, latency. */
export function formatOutcome ({ url, from, connections, report, flags }: Outcome): string {
  const { calls, seconds, rate, sockets, statuses, errors, latency, interrupted } = report
  const lines = [
    `${calls} calls of ${url} from ${from} in ${seconds.toFixed(2)} s: ${rate.toFixed(1)} per second, ${connections} at a time over ${sockets} ${sockets === 1 ? 'connection' : 'connections'}${interrupted ? ' (interrupted)' : ''}`
  ]
  if (calls === 0) return `${lines.join('\n')}\n`
  const share = (count: number): string => `${(count / calls * 100).toFixed(1)} %`
  const table = (rows: readonly (readonly string[])[]): void => { lines.push('', createTablePrinter()(rows).trimEnd()) }
  const byCount = (counts: Readonly<Record<string, number>>): readonly (readonly [string, number])[] => Object.entries(counts).sort(([, a], [, b]) => b - a)

  table([['STATUS', 'CALLS', 'SHARE', ''], ...Object.entries(statuses).map(([status, count]) =>
    [status === '-1' ? 'none' : status, String(count), share(count), status === '-1' ? 'no answer' : STATUS_CODES[status] ?? ''])])
  if (Object.keys(errors).length > 0) table([['ERROR', 'CALLS'], ...byCount(errors).map(([error, count]) => [error, String(count)])])
  if (Object.keys(flags).length > 0) {
    table([['FLAGS', 'CALLS', 'SHARE', 'MEANING'], ...byCount(flags).map(([flag, count]) =>
      [flag, String(count), share(count), flag.split(',').map((part) => meanings[part] ?? part).join('; ')])])
  }
  const percentiles = Object.entries(latency.percentiles).map(([percent, value]) => [`p${percent}`, value] as const)
  const columns = [['min', latency.min] as const, ['mean', latency.mean] as const, ...percentiles, ['max', latency.max] as const]
  table([columns.map(([name]) => name.toUpperCase()), columns.map(([, value]) => formatSeconds(value))])
  return `${lines.join('\n')}\n`
}

function formatSeconds (seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`
}
