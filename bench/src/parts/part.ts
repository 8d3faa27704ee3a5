import type { RoundOptions } from '../measure/rounds.ts'
import type { Table } from '../measure/table.ts'

export interface Context extends RoundOptions {
  /** Kept-alive connections of the load on a hop. */
  readonly connections: number
  /** Short rounds that show that the bench works, and no more. */
  readonly quick: boolean
  /** Envoy's program, where there is one. */
  readonly envoy?: string
}

export interface Part {
  readonly name: string
  readonly summary: string
  /** Runs only when named; the others run by default. */
  readonly onDemand?: boolean
  readonly run: (context: Context) => Promise<Table[]>
}

/** Starts things in order, hands them to the work, and stops them in the opposite order however it ends. */
export async function withAll<T extends { stop(): Promise<void> }, R> (
  starts: ReadonlyArray<() => Promise<T>>,
  work: (started: T[]) => Promise<R>
): Promise<R> {
  const started: T[] = []
  try {
    for (const start of starts) started.push(await start())
    return await work(started)
  } finally {
    for (const each of started.toReversed()) await each.stop()
  }
}
