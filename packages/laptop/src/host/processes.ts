import { execFile } from 'node:child_process'
import { readFile, readlink, readdir } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export function isAlive (pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A process's command line; undefined when there is no such process. */
export async function commandLine (pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return text === '' ? undefined : text.split('\0').join(' ').trim()
  }
  const { stdout } = await run('ps', ['-p', String(pid), '-o', 'args=']).catch(() => ({ stdout: '' }))
  return stdout.trim() === '' ? undefined : stdout.trim()
}

export interface PortHolder {
  readonly pid: number
  readonly command: string
}

/** Who listens on a TCP port of this machine, as far as the system tells us: other users' processes stay hidden. */
export async function findPortHolder (port: number): Promise<PortHolder | undefined> {
  const pid = process.platform === 'linux' ? await linuxHolder(port) : await lsofHolder(port)
  if (pid === undefined) return undefined
  return { pid, command: await commandLine(pid) ?? 'unknown' }
}

async function lsofHolder (port: number): Promise<number | undefined> {
  const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t']).catch(() => ({ stdout: '' }))
  const pid = Number(stdout.split('\n')[0])
  return pid > 0 ? pid : undefined
}

// proc(5): state 0A is LISTEN, addresses are hexadecimal, field 9 is the socket's inode.
async function linuxHolder (port: number): Promise<number | undefined> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(async (file) => await readFile(file, 'utf8').catch(() => '')))
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const inodes = new Set(tables.flatMap((table) => table.split('\n')).map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(wanted) === true && fields[3] === '0A')
    .map((fields) => `socket:[${fields[9]}]`))
  if (inodes.size === 0) return undefined
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')
      if (inodes.has(target)) return Number(pid)
    }
  }
  return undefined
}

/** Waits until a process has gone; false when it is still there after this many milliseconds. */
export async function waitForExit (pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  while (isAlive(pid)) {
    if (Date.now() >= deadline) return false
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return true
}
