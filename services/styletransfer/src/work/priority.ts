import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { basename } from 'node:path'

/**
 * Lets the system prefer every other thread to the one that calls this: the event loop answers at once although all cores
 * work on photos. Linux schedules threads by themselves (sched(7)), elsewhere nothing is done.
 */
export function yieldToOtherThreads (): void {
  try {
    // A link to PID/task/TID, as the calling thread sees itself (proc(5)).
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // No /proc, or no right to it: the photos are done all the same.
  }
}
