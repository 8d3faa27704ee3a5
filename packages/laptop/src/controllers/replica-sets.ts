import type { Store } from '../store/store.ts'
import type { RecordEvent } from './events.ts'
import { controllerReference, isOwnedBy, listKind, now, writeStatus, type StoredPod, type StoredReplicaSet } from './kinds.ts'
import { canonical, randomSuffix } from './names.ts'

/** Makes and ends pods until each ReplicaSet has as many as it asks for, and counts them in its status. */
export async function reconcileReplicaSets (store: Store, record: RecordEvent): Promise<void> {
  const pods = listKind(store, 'Pod')
  for (const set of listKind(store, 'ReplicaSet.apps')) {
    const own = pods.filter((pod) => pod.metadata.namespace === set.metadata.namespace && isOwnedBy(pod, set) && isActive(pod))
    const missing = (set.spec.replicas ?? 1) - own.length
    for (let made = 0; made < missing; made++) await createPod(store, record, set)
    if (missing < 0) {
      for (const pod of [...own].sort(deleteFirst).slice(0, -missing)) {
        await endPod(store, pod)
        record(set, { reason: 'SuccessfulDelete', component: 'replicaset-controller', message: `Deleted pod: ${pod.metadata.name}` })
      }
    }
    await reportStatus(store, set, own)
  }
}

/**
 * Asks for the end of a pod, as the API does on DELETE: the kubelet stops its processes and then takes the object away.
 */
export async function endPod (store: Store, pod: StoredPod): Promise<void> {
  const current = store.get('Pod', pod.metadata.namespace, pod.metadata.name) as StoredPod | undefined
  if (current === undefined || current.metadata.uid !== pod.metadata.uid || current.metadata.deletionTimestamp !== undefined) return
  const seconds = current.spec.terminationGracePeriodSeconds ?? 30
  await store.update({ ...current, metadata: { ...current.metadata, deletionTimestamp: now(seconds), deletionGracePeriodSeconds: seconds } })
}

async function createPod (store: Store, record: RecordEvent, set: StoredReplicaSet): Promise<void> {
  const template = set.spec.template
  if (template === undefined) return
  const name = `${set.metadata.name.slice(0, 57)}-${randomSuffix()}`
  const { labels, annotations } = template.metadata ?? {}
  await store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: `${set.metadata.name}-`,
      ...(set.metadata.namespace === undefined ? {} : { namespace: set.metadata.namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(set)]
    },
    spec: { ...template.spec },
    status: { phase: 'Pending' }
  })
  record(set, { reason: 'SuccessfulCreate', component: 'replicaset-controller', message: `Created pod: ${name}` })
}

async function reportStatus (store: Store, set: StoredReplicaSet, own: readonly StoredPod[]): Promise<void> {
  const ready = own.filter(isReady)
  const limit = (set.spec.minReadySeconds ?? 0) * 1000
  const available = ready.filter((pod) => Date.now() - readySince(pod) >= limit)
  const status = {
    replicas: own.length,
    ...(own.length === 0 ? {} : { fullyLabeledReplicas: own.length }),
    ...(ready.length === 0 ? {} : { readyReplicas: ready.length }),
    ...(available.length === 0 ? {} : { availableReplicas: available.length }),
    observedGeneration: set.metadata.generation ?? 1
  }
  const before: unknown = set.status
  if (canonical(before) !== canonical(status)) await writeStatus(store, set, status)
}

export function isReady (pod: StoredPod): boolean {
  return pod.metadata.deletionTimestamp === undefined &&
    (pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false)
}

function readySince (pod: StoredPod): number {
  return Date.parse(pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? now())
}

function isActive (pod: StoredPod): boolean {
  return pod.metadata.deletionTimestamp === undefined && pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded'
}

// Pods that are not ready go first, then the youngest, as in Kubernetes.
function deleteFirst (a: StoredPod, b: StoredPod): number {
  return Number(isReady(a)) - Number(isReady(b)) || Number(b.metadata.resourceVersion) - Number(a.metadata.resourceVersion)
}
