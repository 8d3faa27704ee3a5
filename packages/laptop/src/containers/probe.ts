import type { Probe } from 'kubernetes-types/core/v1.js'
import { request } from 'node:http'
import { connect } from 'node:net'
import type { SocketAddress } from '@bankinfo/mesh'
import type { Frozen } from '../controllers/kinds.ts'

export interface ProbeTarget {
  /** The real address behind a container port, by number or name; undefined when the container has no such port. */
  readonly address: (port: number | string) => SocketAddress | undefined
  /** Runs a command in the container. */
  readonly exec: (command: readonly string[], timeoutMs: number) => Promise<{ exitCode: number, output: string }>
}

/** Undefined when the probe passed, else why it failed, in the kubelet's words. */
export async function runProbe (probe: Frozen<Probe>, target: ProbeTarget): Promise<string | undefined> {
  const timeout = (probe.timeoutSeconds ?? 1) * 1000
  if (probe.httpGet !== undefined) return await probeHttp(probe.httpGet, target, timeout)
  if (probe.tcpSocket !== undefined) return await probeTcp(target.address(probe.tcpSocket.port), timeout)
  if (probe.grpc !== undefined) return await probeTcp(target.address(probe.grpc.port), timeout)
  if (probe.exec !== undefined) {
    const { exitCode, output } = await target.exec(probe.exec.command ?? [], timeout)
    return exitCode === 0 ? undefined : output.trim().slice(0, 1000) || `command exited with ${exitCode}`
  }
  return undefined
}

async function probeHttp (get: NonNullable<Frozen<Probe>['httpGet']>, target: ProbeTarget, timeout: number): Promise<string | undefined> {
  const address = target.address(get.port)
  if (address === undefined) return `Get "http://:${get.port}${get.path ?? '/'}": the container has no such port`
  const url = `http://${address.host}:${address.port}${get.path ?? '/'}`
  return await new Promise((resolve) => {
    const headers = Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name, value]))
    const call = request({
      ...address, path: get.path ?? '/', agent: false, headers: { 'user-agent': 'kube-probe/1.36', accept: '*/*', connection: 'close', ...headers }
    }, (response) => {
      response.resume()
      const status = response.statusCode ?? 0
      resolve(status >= 200 && status < 400 ? undefined : `HTTP probe failed with statuscode: ${status}`)
    })
    const timer = setTimeout(() => call.destroy(new Error('context deadline exceeded (Client.Timeout exceeded while awaiting headers)')), timeout)
    call.on('close', () => clearTimeout(timer))
    call.on('error', (error) => resolve(`Get "${url}": ${error.message}`))
    call.end()
  })
}

/** Undefined when something listens at the address. */
export async function probeTcp (address: SocketAddress | undefined, timeout: number): Promise<string | undefined> {
  if (address === undefined) return 'the container has no such port'
  return await new Promise((resolve) => {
    const socket = connect({ ...address, timeout })
    const end = (reason?: string) => {
      socket.destroy()
      resolve(reason)
    }
    socket.once('connect', () => end())
    socket.once('timeout', () => end(`dial tcp ${address.host}:${address.port}: i/o timeout`))
    socket.once('error', (error) => end(error.message))
  })
}
