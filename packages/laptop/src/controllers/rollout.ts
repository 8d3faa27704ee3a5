import type { StoredDeployment, StoredReplicaSet } from './kinds.ts'

export interface RolloutPlan {
  /** New `spec.replicas` by ReplicaSet name; only those that change. */
  readonly scale: ReadonlyMap<string, number>
}

export interface RolloutInput {
  readonly deployment: StoredDeployment
  /** The ReplicaSet of the current template. */
  readonly current: StoredReplicaSet
  /** The others, oldest first. */
  readonly old: readonly StoredReplicaSet[]
}

/**
 * How many pods each ReplicaSet of a Deployment should have next, by Kubernetes' rules for rolling updates: never more than
 * replicas + maxSurge pods, never fewer than replicas - maxUnavailable available ones, unavailable old pods go first.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 */
export function planRollout ({ deployment, current, old }: RolloutInput): RolloutPlan {
  const scale = new Map<string, number>()
  const wanted = deployment.spec.replicas ?? 1
  const have = desired(current)
  if (deployment.spec.strategy?.type === 'Recreate') {
    for (const set of old) if (desired(set) > 0) scale.set(set.metadata.name, 0)
    const gone = old.every((set) => desired(set) === 0 && (set.status?.replicas ?? 0) === 0)
    if (gone && have !== wanted) scale.set(current.metadata.name, wanted)
    return { scale }
  }
  const { maxSurge, maxUnavailable } = bounds(deployment, wanted)
  const oldTotal = sum(old, desired)
  if (have > wanted || oldTotal === 0) {
    if (have !== wanted) scale.set(current.metadata.name, wanted)
  } else {
    const room = wanted + maxSurge - (have + oldTotal)
    const next = have + Math.max(0, Math.min(room, wanted - have))
    if (next !== have) scale.set(current.metadata.name, next)
  }
  if (oldTotal === 0) return { scale }

  const minimum = wanted - maxUnavailable
  const unavailable = Math.max(0, have - available(current))
  let spare = have + oldTotal - minimum - unavailable
  const counts = new Map(old.map((set) => [set.metadata.name, desired(set)]))
  const takeFrom = (set: StoredReplicaSet, most: number) => {
    const count = counts.get(set.metadata.name) ?? 0
    const taken = Math.max(0, Math.min(count, most))
    counts.set(set.metadata.name, count - taken)
    return taken
  }
  for (const set of old) spare -= takeFrom(set, Math.min(spare, desired(set) - available(set)))
  let availableSpare = Math.min(spare, available(current) + sum(old, available) - minimum)
  for (const set of old) availableSpare -= takeFrom(set, availableSpare)
  for (const set of old) {
    const count = counts.get(set.metadata.name)
    if (count !== undefined && count !== desired(set)) scale.set(set.metadata.name, count)
  }
  return { scale }
}

/** How many pods more than asked for, and how many fewer available ones, a rolling update may have. */
export function bounds (deployment: StoredDeployment, wanted: number): { readonly maxSurge: number, readonly maxUnavailable: number } {
  const rolling = deployment.spec.strategy?.rollingUpdate
  const maxSurge = absolute(rolling?.maxSurge ?? '25%', wanted, Math.ceil)
  const maxUnavailable = absolute(rolling?.maxUnavailable ?? '25%', wanted, Math.floor)
  // Both zero could never make a step; Kubernetes takes one unavailable pod then.
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable }
}

function absolute (value: string | number, of: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value
  const match = /^(\d+)(%?)$/.exec(value)
  if (match === null) return 0
  return match[2] === '%' ? round(Number(match[1]) * of / 100) : Number(match[1])
}

function desired (set: StoredReplicaSet): number {
  return set.spec.replicas ?? 1
}

function available (set: StoredReplicaSet): number {
  return set.status?.availableReplicas ?? 0
}

function sum (sets: readonly StoredReplicaSet[], of: (set: StoredReplicaSet) => number): number {
  return sets.reduce((total, set) => total + of(set), 0)
}
