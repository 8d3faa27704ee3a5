import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.js'
import type {
  ConfigMap, Endpoints, Event, Namespace, Node, Pod, PodSpec, Secret, Service, ServiceAccount
} from 'kubernetes-types/core/v1.js'
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js'
import type { ListOptions, ObjectMeta, Store, StoredObject } from '../store/store.ts'

/** Read-only all the way down, as the store hands objects out. */
export type Frozen<T> = T extends readonly (infer U)[] ? readonly Frozen<U>[]
  : T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T

/** An object of a known kind in the store: the API checks the fields of core kinds before it stores them. */
export type Stored<T> = Frozen<Omit<T, 'apiVersion' | 'kind' | 'metadata' | 'spec'>> & {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
} & (T extends { spec?: infer S } ? { readonly spec: Frozen<NonNullable<S>> } : unknown)

/** The kinds that the runtime reads and writes, by their key in the store. */
export interface Kinds {
  Pod: Pod
  Service: Service
  Namespace: Namespace
  Node: Node
  Secret: Secret
  ConfigMap: ConfigMap
  ServiceAccount: ServiceAccount
  Endpoints: Endpoints
  Event: Event
  'Deployment.apps': Deployment
  'ReplicaSet.apps': ReplicaSet
  'EndpointSlice.discovery.k8s.io': EndpointSlice
}

export type StoredPod = Stored<Pod>
export type StoredService = Stored<Service>
export type StoredNamespace = Stored<Namespace>
export type StoredDeployment = Stored<Deployment>
export type StoredReplicaSet = Stored<ReplicaSet>
export type FrozenPodSpec = Frozen<PodSpec>

/** {@link Store.get} for a kind whose fields are known. */
export function getKind<K extends keyof Kinds> (store: Store, kind: K, key: { namespace?: string | undefined, name: string }): Stored<Kinds[K]> | undefined {
  return store.get(kind, key.namespace, key.name) as Stored<Kinds[K]> | undefined
}

/** {@link Store.list} for a kind whose fields are known. */
export function listKind<K extends keyof Kinds> (store: Store, kind: K, options?: ListOptions): readonly Stored<Kinds[K]>[] {
  return store.list(kind, options) as unknown as readonly Stored<Kinds[K]>[]
}

/**
 * Writes an object's status if it is still there: what a controller saw may have been deleted meanwhile.
 * Resolves without waiting for the disk, as a status is made anew at each start.
 */
export async function writeStatus (store: Store, object: StoredObject, status: object): Promise<void> {
  const key = object.apiVersion.includes('/') ? `${object.kind}.${object.apiVersion.split('/')[0]}` : object.kind
  const current = store.get(key, object.metadata.namespace, object.metadata.name)
  if (current === undefined || current.metadata.uid !== object.metadata.uid) return
  await store.update({ ...current, status }, { volatile: true })
}

/** The reference by which Kubernetes says that a controller made an object. */
export function controllerReference (owner: StoredObject) {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true
  }
}

export function isOwnedBy (object: { readonly metadata: ObjectMeta }, owner: { readonly metadata: ObjectMeta }): boolean {
  return object.metadata.ownerReferences?.some((reference) => reference.controller === true && reference.uid === owner.metadata.uid) ?? false
}

/** RFC 3339 in whole seconds, as Kubernetes writes times; so many seconds from now. */
export function now (secondsAhead = 0): string {
  return new Date(Date.now() + secondsAhead * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** True when all labels of a selector stand on the object; an empty selector selects nothing here, as in a Service. */
export function selects (selector: Readonly<Record<string, string>> | undefined, labels: Readonly<Record<string, string>> | undefined): boolean {
  const wanted = Object.entries(selector ?? {})
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value)
}
