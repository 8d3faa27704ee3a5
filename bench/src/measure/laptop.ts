import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort, type Child } from './child.ts'
import { removeFolder, scratchFolder, track } from './cleanup.ts'
import { bankinfo, repository } from './repository.ts'

export interface Laptop extends Child {
  /** `http://127.0.0.1:PORT`, where the gateway listens. */
  readonly gateway: string
  /** From the start of the command to the first page with all its panels, in seconds. */
  readonly secondsToPage: number
  /** Runs the CLI against this cluster and no other. */
  readonly bankinfo: (...args: string[]) => Promise<string>
  readonly env: NodeJS.ProcessEnv
}

const startTimeout = 120_000

/** Starts a laptop cluster with state and ports of its own, by `command` in the repository's root. */
export async function startLaptop (command: readonly [string, ...string[]] = [process.execPath, bankinfo, 'up']): Promise<Laptop> {
  const home = scratchFolder('home')
  const page = await freePort()
  const env = {
    ...process.env,
    NO_COLOR: '1',
    BANKINFO_HOME: home,
    BANKINFO_PORT: String(page),
    BANKINFO_HTTPS_PORT: String(await freePort()),
    BANKINFO_TCP_PORT: String(await freePort()),
    BANKINFO_STATUS_PORT: String(await freePort()),
    BANKINFO_API_PORT: String(await freePort())
  }
  const gateway = `http://127.0.0.1:${page}`
  const [program, ...args] = command
  const begin = performance.now()
  const child = track(spawn(program, args, { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] }))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output = (output + text).slice(-8000) })
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => { child.kill('SIGKILL') }, 15_000)
      await ended
      clearTimeout(timer)
    }
    await removeFolder(home)
  }
  try {
    await once(child, 'spawn')
    while (!await isGood(`${gateway}/productpage`)) {
      if (child.exitCode !== null) throw new Error(`${command.join(' ')} ended with code ${child.exitCode}:\n${output}`)
      if (performance.now() - begin > startTimeout) throw new Error(`${command.join(' ')}: no whole page within ${startTimeout / 1000} s:\n${output}`)
      await delay(25)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return {
    pid: child.pid ?? 0,
    gateway,
    secondsToPage: (performance.now() - begin) / 1000,
    env,
    bankinfo: async (...given) => (await promisify(execFile)(process.execPath, [bankinfo, ...given], { cwd: repository, env })).stdout,
    stop
  }
}

/** A page that came, with no panel missing. */
async function isGood (url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
    const text = await response.text()
    return response.status === 200 && !text.includes('class="failure"')
  } catch {
    return false
  }
}
