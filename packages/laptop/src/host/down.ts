import { AlreadyRunningError, clearLeftovers, findRunning } from './pid-file.ts'
import { waitForExit } from './processes.ts'

/** A cluster ends by itself within four seconds; who takes longer than this, in milliseconds, hangs. */
const patience = 4500

/** What was done: `stopped` in order, `killed` after it did not end by itself, `none` was running. */
export type DownOutcome = { readonly kind: 'none' | 'stopped' | 'killed', readonly pid?: number, readonly leftovers: readonly number[] }

/** Stops the cluster of a state folder, from wherever it was started, and clears what a killed one has left. */
export async function down (directory: string): Promise<DownOutcome> {
  const running = await findRunning(directory)
  if (running === undefined) return { kind: 'none', leftovers: await clearLeftovers(directory) }
  const { pid } = running
  signal(pid, 'SIGTERM')
  if (await waitForExit(pid, patience)) return { kind: 'stopped', pid, leftovers: [] }
  signal(pid, 'SIGKILL')
  if (!await waitForExit(pid, 1000)) throw new AlreadyRunningError(running)
  return { kind: 'killed', pid, leftovers: await clearLeftovers(directory) }
}

function signal (pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    // It ended by itself just now.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
