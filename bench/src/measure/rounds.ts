import { once } from 'node:events'
import type { LoadOptions, LoadResult } from '../load/load.ts'
import { startModule, type ReadyChild } from './child.ts'

export interface Contender {
  readonly name: string
  readonly load: Omit<LoadOptions, 'seconds' | 'warmupSeconds'>
}

export interface RoundOptions {
  readonly rounds: number
  readonly seconds: number
  readonly warmupSeconds: number
  readonly progress: (line: string) => void
}

/** Medians over the rounds. */
export interface Score {
  readonly name: string
  /** Microseconds of user and system time per request; undefined where no process was asked for. */
  readonly cpuMicroseconds?: number
  readonly cpuRange?: readonly [number, number]
  readonly requestsPerSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly requests: number
  readonly failures: number
  /** CPU per request against that of the first contender, round by round, so that a slow minute of the machine cancels out. */
  readonly cpuRatio?: number
}

/**
 * Gives every contender a turn in each round, from one load process, and takes medians: other programs disturb a round, not a
 * contender. The order turns round with each round, so that nobody always follows the same neighbour.
 */
export async function compete (contenders: readonly Contender[], options: RoundOptions): Promise<Score[]> {
  const load = await startModule(new URL('../load/load-process.js', import.meta.url))
  const results = contenders.map((): LoadResult[] => [])
  try {
    // A rehearsal that does not count: what is made on first use, compiled code and tables, is no cost of a request.
    for (const contender of contenders) await run(load, { ...contender.load, seconds: options.warmupSeconds, warmupSeconds: 0 })
    for (let round = 0; round < options.rounds; round++) {
      const turns = contenders.map((contender, index) => ({ contender, index }))
      for (const { contender, index } of round % 2 === 0 ? turns : turns.reverse()) {
        const result = await run(load, { ...contender.load, seconds: options.seconds, warmupSeconds: options.warmupSeconds })
        options.progress(`round ${round + 1}/${options.rounds} ${contender.name}: ${describe(result)}`)
        if (result.requests === 0) throw new Error(`${contender.name} answered no request: ${result.firstFailure ?? 'no answer at all'}`)
        results[index]?.push(result)
      }
    }
  } finally {
    await load.stop()
  }
  const reference = results[0] ?? []
  return contenders.map((contender, index) => scoreOf(contender, results[index] ?? [], reference))
}

export function median (values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]
  if (upper === undefined || lower === undefined) throw new Error('a median needs a value')
  return (lower + upper) / 2
}

async function run (load: ReadyChild, options: LoadOptions): Promise<LoadResult> {
  load.process.send(options)
  const limit = (options.warmupSeconds + options.seconds + 30) * 1000
  const [message] = await once(load.process, 'message', { signal: AbortSignal.timeout(limit) }) as [{ result?: LoadResult, error?: string }]
  if (message.result === undefined) throw new Error(`the load generator failed on ${options.target} through ${options.origin}: ${message.error}`)
  return message.result
}

function scoreOf (contender: Contender, results: readonly LoadResult[], reference: readonly LoadResult[]): Score {
  const requests = results.reduce((sum, result) => sum + result.requests, 0)
  const failures = results.reduce((sum, result) => sum + result.failures, 0)
  const score = {
    name: contender.name,
    requestsPerSecond: median(results.map((result) => result.requests / result.seconds)),
    p50: median(results.map((result) => result.p50)),
    p99: median(results.map((result) => result.p99)),
    requests,
    failures
  }
  if (contender.load.pids.length === 0) return score
  const cpu = results.map(cpuPerRequest)
  const ratios = results.map((result, round) => cpuPerRequest(result) / cpuPerRequest(reference[round] ?? result))
  return { ...score, cpuMicroseconds: median(cpu), cpuRange: [Math.min(...cpu), Math.max(...cpu)], cpuRatio: median(ratios) }
}

function cpuPerRequest (result: LoadResult): number {
  return result.cpuSeconds / result.requests * 1e6
}

function describe (result: LoadResult): string {
  const failures = result.failures === 0 ? '' : `, ${result.failures} failures (${result.firstFailure})`
  return `${Math.round(result.requests / result.seconds)} req/s, ${cpuPerRequest(result).toFixed(1)} us CPU${failures}`
}
