import { fieldOf, recordOf } from '../../resources/json.ts'
import type { Kind } from '../../resources/kinds.ts'
import { timestamp } from '../../store/objects.ts'
import type { StoredObject } from '../../store/store.ts'
import type { JsonObject } from '../body/body.ts'
import type { ApiContext } from '../context.ts'
import type { ResourcePath } from '../path.ts'
import { getObject, inVersion, listObjects } from '../read/read.ts'
import { conflict, detailsOf, forbidden, success } from '../status.ts'
import { carryOut, stored } from './write.ts'

export interface DeleteMode {
  readonly dryRun: boolean
  /** Seconds that a pod gets to end; absent: what the pod says itself. */
  readonly gracePeriodSeconds?: number
  readonly orphan: boolean
  readonly uid?: string
  readonly resourceVersion?: string
}

/** Namespaces that the cluster cannot do without. */
const kept = new Set(['default', 'kube-system', 'kube-public', 'istio-system'])

/** Reads DeleteOptions from the query and the body; the body counts. */
export function deleteMode (query: URLSearchParams, body: JsonObject): DeleteMode {
  const grace = body.gracePeriodSeconds ?? query.get('gracePeriodSeconds') ?? undefined
  const uid = fieldOf(body, 'preconditions', 'uid')
  const resourceVersion = fieldOf(body, 'preconditions', 'resourceVersion')
  const dryRun = body.dryRun ?? query.getAll('dryRun')
  return {
    dryRun: Array.isArray(dryRun) && dryRun.includes('All'),
    ...(grace !== undefined && { gracePeriodSeconds: Number(grace) }),
    orphan: (body.propagationPolicy ?? query.get('propagationPolicy')) === 'Orphan' || body.orphanDependents === true,
    ...(typeof uid === 'string' && { uid }),
    ...(typeof resourceVersion === 'string' && { resourceVersion })
  }
}

/** Deletes one object. What needs time to end (pods, namespaces, finalizers) is marked, and answered as it is. @throws ApiError */
export async function deleteObject (context: ApiContext, path: ResourcePath, mode: DeleteMode): Promise<object> {
  const object = getObject(context, path)
  const ending = await remove(context, path.kind, { object, mode })
  await carryOut(context, path.kind)
  if (ending !== undefined) return inVersion(ending, path.kind, path.version)
  return success(detailsOf(path.kind, object.metadata.name, object.metadata.uid))
}

/** Deletes what the selectors of a query select; answers what that was. @throws ApiError */
export async function deleteCollection (context: ApiContext, path: ResourcePath, { query, mode }: { query: URLSearchParams, mode: DeleteMode }): Promise<readonly StoredObject[]> {
  const objects = listObjects(context, path, query)
  await Promise.all(objects.map((object) => remove(context, path.kind, { object, mode })))
  await carryOut(context, path.kind)
  return objects
}

/** @returns the object while it is still ending, undefined when it is gone */
async function remove (context: ApiContext, kind: Kind, { object, mode }: { object: StoredObject, mode: DeleteMode }): Promise<StoredObject | undefined> {
  const { name, namespace, uid, resourceVersion, deletionTimestamp } = object.metadata
  if (kind.key === 'Namespace' && kept.has(name)) throw forbidden(kind, name, 'this namespace may not be deleted')
  if (mode.uid !== undefined && mode.uid !== uid) {
    throw conflict(kind, name, `Precondition failed: UID in precondition: ${mode.uid}, UID in object meta: ${uid}`)
  }
  if (mode.resourceVersion !== undefined && mode.resourceVersion !== resourceVersion) throw conflict(kind, name)
  const grace = graceOf(kind, object, mode)
  if (mode.dryRun) return grace === undefined ? undefined : object
  if (mode.orphan) await orphanDependents(context, object)
  if (grace === undefined) {
    await stored(kind, name, () => context.store.delete(kind.key, namespace, name))
    return undefined
  }
  const shorter = deletionTimestamp !== undefined && grace < Number(object.metadata.deletionGracePeriodSeconds ?? 0)
  if (deletionTimestamp !== undefined && !shorter) return object
  return await stored(kind, name, () => context.store.update({
    ...object,
    ...(kind.key === 'Namespace' && { status: { ...recordOf(object.status), phase: 'Terminating' } }),
    metadata: {
      ...object.metadata,
      deletionTimestamp: timestamp(new Date(Date.now() + grace * 1_000)),
      deletionGracePeriodSeconds: grace
    }
  }))
}

/** Seconds that the object gets to end; undefined when it can go at once. */
function graceOf (kind: Kind, object: StoredObject, mode: DeleteMode): number | undefined {
  if (kind.key === 'Pod') {
    const own = Number(fieldOf(object, 'spec', 'terminationGracePeriodSeconds') ?? 30)
    return Math.max(0, mode.gracePeriodSeconds ?? own)
  }
  const { finalizers } = object.metadata
  return kind.key === 'Namespace' || (Array.isArray(finalizers) && finalizers.length > 0) ? 0 : undefined
}

/** Takes the reference to an owner off what it owned, so that its deletion leaves that alone. */
async function orphanDependents ({ store }: ApiContext, owner: StoredObject): Promise<void> {
  for (const key of store.kindKeys()) {
    for (const object of store.list(key)) {
      const { ownerReferences } = object.metadata
      if (ownerReferences?.some((reference) => reference.uid === owner.metadata.uid) !== true) continue
      const left = ownerReferences.filter((reference) => reference.uid !== owner.metadata.uid)
      const { ownerReferences: _former, ...metadata } = object.metadata
      await store.update({ ...object, metadata: { ...metadata, ...(left.length > 0 && { ownerReferences: left }) } })
    }
  }
}
