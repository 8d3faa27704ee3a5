import type { Store } from '../store/store.ts'
import type { RecordEvent } from './events.ts'
import { controllerReference, isOwnedBy, listKind, now, writeStatus, type StoredDeployment, type StoredReplicaSet } from './kinds.ts'
import { canonical, templateHash } from './names.ts'
import { bounds, planRollout } from './rollout.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'
const hashLabel = 'pod-template-hash'

/** Brings the ReplicaSets of every Deployment nearer to what it asks for, and tells its status. */
export async function reconcileDeployments (store: Store, record: RecordEvent): Promise<void> {
  const sets = listKind(store, 'ReplicaSet.apps')
  for (const deployment of listKind(store, 'Deployment.apps')) {
    if (deployment.metadata.deletionTimestamp !== undefined) continue
    const owned = sets
      .filter((set) => set.metadata.namespace === deployment.metadata.namespace && isOwnedBy(set, deployment))
      .sort((a, b) => revisionOf(a) - revisionOf(b))
    const current = owned.find((set) => sameTemplate(set, deployment))
    if (deployment.spec.paused === true) await reportStatus(store, deployment, { current, owned })
    else if (current === undefined) await createReplicaSet({ store, record, deployment, owned })
    else await advance({ store, record, deployment, owned, current })
  }
}

interface Work {
  readonly store: Store
  readonly record: RecordEvent
  readonly deployment: StoredDeployment
  readonly owned: readonly StoredReplicaSet[]
}

async function createReplicaSet ({ store, record, deployment, owned }: Work): Promise<void> {
  const { template } = deployment.spec
  let hash = templateHash(template)
  // A set of the same hash and another template is a collision, or one left from before a namespace was made anew.
  for (let attempt = 1; store.get('ReplicaSet.apps', deployment.metadata.namespace, `${deployment.metadata.name}-${hash}`) !== undefined; attempt++) {
    hash = templateHash({ template, attempt })
  }
  const revision = Math.max(Number(deployment.metadata.annotations?.[revisionAnnotation] ?? 0), ...owned.map(revisionOf)) + 1
  const labels = { ...template.metadata?.labels, [hashLabel]: hash }
  const name = `${deployment.metadata.name}-${hash}`
  const wanted = deployment.spec.replicas ?? 1
  const replicas = owned.length === 0 ? wanted : 0
  await store.create({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      ...(deployment.metadata.namespace === undefined ? {} : { namespace: deployment.metadata.namespace }),
      labels,
      annotations: {
        'deployment.kubernetes.io/desired-replicas': String(wanted),
        [revisionAnnotation]: String(revision)
      },
      ownerReferences: [controllerReference(deployment)],
      generation: 1
    },
    spec: {
      replicas,
      ...(deployment.spec.minReadySeconds === undefined ? {} : { minReadySeconds: deployment.spec.minReadySeconds }),
      selector: { ...deployment.spec.selector, matchLabels: { ...deployment.spec.selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } }
    },
    status: { replicas: 0 }
  })
  if (replicas > 0) recordScale({ record, deployment }, { name, from: 0, to: replicas })
  await setRevision(store, deployment, revision)
}

async function advance ({ store, record, deployment, owned, current }: Work & { readonly current: StoredReplicaSet }): Promise<void> {
  const newest = Math.max(...owned.map(revisionOf))
  if (revisionOf(current) < newest) {
    // Going back to an older template makes it the newest revision again.
    await annotateRevision(store, current, newest + 1)
    return
  }
  await setRevision(store, deployment, revisionOf(current))
  const old = owned.filter((set) => set !== current)
  for (const [name, replicas] of planRollout({ deployment, current, old }).scale) {
    const set = store.get('ReplicaSet.apps', deployment.metadata.namespace, name) as StoredReplicaSet | undefined
    if (set === undefined) continue
    recordScale({ record, deployment }, { name, from: set.spec.replicas ?? 0, to: replicas })
    await store.update({
      ...set,
      metadata: { ...set.metadata, generation: (set.metadata.generation ?? 1) + 1 },
      spec: { ...set.spec, replicas }
    })
  }
  const limit = deployment.spec.revisionHistoryLimit ?? 10
  const idle = old.filter((set) => set.spec.replicas === 0 && (set.status?.replicas ?? 0) === 0)
  for (const set of idle.slice(0, Math.max(0, idle.length - limit))) {
    await store.delete('ReplicaSet.apps', set.metadata.namespace, set.metadata.name)
  }
  await reportStatus(store, deployment, { current, owned })
}

async function reportStatus (store: Store, deployment: StoredDeployment, { current, owned }: {
  readonly current: StoredReplicaSet | undefined
  readonly owned: readonly StoredReplicaSet[]
}): Promise<void> {
  const wanted = deployment.spec.replicas ?? 1
  const total = (of: 'replicas' | 'readyReplicas' | 'availableReplicas') => owned.reduce((sum, set) => sum + (set.status?.[of] ?? 0), 0)
  const replicas = total('replicas')
  const availableReplicas = total('availableReplicas')
  const updatedReplicas = current?.status?.replicas ?? 0
  const unavailableReplicas = Math.max(0, Math.max(replicas, wanted) - availableReplicas)
  const complete = updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted
  const mayMiss = deployment.spec.strategy?.type === 'Recreate' ? 0 : bounds(deployment, wanted).maxUnavailable
  const available = availableReplicas >= wanted - mayMiss
  const status = {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...counts({ replicas, updatedReplicas, readyReplicas: total('readyReplicas'), availableReplicas, unavailableReplicas }),
    conditions: [
      condition(deployment, {
        type: 'Available',
        status: available ? 'True' : 'False',
        reason: available ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
        message: available ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.'
      }),
      condition(deployment, progress(deployment, { complete, set: current?.metadata.name, updatedReplicas }))
    ]
  }
  const before: unknown = deployment.status
  if (canonical(before) !== canonical(status)) await writeStatus(store, deployment, status)
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

function progress (deployment: StoredDeployment, { complete, set, updatedReplicas }: {
  readonly complete: boolean
  readonly set: string | undefined
  readonly updatedReplicas: number
}): Condition {
  if (complete) {
    return { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: `ReplicaSet "${set}" has successfully progressed.` }
  }
  const before = deployment.status?.conditions?.find(({ type }) => type === 'Progressing')
  const limit = deployment.spec.progressDeadlineSeconds ?? 600
  const moved = updatedReplicas !== (deployment.status?.updatedReplicas ?? 0) || before?.message?.includes(`"${set}"`) !== true
  const stuck = !moved && Date.now() - Date.parse(before?.lastUpdateTime ?? now()) > limit * 1000
  if (stuck) {
    return { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: `ReplicaSet "${set}" has timed out progressing.` }
  }
  return { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `ReplicaSet "${set}" is progressing.` }
}

// The times change only with the condition, else each look at a Deployment would be a write.
function condition (deployment: StoredDeployment, next: Condition) {
  const before = deployment.status?.conditions?.find(({ type }) => type === next.type)
  const same = before?.status === next.status && before.reason === next.reason && before.message === next.message
  return {
    ...next,
    lastUpdateTime: same ? before.lastUpdateTime ?? now() : now(),
    lastTransitionTime: before?.status === next.status ? before.lastTransitionTime ?? now() : now()
  }
}

// Kubernetes leaves counts of zero out.
function counts (values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value > 0))
}

function recordScale ({ record, deployment }: Pick<Work, 'record' | 'deployment'>, { name, from, to }: { name: string, from: number, to: number }): void {
  record(deployment, {
    reason: 'ScalingReplicaSet',
    component: 'deployment-controller',
    message: `Scaled ${to > from ? 'up' : 'down'} replica set ${name} from ${from} to ${to}`
  })
}

async function setRevision (store: Store, deployment: StoredDeployment, revision: number): Promise<void> {
  if (deployment.metadata.annotations?.[revisionAnnotation] === String(revision)) return
  const current = store.get('Deployment.apps', deployment.metadata.namespace, deployment.metadata.name)
  if (current?.metadata.uid === deployment.metadata.uid) await annotateRevision(store, current as StoredDeployment, revision)
}

async function annotateRevision (store: Store, object: StoredDeployment | StoredReplicaSet, revision: number): Promise<void> {
  await store.update({
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [revisionAnnotation]: String(revision) } }
  })
}

function revisionOf (set: StoredReplicaSet): number {
  return Number(set.metadata.annotations?.[revisionAnnotation] ?? 0)
}

function sameTemplate (set: StoredReplicaSet, deployment: StoredDeployment): boolean {
  const { [hashLabel]: _, ...labels } = set.spec.template?.metadata?.labels ?? {}
  const template = { ...set.spec.template, metadata: { ...set.spec.template?.metadata, labels } }
  const wanted = { ...deployment.spec.template, metadata: { ...deployment.spec.template.metadata, labels: deployment.spec.template.metadata?.labels ?? {} } }
  return canonical(template) === canonical(wanted)
}
