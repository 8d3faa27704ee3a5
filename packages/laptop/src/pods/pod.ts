import type { Container } from 'kubernetes-types/core/v1.js'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SocketAddress } from '@bankinfo/mesh'
import { getKind, now, writeStatus, type Frozen, type StoredPod } from '../controllers/kinds.ts'
import { canonical } from '../controllers/names.ts'
import { freePort } from '../network/free-port.ts'
import { ImageError, runContainer, type RunningContainer } from '../containers/container.ts'
import { containerEnvironment, expand } from '../containers/environment.ts'
import { runCommand } from '../containers/exec.ts'
import { isGateway } from './injection.ts'
import { createLogRing, type LogRing } from '../containers/log-ring.ts'
import { launch } from '../containers/launch.ts'
import type { NodeContext, PodConnection } from './node-context.ts'
import { podStatus, type ContainerView } from './pod-status.ts'

/** Programs of Istio's proxy image. */
const proxyTools = fileURLToPath(new URL('../../proxy-bin', import.meta.url))

export interface RunningPod {
  readonly uid: string
  /** Real addresses by container port, of all containers. */
  ports(): ReadonlyMap<number, SocketAddress>
  /** Undefined for a container that the pod does not have, or that has not begun. */
  log(container: string, previous: boolean): LogRing | undefined
  /** Takes a line of the sidecar's or gateway's access log. */
  logAccess(line: string): void
  /** What a command in the container runs with; undefined before the container has begun. */
  place(container: string): { env: Record<string, string>, directory: string } | undefined
  /** Starts the containers anew that run from one of these package folders. True when there was one. */
  restart(directories: ReadonlySet<string>): boolean
  pids(): readonly number[]
  /** Leaves a pod that is being stopped no more than this time. */
  hurry(graceMs: number): void
  /** Ends the processes, leaves the network, and takes the pod out of the store. */
  stop(graceMs: number): Promise<void>
}

/** Runs a pod that has an address and is in the store. */
export function runPod (context: NodeContext, pod: StoredPod): RunningPod {
  const { store, record } = context
  const home = join(context.runFolder, pod.metadata.uid)
  const startTime = now()
  const ip = pod.status?.podIP ?? ''
  const containers = new Map<string, RunningContainer>()
  const views = new Map<string, ContainerView>()
  const accessLog = createLogRing()
  let connection: PodConnection | undefined
  let stopped = false
  let reporting: string | undefined

  const current = (): StoredPod | undefined => {
    const found = getKind(store, 'Pod', pod.metadata)
    return found?.metadata.uid === pod.metadata.uid ? found : undefined
  }
  const report = (): void => {
    const object = current()
    if (object === undefined) return
    const status = podStatus({ pod: object, containers: new Map<string, ContainerView>([...views, ...containers]), startTime, ip })
    const text = canonical(status)
    if (text === reporting) return
    reporting = text
    writeStatus(store, object, status).catch(context.onError)
  }
  const remark = (spec: Frozen<Container>, init: boolean) => (details: { type?: 'Normal' | 'Warning', reason: string, message: string }): void => {
    record(current() ?? pod, { ...details, component: 'kubelet', fieldPath: `spec.${init ? 'initContainers' : 'containers'}{${spec.name}}` })
  }

  const begin = async (): Promise<void> => {
    await mkdir(home, { recursive: true, mode: 0o700 })
    connection = await context.network.join(pod)
    if (stopped) return
    for (const spec of pod.spec.initContainers ?? []) {
      if (!await initialize(spec)) return
    }
    if (isGateway(pod)) {
      for (const spec of pod.spec.containers) views.set(spec.name, running())
    } else {
      for (const spec of pod.spec.containers) if (!stopped) containers.set(spec.name, run(spec, false))
    }
    report()
  }

  // What Istio's two containers do, the laptop process does itself: they only show that they have done it, or go on doing it.
  const initialize = async (spec: Frozen<Container>): Promise<boolean> => {
    if (spec.name === 'istio-proxy' && spec.restartPolicy === 'Always') {
      views.set(spec.name, running())
      remark(spec, true)({ reason: 'Started', message: 'Started container istio-proxy' })
      return true
    }
    if (spec.name === 'istio-init') {
      views.set(spec.name, { ...ended, state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: startTime, finishedAt: now() } } })
      return true
    }
    const container = run(spec, true)
    containers.set(spec.name, container)
    if (spec.restartPolicy === 'Always') return !stopped
    const exit = await container.done
    return exit?.exitCode === 0 && !stopped
  }

  const run = (spec: Frozen<Container>, init: boolean): RunningContainer => runContainer({
    spec,
    restartPolicy: init ? (spec.restartPolicy === 'Always' ? 'Always' : 'OnFailure') : (pod.spec.restartPolicy ?? 'Always') as 'Always',
    onChange: report,
    remark: remark(spec, init),
    onError: context.onError,
    exec: async (command, timeoutMs) => {
      const place = placeOf(spec.name)
      if (place === undefined) return { exitCode: 1, output: 'the container is not running' }
      return await runCommand({ ...place, command, timeoutMs })
    },
    start: async (log) => {
      const directory = directoryOf(spec)
      const ports = new Map<number, SocketAddress>()
      for (const { containerPort } of spec.ports ?? []) ports.set(containerPort, { host: '127.0.0.1', port: await freePort() })
      const env = environment(spec, ports)
      remark(spec, init)({ reason: 'Pulled', message: `Container image "${spec.image}" already present on machine` })
      remark(spec, init)({ reason: 'Created', message: `Created container: ${spec.name}` })
      const process = launch({
        directory,
        command: spec.command?.map((part) => expand(part, env)),
        args: spec.args?.map((part) => expand(part, env)),
        env,
        onOutput: log.write
      })
      return { process, ports }
    }
  })

  const directoryOf = (spec: Frozen<Container>): string => {
    const directory = context.images.directory(spec.image ?? '')
    if (directory === undefined) {
      throw new ImageError(`there is no image "${spec.image}" on the laptop; there are ${context.images.names().join(', ') || 'none'} (each is the workspace package services/NAME)`)
    }
    return directory
  }
  const environment = (spec: Frozen<Container>, ports: ReadonlyMap<number, SocketAddress>): Record<string, string> => {
    const env = containerEnvironment({
      store,
      pod: current() ?? pod,
      container: spec,
      home,
      compileCache: context.compileCache,
      tools: context.tools,
      variables: context.variables,
      proxy: connection?.proxyUrl,
      port: ports.values().next().value?.port
    })
    // PORT is the first; a container with several ports finds each of them by its name or number.
    for (const { name, containerPort } of spec.ports ?? []) {
      const port = ports.get(containerPort)?.port
      if (port !== undefined) env[`PORT_${(name ?? String(containerPort)).toUpperCase().replaceAll('-', '_')}`] = String(port)
    }
    return env
  }
  const placeOf = (name: string): { env: Record<string, string>, directory: string } | undefined => {
    if (name === 'istio-proxy' && connection?.sidecarProxyUrl !== undefined) {
      const spec = { name, image: '' }
      const env = containerEnvironment({ store, pod, container: spec, home, compileCache: context.compileCache, tools: [proxyTools, ...context.tools], proxy: connection.sidecarProxyUrl })
      return { env, directory: home }
    }
    const spec = [...pod.spec.containers, ...pod.spec.initContainers ?? []].find((container) => container.name === name)
    const container = containers.get(name)
    if (spec === undefined || container?.state.running === undefined) return undefined
    return { env: environment(spec, container.ports), directory: directoryOf(spec) }
  }

  const stop = async (graceMs: number): Promise<void> => {
    stopped = true
    const deadline = Date.now() + graceMs
    // Nobody is sent here any more before the process is asked to end.
    await context.network.update()
    for (const spec of pod.spec.containers) {
      if (containers.get(spec.name)?.state.running !== undefined) remark(spec, false)({ reason: 'Killing', message: `Stopping container ${spec.name}` })
    }
    await Promise.all([...containers.values()].map(async (container) => await container.stop(Math.max(0, deadline - Date.now()))))
    accessLog.end()
    await begun
    await connection?.close()
    await rm(home, { recursive: true, force: true })
    const object = current()
    if (object !== undefined) await store.delete('Pod', object.metadata.namespace, object.metadata.name, { uid: object.metadata.uid })
  }

  const begun = begin().catch(context.onError)
  return {
    uid: pod.metadata.uid,
    ports: () => new Map([...containers.values()].flatMap(({ ports }) => [...ports])),
    log: (name, previous) => {
      if (views.has(name)) return previous ? undefined : accessLog
      return containers.get(name)?.log(previous)
    },
    logAccess: (line) => accessLog.write(`${line}\n`),
    place: placeOf,
    restart: (directories) => {
      const affected = pod.spec.containers.filter(({ image }) => directories.has(context.images.directory(image ?? '') ?? ''))
      for (const { name } of affected) containers.get(name)?.restart()
      return affected.length > 0
    },
    hurry: (graceMs) => {
      for (const container of containers.values()) container.stop(graceMs).catch(context.onError)
    },
    pids: () => [...containers.values()].flatMap(({ pid }) => pid ?? []),
    stop
  }
}

const ended = { lastState: {}, restartCount: 0, ready: false, started: false }

function running (): ContainerView {
  return { state: { running: { startedAt: now() } }, lastState: {}, restartCount: 0, ready: true, started: true }
}
