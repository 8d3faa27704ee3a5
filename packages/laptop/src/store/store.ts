/**
 * What the cluster holds: Kubernetes objects by kind, namespace and name, in memory, with a journal on disk behind it.
 * Writes are seen by readers and watchers at once; the promise of a write resolves when the journal is on disk.
 */

import { join } from 'node:path'
import { openJournal } from './journal.ts'
import { createStore } from './objects.ts'

export { StoreError } from './errors.ts'

/** A Kubernetes object as the store keeps it. Frozen all the way down: build a changed copy and hand it to {@link Store.update}. */
export interface StoredObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly [field: string]: unknown
}

/** An object on its way into the store: the store fills in what is missing of uid, resourceVersion and creationTimestamp. */
export interface NewObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: NewObjectMeta
  readonly [field: string]: unknown
}

export interface NewObjectMeta {
  readonly name: string
  /** Absent for kinds that stand outside namespaces (Namespace, Node, CustomResourceDefinition). */
  readonly namespace?: string
  readonly uid?: string
  /** On {@link Store.update}: the version that the change was made from; absent means "whatever is there". */
  readonly resourceVersion?: string
  /** RFC 3339, whole seconds. */
  readonly creationTimestamp?: string
  readonly generation?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
  /** Set by the API on a graceful delete (pods, namespaces): whoever runs the object ends it, then calls {@link Store.delete}. */
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly [field: string]: unknown
}

export interface ObjectMeta extends NewObjectMeta {
  readonly uid: string
  readonly resourceVersion: string
  readonly creationTimestamp: string
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** One change, in the order of resource versions. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly kindKey: string
  /** After the change; for DELETED the last state, with the resourceVersion of the deletion. */
  readonly object: StoredObject
  /** Before the change; absent for ADDED. */
  readonly previous?: StoredObject
}

export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string
  /** In the API's form: `app=web,version in (v1, v2),!canary`. */
  readonly labelSelector?: string
  /** In the API's form: `metadata.name=web,status.phase!=Running`. */
  readonly fieldSelector?: string
}

export interface WriteOptions {
  /** Resolve without waiting for the disk. For what controllers write into `status`: they would write it again after a restart. */
  readonly volatile?: boolean
}

export interface DeleteOptions extends WriteOptions {
  /** Delete only what has this uid or resourceVersion; else {@link StoreError} with code `conflict`. */
  readonly uid?: string
  readonly resourceVersion?: string
}

export interface Store {
  /** True when nothing was on disk: the first start, or after a reset. */
  readonly isNew: boolean
  /** The version of the newest change, a decimal number that only grows, over restarts too. */
  readonly resourceVersion: string
  get(kindKey: string, namespace: string | undefined, name: string): StoredObject | undefined
  /** Ordered by namespace, then name. */
  list(kindKey: string, options?: ListOptions): readonly StoredObject[]
  /** Every kind key that has at least one object. */
  kindKeys(): readonly string[]
  /** @throws StoreError `exists`, or `unavailable` when the disk refuses. */
  create(object: NewObject, options?: WriteOptions): Promise<StoredObject>
  /**
   * Replaces the object of the same kind, namespace and name. Nothing is written when nothing but the resourceVersion would differ.
   * @throws StoreError `missing`, `conflict` (it was changed since `metadata.resourceVersion`), `unavailable`.
   */
  update(object: NewObject, options?: WriteOptions): Promise<StoredObject>
  /** @throws StoreError `missing`, `conflict`, `unavailable`. */
  delete(kindKey: string, namespace: string | undefined, name: string, options?: DeleteOptions): Promise<StoredObject>
  /** Calls the listener for each change from now on, in order, before the write returns. Call the result to stop. */
  watch(listener: (event: StoreEvent) => void): () => void
  /** The changes after a resource version; undefined when that is longer ago than the store remembers (HTTP 410). */
  since(resourceVersion: string): readonly StoreEvent[] | undefined
  /** Waits for what is under way, then closes the file. */
  close(): Promise<void>
}

export interface StoreOptions {
  /** Made with mode 0700 when missing. */
  readonly directory: string
  /** Kinds that are made anew at each start and never written to disk; {@link volatileKinds} when absent. */
  readonly volatile?: readonly string[]
}

/** What is made from the rest at each start. */
export const volatileKinds: readonly string[] = [
  'Pod', 'ReplicaSet.apps', 'Endpoints', 'EndpointSlice.discovery.k8s.io', 'Event', 'Event.events.k8s.io', 'Node',
  'CustomResourceDefinition.apiextensions.k8s.io'
]

/** The key a kind is stored under: `Pod`, `Deployment.apps`, `VirtualService.networking.istio.io`. All versions of a kind share it. */
export function kindKey (apiVersion: string, kind: string): string {
  const slash = apiVersion.indexOf('/')
  return slash === -1 ? kind : `${kind}.${apiVersion.slice(0, slash)}`
}

/**
 * Opens the store in a directory: reads its journal, drops a torn last line, writes a compacted journal in its place.
 * @throws Error naming file and line when the journal is damaged anywhere but at its end.
 */
export async function openStore (options: StoreOptions): Promise<Store> {
  const journal = await openJournal(join(options.directory, 'store.jsonl'))
  return createStore(journal, new Set(options.volatile ?? volatileKinds))
}
