import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SocketAddress } from '@bankinfo/mesh'
import { freePort, startModule, startProgram, type Child, type ReadyChild } from '../measure/child.ts'
import { removeFolder, scratchFolder } from '../measure/cleanup.ts'
import { envoyBootstrap } from './envoy.ts'
import { nginxProxy, nginxServer } from './nginx.ts'
import { caller, password, type SceneOptions } from './scene.ts'

/** A proxy that runs, and where it takes what. */
export interface Proxy extends Child {
  readonly name: string
  readonly direct: string
  /** A reverse proxy that refuses absolute-form gets the path alone. */
  readonly originForm?: boolean
  /** Absent where the proxy knows no CONNECT. */
  readonly tunnel?: string
}

export interface Backend extends Child, SocketAddress {
  readonly program: string
}

export const body = 'x'.repeat(1024)

export const credentials: Readonly<Record<string, string>> = {
  'proxy-authorization': `Basic ${Buffer.from(`${caller.split('/')[1]}:${password}`).toString('base64')}`
}

/** True when a program can be started and answers its version flag. */
export function isThere (command: string, versionFlag: string): boolean {
  try {
    execFileSync(command, [versionFlag], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export async function startBackend (): Promise<Backend> {
  if (!isThere('nginx', '-v')) {
    const child = await startModule(new URL('server-process.js', import.meta.url), [body])
    return { ...child, program: 'node:http', host: '127.0.0.1', port: portOf(child.ready) }
  }
  const port = await freePort()
  return { ...await startNginx(port, () => nginxServer(port, body)), program: 'nginx', host: '127.0.0.1', port }
}

export async function startMesh (name: string, scene: SceneOptions): Promise<Proxy> {
  return { ...await startMeshProcess(scene), name }
}

/** The mesh with the channel to its process: it answers the message `memory`. */
export async function startMeshProcess (scene: SceneOptions): Promise<Proxy & ReadyChild> {
  const child = await startModule(new URL('mesh-process.js', import.meta.url), [JSON.stringify(scene)])
  const origin = originOf(portOf(child.ready))
  return { ...child, name: 'mesh', direct: origin, tunnel: origin }
}

export async function startEnvoy (envoy: string, scene: SceneOptions): Promise<Proxy> {
  const folder = scratchFolder('envoy')
  const [directPort, tunnelPort] = [await freePort(), await freePort()]
  const config = join(folder, 'envoy.json')
  await writeFile(config, JSON.stringify(envoyBootstrap({ ...scene, directPort, tunnelPort, accessLog: '/dev/null' })))
  const args = ['-c', config, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'error']
  const child = await startProgram(envoy, args, tunnelPort)
  return { ...removing(folder, child), name: 'Envoy', direct: originOf(directPort), tunnel: originOf(tunnelPort) }
}

export async function startNginxProxy (backend: SocketAddress): Promise<Proxy> {
  const port = await freePort()
  const child = await startNginx(port, () => nginxProxy(port, { backend, accessLog: '/dev/null' }))
  return { ...child, name: 'nginx', direct: originOf(port) }
}

export async function startLibrary (name: '@fastify/http-proxy' | 'http-proxy', backend: SocketAddress): Promise<Proxy> {
  const module = name === 'http-proxy' ? 'http-proxy-process.js' : 'fastify-http-proxy-process.js'
  const child = await startModule(new URL(module, import.meta.url), [originOf(backend.port)])
  return { ...child, name, direct: originOf(portOf(child.ready)), originForm: name === '@fastify/http-proxy' }
}

async function startNginx (port: number, config: () => string): Promise<Child> {
  const folder = scratchFolder('nginx')
  await writeFile(join(folder, 'nginx.conf'), config())
  return removing(folder, await startProgram('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], port))
}

function removing (folder: string, child: Child): Child {
  return {
    pid: child.pid,
    stop: async () => {
      await child.stop()
      await removeFolder(folder)
    }
  }
}

function originOf (port: number): string {
  return `http://127.0.0.1:${port}`
}

export function portOf (ready: unknown): number {
  const port = typeof ready === 'object' && ready !== null && 'port' in ready ? ready.port : undefined
  if (typeof port !== 'number') throw new Error(`a process said it was ready with ${JSON.stringify(ready)}, expected its port`)
  return port
}
