import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.ts'

/** Root of the workspace. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '')
const bankinfo = join(root, 'packages/laptop/bin/bankinfo.js')

export interface Result {
  /** Exit status; `null` when a signal ended the command. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A laptop cluster of its own: ports that were free, state in a folder that goes with it. */
export interface Laptop {
  /** `http://127.0.0.1:PORT`, the gateway's port 80. */
  readonly address: string
  readonly home: string
  readonly pid: number
  /** What the step scripts and the CLI need to find this cluster and no other. */
  readonly env: NodeJS.ProcessEnv
  /** All that it printed so far. */
  output(): string
  bankinfo(...args: string[]): Promise<Result>
  /** Runs a script of the workspace, `scripts/...`. */
  script(path: string, ...args: string[]): Promise<Result>
  kill(signal: NodeJS.Signals): Promise<number | null>
  /** Ends it and removes its folder. */
  close(): Promise<void>
}

export interface LaptopOptions {
  readonly flags?: readonly string[]
  /** State folder of an earlier cluster. */
  readonly home?: string
}

/** Starts `bankinfo up` and waits until it says that the page is there. */
export async function startLaptop ({ flags = [], home }: LaptopOptions = {}): Promise<Laptop> {
  const folder = home ?? await mkdtemp(join(tmpdir(), 'bankinfo-e2e-'))
  const [page, https, tcp, status, api] = await freePorts(5)
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: folder,
    LANG: 'en_US.UTF-8',
    NO_COLOR: '1',
    BANKINFO_HOME: folder,
    BANKINFO_PORT: String(page),
    BANKINFO_HTTPS_PORT: String(https),
    BANKINFO_TCP_PORT: String(tcp),
    BANKINFO_STATUS_PORT: String(status),
    BANKINFO_API_PORT: String(api),
    BANKINFO_KUBECTL: 'bankinfo'
  }
  const child = spawn(process.execPath, [bankinfo, 'up', ...flags], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })

  const laptop: Laptop = {
    address: `http://127.0.0.1:${page}`,
    home: folder,
    pid: child.pid ?? 0,
    env,
    output: () => text,
    bankinfo: (...args) => run(process.execPath, [bankinfo, ...args], env),
    script: (path, ...args) => run('bash', [path, ...args], env),
    kill: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      await exited
      return child.exitCode
    },
    close: async () => {
      await laptop.kill('SIGTERM')
      await rm(folder, { recursive: true, force: true })
    }
  }
  try {
    await eventually(() => {
      if (child.exitCode !== null) throw new Error(`bankinfo up ended with ${child.exitCode}:\n${text}`)
      return text.includes('Bankinfo is up')
    }, { seconds: 90, what: () => `bankinfo up to be ready:\n${text}` })
  } catch (error) {
    await laptop.close()
    throw error
  }
  return laptop
}

/** Runs a command in the workspace; a failing one is a result, not an exception. */
export function run (command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { cwd: root, env, maxBuffer: 16 << 20 }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr })
    })
  })
}

/** Ports of 127.0.0.1 that nothing listens on, all different. */
export async function freePorts (count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
