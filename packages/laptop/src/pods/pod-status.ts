import type { Container, ContainerState, ContainerStatus, PodCondition, PodStatus } from 'kubernetes-types/core/v1.js'
import { now, type Frozen, type StoredPod } from '../controllers/kinds.ts'
import { proxyImage } from './injection.ts'

/** What a container shows of itself; the sidecar, which is no process of its own, shows the same. */
export interface ContainerView {
  readonly state: Frozen<ContainerState>
  readonly lastState: Frozen<ContainerState>
  readonly restartCount: number
  readonly ready: boolean
  readonly started: boolean
}

export interface StatusInput {
  readonly pod: StoredPod
  /** By container name; those that have not begun are absent. */
  readonly containers: ReadonlyMap<string, ContainerView>
  readonly startTime: string
  readonly ip: string
}

/** A pod's status from what its containers show. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ */
export function podStatus (input: StatusInput): Frozen<PodStatus> {
  const { pod, containers, startTime, ip } = input
  const waiting = (name: string): ContainerView => containers.get(name) ?? { ...idle, state: { waiting: { reason: 'PodInitializing' } } }
  const own = pod.spec.containers.map((spec) => ({ spec, view: waiting(spec.name) }))
  const init = (pod.spec.initContainers ?? []).map((spec) => ({ spec, view: waiting(spec.name) }))
  const initialized = init.every(({ spec, view }) => spec.restartPolicy === 'Always' ? view.started : view.state.terminated?.exitCode === 0)
  const sidecars = init.filter(({ spec }) => spec.restartPolicy === 'Always')
  const ready = [...own, ...sidecars].every(({ view }) => view.ready) && own.length > 0
  const unready = [...own, ...sidecars].filter(({ view }) => !view.ready).map(({ spec }) => spec.name)
  const reason = ready ? {} : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` }
  return {
    phase: phaseOf(pod, own.map(({ view }) => view), initialized),
    conditions: [
      condition(pod, { type: 'PodReadyToStartContainers', status: 'True' }),
      condition(pod, { type: 'Initialized', status: initialized ? 'True' : 'False' }),
      condition(pod, { type: 'Ready', status: ready ? 'True' : 'False', ...reason }),
      condition(pod, { type: 'ContainersReady', status: ready ? 'True' : 'False', ...reason }),
      condition(pod, { type: 'PodScheduled', status: 'True' })
    ],
    hostIP: '127.0.0.1',
    hostIPs: [{ ip: '127.0.0.1' }],
    podIP: ip,
    podIPs: [{ ip }],
    startTime,
    qosClass: qosClass(pod),
    ...(init.length === 0 ? {} : { initContainerStatuses: init.map(containerStatus) }),
    containerStatuses: own.map(containerStatus)
  } as Frozen<PodStatus>
}

const idle = { lastState: {}, restartCount: 0, ready: false, started: false }

function phaseOf (pod: StoredPod, own: readonly ContainerView[], initialized: boolean): string {
  const ended = own.filter(({ state }) => state.terminated !== undefined)
  const restarts = (pod.spec.restartPolicy ?? 'Always') === 'Always'
  if (ended.length === own.length && own.length > 0 && !restarts) {
    return ended.every(({ state }) => state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed'
  }
  const begun = initialized && own.some(({ state, restartCount }) => state.running !== undefined || state.terminated !== undefined || restartCount > 0)
  return begun ? 'Running' : 'Pending'
}

function containerStatus ({ spec, view }: { spec: Frozen<Container>, view: ContainerView }): Frozen<ContainerStatus> {
  return {
    name: spec.name,
    image: spec.image ?? proxyImage,
    imageID: spec.image ?? proxyImage,
    ready: view.ready,
    started: view.started,
    restartCount: view.restartCount,
    state: view.state,
    lastState: view.lastState
  }
}

function condition (pod: StoredPod, next: { type: string, status: string, reason?: string, message?: string }): Frozen<PodCondition> {
  const before = pod.status?.conditions?.find(({ type }) => type === next.type)
  return { ...next, lastTransitionTime: before?.status === next.status ? before.lastTransitionTime ?? now() : now() }
}

function qosClass (pod: StoredPod): string {
  const resources = pod.spec.containers.map((container) => container.resources ?? {})
  if (resources.every(({ requests, limits }) => requests === undefined && limits === undefined)) return 'BestEffort'
  const guaranteed = resources.every(({ requests, limits }) => ['cpu', 'memory'].every((kind) =>
    limits?.[kind] !== undefined && (requests?.[kind] ?? limits[kind]) === limits[kind]))
  return guaranteed ? 'Guaranteed' : 'Burstable'
}
