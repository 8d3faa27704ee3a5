import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

/** Kernel clock ticks in a second: 100 for every Linux program, whatever the kernel itself counts in (proc(5), time(7)). */
const ticksPerSecond = 100

export interface ProcessUsage {
  readonly pid: number
  readonly parent: number
  /** User and system time since the process began, in seconds. */
  readonly cpuSeconds: number
  /** Resident set in bytes. */
  readonly rss: number
}

/** CPU time of one process so far, all its threads, in seconds: utime + stime of proc(5), or what ps says where there is no /proc. */
export function cpuSeconds (pid: number): number {
  return usageOf(pid).cpuSeconds
}

export function usageOf (pid: number): ProcessUsage {
  const usage = process.platform === 'linux' ? fromProc(pid) : fromPs(['-p', String(pid)])[0]
  if (usage === undefined) throw new Error(`process ${pid} has ended, so its CPU time and memory cannot be read`)
  return usage
}

/** A process and all that it started, in no particular order. */
export function processTree (root: number): ProcessUsage[] {
  const all = process.platform === 'linux' ? allFromProc() : fromPs(['-A'])
  const tree = all.filter((usage) => usage.pid === root)
  for (const parent of tree) {
    tree.push(...all.filter((usage) => usage.parent === parent.pid))
  }
  return tree
}

/**
 * Proportional set size in bytes: pages that processes share are counted once in a sum of it, as they are not in a sum of RSS.
 * Linux only; undefined elsewhere, or where the process has ended.
 */
export function proportionalSetSize (pid: number): number | undefined {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readIfThere(`/proc/${pid}/smaps_rollup`) ?? '')?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
}

function allFromProc (): ProcessUsage[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => fromProc(Number(name)))
    .filter((usage) => usage !== undefined)
}

function fromProc (pid: number): ProcessUsage | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`)
  const resident = readIfThere(`/proc/${pid}/statm`)?.split(' ')[1]
  if (stat === undefined || resident === undefined) return undefined
  // The command's name stands in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    pid,
    parent: Number(fields[1]),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    rss: Number(resident) * 4096
  }
}

function readIfThere (file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function fromPs (selection: string[]): ProcessUsage[] {
  const text = execFileSync('ps', [...selection, '-o', 'pid=,ppid=,time=,rss='], { encoding: 'utf8' })
  return text.trim().split('\n').map((line) => {
    const [pid, parent, time, rss] = line.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), cpuSeconds: secondsOf(time ?? ''), rss: Number(rss) * 1024 }
  })
}

/** Reads `[[days-]hours:]minutes:seconds[.hundredths]`, the form of ps. */
function secondsOf (time: string): number {
  const [clock = '', days = '0'] = time.split('-').reverse()
  return clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400
}
