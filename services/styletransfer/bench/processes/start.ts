import { fork, spawn, type ChildProcess, type Serializable } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { listening } from './listening.ts'

export interface RunningService {
  readonly url: string
  /** Memory of the process now and at its highest, in MiB (Linux; elsewhere undefined). */
  memory: () => Promise<{ now: number, peak: number } | undefined>
  /** Processor time used so far, in ms (Linux; elsewhere NaN). */
  processorTime: () => Promise<number>
  stop: () => Promise<void>
}

const children = new Set<ChildProcess>()
// However the bench ends (but for kill -9), nothing that it started stays.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))
process.once('exit', () => { for (const child of children) child.kill() })

function tracked<T extends ChildProcess> (child: T): T {
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** Starts the service as it is deployed, on a free port. */
export async function runService (): Promise<RunningService> {
  const entry = fileURLToPath(new URL('../../../server.js', import.meta.url))
  // On a machine that is busy with other things photos may take their time.
  const child = tracked(spawn(process.execPath, [entry], { env: { PORT: '0', LOG_LEVEL: 'info', MAX_SECONDS: '300' }, stdio: ['ignore', 'pipe', 'inherit'] }))
  const url = await listening(child)
  return {
    url,
    memory: async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
      const mebibytes = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024
      return status === '' ? undefined : { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') }
    },
    processorTime: async () => {
      // proc(5): fields 14 and 15, in ticks of 10 ms; the name before them may hold spaces.
      const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => '')).split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) * 10
    },
    stop: async () => {
      child.kill('SIGINT')
      await once(child, 'exit')
    }
  }
}

/** A module of the bench in a process of its own, which answers each message with one. */
export interface Helper {
  send: (message: Serializable) => void
  answer: () => Promise<unknown>
  stop: () => void
}

/** Starts a module of this folder and waits until it is ready. */
export async function startHelper (module: string, args: readonly string[] = []): Promise<Helper> {
  const child = tracked(fork(new URL(`./${module}.js`, import.meta.url), args))
  const ended = once(child, 'exit').then(() => { throw new Error(`${module} ended before it answered`) })
  // Whoever waits for an answer learns of it; nobody else need.
  ended.catch(() => {})
  const answer = async (): Promise<unknown> => {
    const [message]: unknown[] = await Promise.race([once(child, 'message'), ended])
    return message
  }
  await answer()
  return { send: (message) => { child.send(message) }, answer, stop: () => { child.disconnect() } }
}
