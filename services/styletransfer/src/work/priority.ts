import { readdirSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

/** Threads of the calling process, by the system's thread ids (proc(5)). */
const threads = '/proc/self/task'

/**
 * Lets the system prefer the main thread to every other of the process: the event loop answers at once although all cores
 * work on photos, in workers as well as in the pools of libuv and libvips that decode and encode. Threads that these start
 * later inherit it. Linux schedules threads by themselves (sched(7)); elsewhere nothing is done.
 */
export function preferMainThread (): void {
  const lower = Math.min(constants.priority.PRIORITY_LOW, getPriority(process.pid) + constants.priority.PRIORITY_BELOW_NORMAL)
  for (const thread of listed()) {
    if (thread === process.pid) continue
    try {
      setPriority(thread, lower)
    } catch {
      // It ended meanwhile, or there is no right to it: the photos are done all the same.
    }
  }
}

function listed (): number[] {
  try {
    return readdirSync(threads).map(Number)
  } catch {
    return []
  }
}
