import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

export interface CommandOptions {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly directory: string
}

export interface ExecStreams {
  readonly stdin?: Readable | undefined
  readonly stdout: Writable
  readonly stderr: Writable
  readonly tty: boolean
  /** Ends the command: the client has gone. */
  readonly signal?: AbortSignal | undefined
}

/** Runs a command beside a pod's process: in its folder, with its environment, its proxy and nothing of the user's shell. */
export async function execInPod ({ command, env, directory }: CommandOptions, streams: ExecStreams): Promise<{ exitCode: number }> {
  const located = locate(command, env.PATH ?? '', existsSync)
  const [program = '', ...args] = streams.tty ? withTerminal(located) : located
  const child = spawn(program, args, { cwd: directory, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const killGroup = (): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  streams.signal?.addEventListener('abort', killGroup)
  running.add(killGroup)
  if (streams.stdin === undefined) child.stdin.end()
  else streams.stdin.pipe(child.stdin)
  // A command that ends without reading its input is not an error.
  child.stdin.on('error', () => {})
  child.stdout.on('data', (chunk: Buffer) => pass(chunk, child.stdout, streams.stdout))
  child.stderr.on('data', (chunk: Buffer) => pass(chunk, child.stderr, streams.tty ? streams.stdout : streams.stderr))
  streams.stdout.once('close', killGroup)
  try {
    return await new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        const why = error.code === 'ENOENT' ? 'executable file not found in $PATH' : error.message
        streams.stderr.write(`exec: "${command[0]}": ${why}\n`)
        resolve({ exitCode: error.code === 'ENOENT' ? 127 : 126 })
      })
      child.once('close', (code, signal) => resolve({ exitCode: code ?? (signal === 'SIGTERM' ? 143 : 137) }))
    })
  } finally {
    running.delete(killGroup)
    streams.signal?.removeEventListener('abort', killGroup)
    streams.stdout.removeListener('close', killGroup)
    streams.stdin?.unpipe(child.stdin)
  }
}

/** Where programs are in an image. */
const imageFolders = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin']

/**
 * A command whose program is named by its place in an image, `/usr/local/bin/fortio`, as this machine has it: the lab's own of
 * that name on the pod's PATH, else the one at that place, else the first of that name.
 */
export function locate (command: readonly string[], path: string, exists: (file: string) => boolean): readonly string[] {
  const [program = '', ...args] = command
  if (!imageFolders.includes(dirname(program))) return command
  const folders = path.split(delimiter)
  const named = (folder: string): string => join(folder, basename(program))
  const ofTheLab = folders.filter((folder) => !imageFolders.includes(folder)).map(named)
  return [[...ofTheLab, program, ...folders.map(named)].find(exists) ?? program, ...args]
}

const running = new Set<() => void>()

/** Ends every command that still runs in a pod: the laptop stops. */
export function endCommands (): void {
  for (const kill of running) kill()
}

function pass (chunk: Buffer, from: Readable, to: Writable): void {
  if (to.destroyed || to.write(chunk)) return
  from.pause()
  to.once('drain', () => from.resume())
}

// Node has no pseudo-terminals; script(1), which both systems have, makes one.
function withTerminal (command: readonly string[]): readonly string[] {
  if (!existsSync('/usr/bin/script')) return command
  if (process.platform === 'darwin') return ['/usr/bin/script', '-q', '/dev/null', ...command]
  const quoted = command.map((part) => `'${part.replaceAll("'", "'\\''")}'`).join(' ')
  return ['/usr/bin/script', '-q', '-e', '-c', quoted, '/dev/null']
}

/** Runs a command to its end and keeps what it printed; one that takes too long is killed. */
export async function runCommand (options: CommandOptions & { readonly timeoutMs: number }): Promise<{ exitCode: number, output: string }> {
  const { PassThrough } = await import('node:stream')
  const output = new PassThrough()
  const chunks: Buffer[] = []
  output.on('data', (chunk: Buffer) => chunks.push(chunk))
  const { exitCode } = await execInPod(options, { stdout: output, stderr: output, tty: false, signal: AbortSignal.timeout(options.timeoutMs) })
  return { exitCode, output: Buffer.concat(chunks).toString('utf8') }
}
