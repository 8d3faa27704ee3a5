import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem, type } from 'node:os'

export interface Machine {
  readonly date: string
  readonly cores: number
  readonly processor: string
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  /** Load average of the last minute, before the bench began. */
  readonly load: number
  /** Versions of the other proxies, where they are there. */
  readonly envoy?: string
  readonly nginx?: string
}

export function describeMachine (envoy: string | undefined): Machine {
  const versions = { envoy: envoy === undefined ? undefined : envoyVersion(envoy), nginx: nginxVersion() }
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    load: loadavg()[0] ?? 0,
    ...(versions.envoy === undefined ? {} : { envoy: versions.envoy }),
    ...(versions.nginx === undefined ? {} : { nginx: versions.nginx })
  }
}

function envoyVersion (envoy: string): string | undefined {
  // version: <commit>/<version>/<state>/<build type>/<TLS library>
  return /version: [^/]*\/([^/]+)\//.exec(output(envoy, ['--version']) ?? '')?.[1]
}

function nginxVersion (): string | undefined {
  return /nginx\/([\d.]+)/.exec(output('nginx', ['-v']) ?? '')?.[1]
}

function output (command: string, args: string[]): string | undefined {
  try {
    // nginx writes its version to stderr.
    return execFileSync('/bin/sh', ['-c', '"$0" "$@" 2>&1', command, ...args], { encoding: 'utf8' })
  } catch {
    return undefined
  }
}
