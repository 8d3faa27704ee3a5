import type { Store, StoredObject } from '../store/store.ts'
import { listKind, now } from './kinds.ts'

export interface EventDetails {
  readonly type?: 'Normal' | 'Warning'
  /** CamelCase, as in Kubernetes: `Scheduled`, `BackOff`. */
  readonly reason: string
  readonly message: string
  /** Who says it: `kubelet`, `deployment-controller`. */
  readonly component: string
  /** `spec.containers{web}` for a container of a pod. */
  readonly fieldPath?: string
}

export type RecordEvent = (object: StoredObject, details: EventDetails) => void

/** Events older than an hour are forgotten, as in Kubernetes. */
const lifetime = 3_600_000

/**
 * Writes Kubernetes events. The same event about the same object is one event whose count grows.
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
export function createEventRecorder (store: Store): RecordEvent {
  const names = new Map<string, string>()
  return (object, details) => {
    const namespace = object.metadata.namespace ?? 'default'
    const key = [object.metadata.uid, details.type, details.reason, details.message, details.fieldPath].join('\n')
    const time = now()
    const known = names.get(key)
    const current = known === undefined ? undefined : store.get('Event', namespace, known)
    if (current !== undefined) {
      const count = typeof current.count === 'number' ? current.count : 1
      ignoreMissing(store.update({ ...current, count: count + 1, lastTimestamp: time }, { volatile: true }))
      return
    }
    if (store.get('Namespace', undefined, namespace) === undefined) return
    const name = `${object.metadata.name}.${uniqueTime()}`
    names.set(key, name)
    ignoreMissing(store.create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      type: details.type ?? 'Normal',
      reason: details.reason,
      message: details.message,
      count: 1,
      firstTimestamp: time,
      lastTimestamp: time,
      eventTime: null,
      source: { component: details.component, ...(details.component === 'kubelet' ? { host: 'bankinfo' } : {}) },
      reportingComponent: details.component,
      reportingInstance: details.component === 'kubelet' ? 'bankinfo' : '',
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        name: object.metadata.name,
        ...(object.metadata.namespace === undefined ? {} : { namespace }),
        uid: object.metadata.uid,
        resourceVersion: object.metadata.resourceVersion,
        ...(details.fieldPath === undefined ? {} : { fieldPath: details.fieldPath })
      }
    }, { volatile: true }))
    forgetOld(store, names)
  }
}

let last = 0n

// Kubernetes' names end in the time, too: sorted by name, events stand in the order in which they happened.
function uniqueTime (): string {
  const time = BigInt(Date.now()) * 1_000_000n
  last = time > last ? time : last + 1n
  return last.toString(16)
}

function forgetOld (store: Store, names: Map<string, string>): void {
  const oldest = Date.now() - lifetime
  for (const event of listKind(store, 'Event')) {
    if (Date.parse(event.lastTimestamp ?? event.metadata.creationTimestamp) >= oldest) continue
    ignoreMissing(store.delete('Event', event.metadata.namespace, event.metadata.name, { volatile: true }))
  }
  if (names.size < 10_000) return
  names.clear()
}

// An event is a remark: that its object or namespace has just gone is no reason to fail.
function ignoreMissing (write: Promise<unknown>): void {
  write.catch(() => {})
}
