import type { Store, StoredObject } from '../store/store.ts'
import { kindKey } from '../store/store.ts'
import { listKind, type StoredPod } from './kinds.ts'
import { endPod } from './replica-sets.ts'

/** Deletes what belonged to an object that is gone: the ReplicaSets of a Deployment, their pods, a Service's slices. */
export async function deleteOrphans (store: Store, uids: ReadonlySet<string>): Promise<void> {
  for (const key of store.kindKeys()) {
    for (const object of store.list(key)) {
      const owners = object.metadata.ownerReferences
      if (owners === undefined || owners.length === 0 || !owners.every(({ uid }) => uids.has(uid))) continue
      await remove(store, object)
    }
  }
}

/** Empties the namespaces that are being deleted, and takes them away once nothing is left in them. */
export async function finishNamespaces (store: Store): Promise<void> {
  for (const namespace of listKind(store, 'Namespace')) {
    if (namespace.metadata.deletionTimestamp === undefined) continue
    const name = namespace.metadata.name
    const content = store.kindKeys().flatMap((key) => store.list(key, { namespace: name })).filter(({ metadata }) => metadata.namespace === name)
    for (const object of content) await remove(store, object)
    const left = store.kindKeys().some((key) => store.list(key, { namespace: name }).some(({ metadata }) => metadata.namespace === name))
    if (!left) await store.delete('Namespace', undefined, name)
  }
}

async function remove (store: Store, object: StoredObject): Promise<void> {
  const key = kindKey(object.apiVersion, object.kind)
  if (key === 'Pod') await endPod(store, object as StoredPod)
  else if (store.get(key, object.metadata.namespace, object.metadata.name)?.metadata.uid === object.metadata.uid) {
    await store.delete(key, object.metadata.namespace, object.metadata.name)
  }
}
