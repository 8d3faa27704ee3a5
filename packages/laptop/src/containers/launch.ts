import { spawn, type ChildProcess } from 'node:child_process'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface LaunchOptions {
  /** Folder of the package whose `dist/server.js` runs when there is no command. */
  readonly directory: string
  readonly command?: readonly string[] | undefined
  readonly args?: readonly string[] | undefined
  readonly env: Readonly<Record<string, string>>
  readonly onOutput: (chunk: string) => void
}

export interface Exit {
  readonly exitCode: number
  readonly signal?: NodeJS.Signals
  /** Why no process came up at all. */
  readonly error?: string
}

export interface Launched {
  readonly pid: number | undefined
  readonly exited: Promise<Exit>
  kill(signal: NodeJS.Signals): void
}

// By way of dist, so that the tests, which run from src, start the same compiled files.
const preload = new URL('../../dist/containers/preload.js', import.meta.url).href
const supervisor = fileURLToPath(new URL('../../dist/containers/supervisor.js', import.meta.url))

/** Many small processes share one laptop: young garbage is collected early, so that a pod takes its live data and little more. */
const memoryFlags = ['--max-semi-space-size=4', '--max-old-space-size=256']

/** Starts a container's process: the package's server, or its command; Node programs directly, others under a supervisor. */
export function launch (options: LaunchOptions): Launched {
  const { directory, env, onOutput } = options
  const child = spawn(process.execPath, nodeArguments(options), {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own: a Ctrl-C in the terminal reaches the laptop, which then ends its pods in order.
    detached: true
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', onOutput)
  }
  // Writing to a channel whose other side has just died must not end the laptop.
  child.channel?.unref()
  return { pid: child.pid, exited: exitOf(child), kill: (signal) => kill(child, signal) }
}

function nodeArguments ({ command, args = [] }: LaunchOptions): string[] {
  const [program, ...rest] = command ?? []
  const common = ['--import', preload, ...memoryFlags]
  if (program === undefined) return [...common, 'dist/server.js', ...args]
  if (basename(program) === 'node') return [...common, ...rest, ...args]
  return [...memoryFlags, supervisor, program, ...rest, ...args]
}

async function exitOf (child: ChildProcess): Promise<Exit> {
  return await new Promise((resolve) => {
    child.once('error', (error) => {
      // An error without a pid is a failed start; later ones (a signal that came too late) are followed by the exit.
      if (child.pid === undefined) resolve({ exitCode: 128, error: error.message })
    })
    // close, not exit: the last output has been read by then.
    child.once('exit', (code, signal) => {
      const exit = { exitCode: code ?? 128 + signalNumber(signal), ...(signal === null ? {} : { signal }) }
      const done = () => resolve(exit)
      child.once('close', done)
      // A grandchild that keeps the pipe open must not hold the end back.
      setTimeout(done, 500).unref()
    })
  })
}

function kill (child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    // SIGKILL reaches nobody who could pass it on, so it goes to the whole group.
    process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function signalNumber (signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }
  return signal === null ? 0 : numbers[signal] ?? 1
}
