import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandLine, isAlive } from './processes.ts'

/** What a running laptop cluster tells other commands about itself. */
export interface RunningLaptop {
  readonly pid: number
  /** RFC 3339. */
  readonly startedAt: string
  readonly page: string
  readonly api: string
  /** Its command line: the number alone may belong to another process one day. */
  readonly command: string
}

export interface PidFile {
  /** Notes the pods' processes, so that the next start can clear what a killed run left. */
  notePods(pids: readonly number[]): Promise<void>
  release(): Promise<void>
}

/** Every pod's command line names a file of this folder. */
const marker = fileURLToPath(new URL('../../dist/containers/', import.meta.url))

/** A cluster of this state folder is running already. */
export class AlreadyRunningError extends Error {
  readonly running: RunningLaptop

  constructor (running: RunningLaptop) {
    super(`Bankinfo is running already (process ${running.pid}, since ${running.startedAt}): ${running.page} - stop it with "pnpm bankinfo down".`)
    this.running = running
  }
}

/**
 * Takes the state folder for this process. What a run that was killed has left is cleared first.
 * @throws AlreadyRunningError
 */
export async function takePidFile (directory: string, self: Pick<RunningLaptop, 'page' | 'api'>): Promise<PidFile> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await clearLeftovers(directory)
  const file = join(directory, 'bankinfo.pid')
  try {
    const handle = await open(file, 'wx', 0o600)
    await handle.writeFile(JSON.stringify({ pid: process.pid, startedAt: new Date().toISOString(), command: await commandLine(process.pid), ...self }))
    await handle.close()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const running = await findRunning(directory)
    throw running === undefined ? error : new AlreadyRunningError(running)
  }
  let writing = Promise.resolve()
  return {
    notePods: async (pids) => {
      writing = writing.then(async () => await replace(join(directory, 'pods.pid'), JSON.stringify(pids)))
      await writing
    },
    release: async () => {
      await writing
      await rm(join(directory, 'pods.pid'), { force: true })
      await rm(file, { force: true })
    }
  }
}

/** The laptop process of a state folder, if it is alive. */
export async function findRunning (directory: string): Promise<RunningLaptop | undefined> {
  const content = await readJson(join(directory, 'bankinfo.pid'))
  if (!isRunningLaptop(content) || !isAlive(content.pid)) return undefined
  return await commandLine(content.pid) === content.command ? content : undefined
}

/**
 * Ends pods that a killed laptop process has left, and removes its files.
 * @returns the processes that were ended
 * @throws AlreadyRunningError when the laptop process is alive
 */
export async function clearLeftovers (directory: string): Promise<readonly number[]> {
  const running = await findRunning(directory)
  if (running !== undefined && running.pid !== process.pid) throw new AlreadyRunningError(running)
  const left = await findLeftovers(directory)
  for (const pid of left) endGroup(pid)
  await rm(join(directory, 'bankinfo.pid'), { force: true })
  await rm(join(directory, 'pods.pid'), { force: true })
  await rm(join(directory, 'run'), { recursive: true, force: true })
  return left
}

/** Pods' processes of a run that has ended without them. */
export async function findLeftovers (directory: string): Promise<readonly number[]> {
  const content = await readJson(join(directory, 'pods.pid'))
  const pids = Array.isArray(content) ? content.filter((pid): pid is number => Number.isInteger(pid) && pid > 1) : []
  const lines = await Promise.all(pids.map(async (pid) => ({ pid, command: await commandLine(pid) })))
  return lines.filter(({ command }) => command?.includes(marker) === true).map(({ pid }) => pid)
}

/** Kills a pod's process and all that it started. */
export function endGroup (pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function replace (file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

async function readJson (file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const content: unknown = JSON.parse(text)
    return content
  } catch {
    // Torn by a crash: it says nothing then.
    return undefined
  }
}

function isRunningLaptop (content: unknown): content is RunningLaptop {
  return typeof content === 'object' && content !== null && 'pid' in content && typeof content.pid === 'number' &&
    'page' in content && typeof content.page === 'string' && 'command' in content && typeof content.command === 'string' && 'startedAt' in content && typeof content.startedAt === 'string'
}
