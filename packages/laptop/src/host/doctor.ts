import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, readFile, stat } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Finding } from '../doctor/finding.ts'
import { findLeftovers, findRunning } from './pid-file.ts'
import { findPortHolder } from './processes.ts'
import { refusal } from './ports.ts'
import { readPorts } from './up-options.ts'

const run = promisify(execFile)

export interface DoctorOptions {
  readonly root: string
  readonly directory: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Version of Node that is running, `v20.19.0`. */
  readonly node: string
}

/** Looks for whatever keeps the laptop cluster from working on this machine. */
export async function examine (options: DoctorOptions): Promise<readonly Finding[]> {
  const found = await Promise.all([
    node(options), memory(), installed(options), curl(), proxyVariables(options), state(options), kubectl(options)
  ])
  return [...found.flat(), ...await ports(options)]
}

function node ({ node: version }: DoctorOptions): readonly Finding[] {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number)
  return major > 20 || (major === 20 && minor >= 19)
    ? [{ state: 'ok', text: `Node ${version}` }]
    : [{ state: 'wrong', text: `Node ${version} is too old, 20.19 or newer is needed`, mend: 'install a current Node from https://nodejs.org' }]
}

async function memory (): Promise<readonly Finding[]> {
  // macOS counts memory as used that it gives away at once, so its figure of free memory says nothing.
  const meminfo = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1]
  const free = available === undefined ? totalmem() : Number(available) * 1024
  const mib = Math.round(free / 2 ** 20)
  return mib >= 900
    ? [{ state: 'ok', text: `memory: ${mib} MiB, the cluster takes about 700` }]
    : [{ state: 'note', text: `memory: ${mib} MiB, the cluster takes about 700`, mend: 'close other programs' }]
}

async function installed ({ root }: DoctorOptions): Promise<readonly Finding[]> {
  const there = await stat(join(root, 'node_modules')).catch(() => undefined)
  return there === undefined
    ? [{ state: 'wrong', text: 'the packages are not installed', mend: 'npx -y pnpm@12 install' }]
    : [{ state: 'ok', text: 'the packages are installed' }]
}

async function curl (): Promise<readonly Finding[]> {
  const { stdout } = await run('curl', ['--version']).catch(() => ({ stdout: '' }))
  return stdout === ''
    ? [{ state: 'wrong', text: 'curl is missing; the step scripts use it', mend: process.platform === 'darwin' ? 'brew install curl' : 'sudo apt-get install curl (or your system\'s way)' }]
    : [{ state: 'ok', text: stdout.split(' ').slice(0, 2).join(' ') }]
}

// A proxy catches requests to 127.0.0.1 unless no_proxy names it: the page then comes from somewhere else, or not at all.
function proxyVariables ({ env }: DoctorOptions): readonly Finding[] {
  const set = ['http_proxy', 'https_proxy', 'all_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].filter((name) => (env[name] ?? '') !== '')
  if (set.length === 0) return [{ state: 'ok', text: 'no proxy variables in this shell' }]
  const exempt = `${env.no_proxy ?? ''},${env.NO_PROXY ?? ''}`.split(',').map((entry) => entry.trim())
  const missing = ['127.0.0.1', 'localhost'].filter((name) => !exempt.includes(name) && !exempt.includes('*'))
  return missing.length === 0
    ? [{ state: 'ok', text: `proxy variables (${set.join(', ')}) leave 127.0.0.1 and localhost alone` }]
    : [{
        state: 'wrong',
        text: `${set.join(', ')} ${set.length === 1 ? 'catches' : 'catch'} requests to ${missing.join(' and ')}`,
        mend: 'export no_proxy="127.0.0.1,localhost,$no_proxy" NO_PROXY="127.0.0.1,localhost,$NO_PROXY"'
      }]
}

async function state ({ directory }: DoctorOptions): Promise<readonly Finding[]> {
  const running = await findRunning(directory)
  if (running !== undefined) return [{ state: 'ok', text: `the cluster is running: process ${running.pid}, ${running.page}` }]
  const findings: Finding[] = [{ state: 'note', text: 'the cluster is not running', mend: 'pnpm dev' }]
  const left = await findLeftovers(directory)
  if (left.length > 0) findings.push({ state: 'note', text: `processes that a killed cluster has left: ${left.join(', ')}`, mend: 'pnpm bankinfo down' })
  const existing = await stat(directory).then(() => true, () => false)
  const writable = !existing || await access(directory, constants.W_OK).then(() => true, () => false)
  if (!writable) findings.push({ state: 'wrong', text: `${directory} cannot be written`, mend: `sudo chown -R "$USER" '${directory}'` })
  return findings
}

async function kubectl ({ env, directory }: DoctorOptions): Promise<readonly Finding[]> {
  const { stdout } = await run('kubectl', ['config', 'current-context'], { env: { ...process.env, ...env } }).catch((error: NodeJS.ErrnoException) => ({ stdout: error.code === 'ENOENT' ? undefined : '' }))
  if (stdout === undefined) return [{ state: 'ok', text: 'no kubectl, which is fine: "pnpm bankinfo" has its commands' }]
  const context = stdout.trim()
  if (context === 'bankinfo') return [{ state: 'ok', text: 'kubectl\'s context is bankinfo' }]
  return [{
    state: 'note',
    text: context === '' ? 'kubectl has no context' : `kubectl's context is "${context}", another cluster; the step scripts leave it alone`,
    mend: `export KUBECONFIG='${join(directory, 'kubeconfig')}' (or: pnpm bankinfo use)`
  }]
}

async function ports ({ env, directory }: DoctorOptions): Promise<readonly Finding[]> {
  if (await findRunning(directory) !== undefined) return []
  const { needed } = readPorts({}, env)
  return await Promise.all(needed.map(async ({ port, what, flag, variable }): Promise<Finding> => {
    const code = await refusal(port)
    if (code === undefined) return { state: 'ok', text: `port ${port} (${what}) is free` }
    const holder = code === 'EADDRINUSE' ? await findPortHolder(port) : undefined
    const who = holder === undefined ? code : `in use by process ${holder.pid} (${holder.command})`
    return { state: 'wrong', text: `port ${port} (${what}): ${who}`, mend: `stop it, or choose another port: pnpm dev ${flag} PORT (or ${variable}=PORT)` }
  }))
}
