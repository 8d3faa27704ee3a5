import { getKind, listKind, now, type StoredPod } from '../controllers/kinds.ts'
import type { StoreEvent } from '../store/store.ts'
import { allocateAddress } from '../network/addresses.ts'
import { hasSidecar, injectGateway, injectSidecar, isGateway, statusAnnotation, wantsSidecar } from './injection.ts'
import type { NodeContext } from './node-context.ts'
import { runPod, type RunningPod } from './pod.ts'

export interface Kubelet {
  /** The running pod of this id (`namespace/name`). */
  pod(id: string): RunningPod | undefined
  /** Starts the containers anew that run from one of these package folders; the ids of their pods. */
  restart(directories: ReadonlySet<string>): readonly string[]
  pids(): readonly number[]
  /** Ends all pods, each within its grace time and at most within this time in milliseconds. */
  stop(graceMs: number): Promise<void>
}

/** Runs the pods that the store holds: each that appears is given its sidecar and its address and is started, each that is to go is ended. */
export function startKubelet (context: NodeContext): Kubelet {
  const { store, record } = context
  const pods = new Map<string, RunningPod>()
  const ending = new Map<string, { readonly running: RunningPod, readonly gone: Promise<void> }>()
  let stopped = false

  const changed = ({ type, kindKey, object }: StoreEvent): void => {
    if (kindKey !== 'Pod' || stopped) return
    const pod = object as StoredPod
    if (type === 'DELETED') end(pod, 0)
    else if (pod.metadata.deletionTimestamp !== undefined) end(pod, (pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000)
    else if (!pods.has(idOf(pod))) queueMicrotask(() => { adopt(pod.metadata.uid, idOf(pod)).catch(context.onError) })
  }

  const adopt = async (uid: string, id: string): Promise<void> => {
    const [namespace, name = ''] = id.split('/')
    const found = getKind(store, 'Pod', { namespace, name })
    if (stopped || pods.has(id) || found === undefined || found.metadata.uid !== uid || found.metadata.deletionTimestamp !== undefined) return
    const admitted = admit(found)
    const ip = allocateAddress('10.44', listKind(store, 'Pod').flatMap(({ status }) => status?.podIP ?? []))
    const written = store.update({
      ...admitted,
      spec: { ...admitted.spec, nodeName: 'bankinfo' },
      status: { ...admitted.status, phase: 'Pending', podIP: ip, podIPs: [{ ip }], hostIP: '127.0.0.1', startTime: now() }
    })
    const pod = getKind(store, 'Pod', { namespace, name })
    if (pod === undefined) return
    record(pod, { reason: 'Scheduled', component: 'default-scheduler', message: `Successfully assigned ${id} to bankinfo` })
    pods.set(id, runPod(context, pod))
    await written
  }

  const admit = (pod: StoredPod): StoredPod => {
    if (pod.metadata.annotations?.[statusAnnotation] !== undefined || hasSidecar(pod)) return pod
    if (isGateway(pod)) return injectGateway(pod)
    const namespace = getKind(store, 'Namespace', { name: pod.metadata.namespace ?? 'default' })
    return wantsSidecar(pod, namespace) ? injectSidecar(pod) : pod
  }

  const end = (pod: StoredPod, graceMs: number): void => {
    const id = idOf(pod)
    const running = pods.get(id)
    if (running === undefined || running.uid !== pod.metadata.uid) {
      const before = ending.get(pod.metadata.uid)
      // Asked again, with less time: `kubectl delete --grace-period=0 --force`.
      if (before !== undefined) before.running.hurry(graceMs)
      else if (pod.metadata.deletionTimestamp !== undefined) forget(pod)
      return
    }
    pods.delete(id)
    const gone = running.stop(graceMs).catch(context.onError).finally(() => ending.delete(pod.metadata.uid))
    ending.set(pod.metadata.uid, { running, gone })
  }

  // A pod that never ran here has no processes to wait for.
  const forget = (pod: StoredPod): void => {
    const current = getKind(store, 'Pod', pod.metadata)
    if (current?.metadata.uid !== pod.metadata.uid) return
    store.delete('Pod', pod.metadata.namespace, pod.metadata.name, { uid: pod.metadata.uid }).catch(context.onError)
  }

  const stopWatching = store.watch(changed)
  for (const pod of listKind(store, 'Pod')) changed({ type: 'ADDED', kindKey: 'Pod', object: pod })
  return {
    pod: (id) => pods.get(id),
    restart: (directories) => [...pods].filter(([, pod]) => pod.restart(directories)).map(([id]) => id),
    pids: () => [...pods.values(), ...[...ending.values()].map(({ running }) => running)].flatMap((pod) => pod.pids()),
    stop: async (graceMs) => {
      stopped = true
      stopWatching()
      await Promise.all([
        ...[...pods.values()].map(async (pod) => await pod.stop(graceMs)),
        // Those that were ending in their own time have no more of it than the rest.
        ...[...ending.values()].map(async ({ running, gone }) => {
          running.hurry(graceMs)
          await gone
        })
      ])
    }
  }
}

function idOf (pod: StoredPod): string {
  return `${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`
}
