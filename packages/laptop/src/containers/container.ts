import type { Container, ContainerState } from 'kubernetes-types/core/v1.js'
import type { SocketAddress } from '@bankinfo/mesh'
import { now, type Frozen } from '../controllers/kinds.ts'
import { ContainerConfigError } from './environment.ts'
import type { Exit, Launched } from './launch.ts'
import { createLogRing, type LogRing } from './log-ring.ts'
import { createRestartDelay } from './restart-delay.ts'
import { startProbes } from './probes.ts'
import type { ProbeTarget } from './probe.ts'

/** There is no image of this name. */
export class ImageError extends Error {}

export type RemarkOn = (details: { type?: 'Normal' | 'Warning', reason: string, message: string }) => void

export interface ContainerOptions {
  readonly spec: Frozen<Container>
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never'
  /** Starts the process. Called anew for each restart. @throws ImageError, ContainerConfigError */
  readonly start: (log: LogRing) => Promise<{ process: Launched, ports: ReadonlyMap<number, SocketAddress> }>
  readonly exec: ProbeTarget['exec']
  /** Told after each change of what {@link RunningContainer} shows. */
  readonly onChange: () => void
  readonly remark: RemarkOn
  readonly onError: (error: unknown) => void
}

export interface RunningContainer {
  readonly state: Frozen<ContainerState>
  readonly lastState: Frozen<ContainerState>
  readonly restartCount: number
  readonly ready: boolean
  readonly started: boolean
  readonly pid: number | undefined
  /** Real addresses by container port. */
  readonly ports: ReadonlyMap<number, SocketAddress>
  log(previous: boolean): LogRing | undefined
  /** Ends the process and starts it again at once, as after a change of its source. */
  restart(): void
  /** SIGTERM, then SIGKILL after the grace time, in milliseconds. Resolves when the process is gone. */
  stop(graceMs: number): Promise<void>
  /** Resolves when the container will not run again. */
  readonly done: Promise<Exit | undefined>
}

/** Runs one container of a pod for as long as its restart policy says. */
export function runContainer (options: ContainerOptions): RunningContainer {
  const { spec, onChange, remark } = options
  const delay = createRestartDelay()
  const status = {
    state: { waiting: { reason: 'ContainerCreating' } } as Frozen<ContainerState>,
    lastState: {} as Frozen<ContainerState>,
    restartCount: 0,
    ready: false,
    started: false,
    ports: new Map<number, SocketAddress>() as ReadonlyMap<number, SocketAddress>
  }
  let log = createLogRing()
  let previousLog: LogRing | undefined
  let current: Launched | undefined
  const stopping = new AbortController()
  let restartAtOnce = false
  let wake = () => {}

  const set = (change: Partial<typeof status>): void => {
    Object.assign(status, change)
    onChange()
  }
  const pause = async (ms: number): Promise<void> => {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  const life = async (): Promise<Exit | undefined> => {
    let attempts = 0
    while (!stopping.signal.aborted) {
      const launched = await tryStart()
      if (launched === undefined) {
        // As the kubelet asks again for images and Secrets: soon, then ever more seldom.
        await pause(Math.min(2000 * 2 ** attempts++, 60_000))
        continue
      }
      attempts = 0
      const startedAt = Date.now()
      const exit = await watch(launched)
      if (stopping.signal.aborted || !mayRestart(exit)) return exit
      const wait = restartAtOnce ? 0 : delay.next(Date.now() - startedAt)
      restartAtOnce = false
      set({ restartCount: status.restartCount + 1 })
      if (wait > 0) await backOff(wait)
      previousLog = log
      log = createLogRing()
    }
    return undefined
  }

  const tryStart = async (): Promise<Launched | undefined> => {
    try {
      const { process, ports } = await options.start(log)
      current = process
      status.ports = ports
      return process
    } catch (error) {
      if (error instanceof ImageError) waitForImage(error)
      else if (error instanceof ContainerConfigError) {
        remark({ type: 'Warning', reason: 'Failed', message: `Error: ${error.message}` })
        set({ state: { waiting: { reason: 'CreateContainerConfigError', message: error.message } } })
      } else {
        const message = error instanceof Error ? error.message : String(error)
        remark({ type: 'Warning', reason: 'Failed', message: `Error: ${message}` })
        set({ state: { waiting: { reason: 'CreateContainerError', message } } })
      }
      return undefined
    }
  }

  const waitForImage = (error: ImageError): void => {
    const again = status.state.waiting?.reason === 'ErrImagePull' || status.state.waiting?.reason === 'ImagePullBackOff'
    if (again) {
      remark({ type: 'Normal', reason: 'BackOff', message: `Back-off pulling image "${spec.image}"` })
    } else {
      remark({ type: 'Normal', reason: 'Pulling', message: `Pulling image "${spec.image}"` })
      remark({ type: 'Warning', reason: 'Failed', message: `Failed to pull image "${spec.image}": ${error.message}` })
    }
    const message = again ? `Back-off pulling image "${spec.image}": ${error.message}` : error.message
    set({ state: { waiting: { reason: again ? 'ImagePullBackOff' : 'ErrImagePull', message } } })
  }

  const watch = async (process: Launched): Promise<Exit> => {
    const startedAt = now()
    remark({ reason: 'Started', message: `Started container ${spec.name}` })
    set({ state: { running: { startedAt } } })
    const probes = startProbes({
      spec,
      target: { exec: options.exec, address: (port) => addressOf(spec, status.ports, port) },
      remark,
      onError: options.onError,
      onChange: (change) => set(change),
      onUnhealthy: (what) => {
        remark({ reason: 'Killing', message: `Container ${spec.name} failed ${what} probe, will be restarted` })
        end(process, 30_000)
      }
    })
    const exit = await process.exited
    probes.stop()
    current = undefined
    log.end()
    const reason = exit.error === undefined ? (exit.exitCode === 0 ? 'Completed' : 'Error') : 'StartError'
    const terminated = {
      exitCode: exit.exitCode,
      reason,
      ...(exit.error === undefined ? {} : { message: exit.error }),
      startedAt,
      finishedAt: now()
    }
    set({ ready: false, started: false, lastState: stopping.signal.aborted ? status.lastState : { terminated }, state: { terminated } })
    return exit
  }

  const backOff = async (wait: number): Promise<void> => {
    const message = `back-off ${wait / 1000}s restarting failed container=${spec.name}`
    remark({ type: 'Warning', reason: 'BackOff', message: `Back-off restarting failed container ${spec.name}` })
    set({ state: { waiting: { reason: 'CrashLoopBackOff', message } } })
    await pause(wait)
  }

  const mayRestart = (exit: Exit): boolean =>
    options.restartPolicy === 'Always' || (options.restartPolicy === 'OnFailure' && exit.exitCode !== 0)

  const done = life()
  return {
    get state () { return status.state },
    get lastState () { return status.lastState },
    get restartCount () { return status.restartCount },
    get ready () { return status.ready },
    get started () { return status.started },
    get ports () { return status.ports },
    get pid () { return current?.pid },
    log: (previous) => previous ? previousLog : log,
    restart: () => {
      restartAtOnce = true
      if (current === undefined) wake()
      else end(current, 5000)
    },
    stop: async (graceMs) => {
      stopping.abort()
      wake()
      if (current !== undefined) end(current, graceMs)
      await done
    },
    done
  }
}

/** SIGTERM, then SIGKILL for who has not ended after the grace time. */
function end (process: Launched, graceMs: number): void {
  process.kill(graceMs > 0 ? 'SIGTERM' : 'SIGKILL')
  const timer = setTimeout(() => process.kill('SIGKILL'), graceMs)
  process.exited.finally(() => clearTimeout(timer))
}

/** The real address behind a container port, by number or by name. */
export function addressOf (spec: Frozen<Container>, ports: ReadonlyMap<number, SocketAddress>, port: number | string): SocketAddress | undefined {
  const number = typeof port === 'number' ? port : spec.ports?.find(({ name }) => name === port)?.containerPort
  return number === undefined ? undefined : ports.get(number)
}
