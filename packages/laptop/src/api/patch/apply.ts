import { isDeepStrictEqual } from 'node:util'
import { isRecord, recordOf, type JsonRecord } from '../../resources/json.ts'
import { apiVersionOf, resourceName } from '../../resources/kinds.ts'
import type { StoredObject } from '../../store/store.ts'
import type { JsonObject } from '../body/body.ts'
import type { ApiContext } from '../context.ts'
import type { ResourcePath } from '../path.ts'
import { ApiError, badRequest } from '../status.ts'
import { createObject, updateObject, type WriteMode, type Written } from '../write/write.ts'
import { changedFields, fieldsOf, removeFields, type FieldSet } from './field-set.ts'
import { listKeysOf } from './merge-keys.ts'
import { strategicMerge } from './strategic-merge.ts'
import { timestamp } from '../../store/objects.ts'

interface ManagedFields {
  readonly manager: string
  readonly operation: 'Apply'
  readonly apiVersion: string
  readonly time: string
  readonly fieldsType: 'FieldsV1'
  readonly fieldsV1: FieldSet
}

export interface ApplyRequest {
  readonly body: JsonObject
  readonly mode: WriteMode
  readonly force: boolean
}

/**
 * Server-side apply: what a manager applies becomes its own; what it applied before and leaves out now is taken away. A field that
 * another manager applied with another value is a conflict. Fields set by other kinds of writes belong to nobody here.
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/
 * @throws ApiError
 */
export async function applyObject (context: ApiContext, path: ResourcePath, request: ApplyRequest): Promise<{ created: boolean, written: Written }> {
  try {
    return await apply(context, path, request)
  } catch (error) {
    const field = error instanceof ApiError && error.code === 400 ? /strict decoding error: unknown field "([^"]+)"/.exec(error.message)?.[1] : undefined
    if (field === undefined) throw error
    const { kind, version, namespace, name } = path
    const subject = `${namespace === undefined ? '' : `${namespace}/`}${name ?? ''}; ${apiVersionOf(kind, version)}, Kind=${kind.kind}`
    throw new ApiError(500, '', `failed to create typed patch object (${subject}): .${field}: field not declared in schema`)
  }
}

async function apply (context: ApiContext, path: ResourcePath, { body, mode, force }: ApplyRequest): Promise<{ created: boolean, written: Written }> {
  const { kind, namespace, name = '' } = path
  if (mode.fieldManager === '') throw badRequest('PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch')
  const keyOf = listKeysOf(apiVersionOf(kind))
  const strict: WriteMode = { ...mode, fieldValidation: 'Strict' }
  const manager: ManagedFields = {
    manager: mode.fieldManager,
    operation: 'Apply',
    apiVersion: String(body.apiVersion),
    time: timestamp(),
    fieldsType: 'FieldsV1',
    fieldsV1: fieldsOf(withoutIdentity(body), keyOf)
  }
  if (context.store.get(kind.key, namespace, name) === undefined) {
    const metadata = { ...recordOf(body.metadata), name }
    const written = await createObject(context, path, { body: { ...body, metadata }, mode: strict })
    if (mode.dryRun) return { created: true, written }
    const managed = await updateObject(context, path, { mode: strict, change: (previous) => withManagers(previous, [manager]) })
    return { created: true, written: { object: managed.object, warnings: written.warnings } }
  }
  const written = await updateObject(context, path, {
    mode: strict,
    change: (previous) => {
      const managers = managersOf(previous)
      const others = managers.filter((one) => one.manager !== manager.manager)
      if (!force) refuseConflicts(previous, { path, body, others })
      const before = managers.find((one) => one.manager === manager.manager)?.fieldsV1 ?? {}
      const kept = removeFields(previous, before, [...others.map((one) => one.fieldsV1), manager.fieldsV1])
      const applied = strategicMerge(kept, withoutIdentity(body), keyOf) as JsonObject
      const same = isDeepStrictEqual(withoutManagers(applied), withoutManagers(previous)) && isDeepStrictEqual(before, manager.fieldsV1)
      return same ? { ...previous } : withManagers({ ...applied, apiVersion: body.apiVersion } as unknown as StoredObject, [...others, manager])
    }
  })
  return { created: false, written }
}

/** What every object has belongs to nobody. */
function withoutIdentity (body: JsonObject): JsonObject {
  const { apiVersion: _version, kind: _kind, metadata, status: _status, ...rest } = body
  const { name: _name, namespace: _namespace, uid: _uid, resourceVersion, managedFields: _managed, creationTimestamp: _created, ...own } = recordOf(metadata)
  return { ...rest, metadata: { ...own, ...(resourceVersion !== undefined && { resourceVersion }) } }
}

function managersOf (object: StoredObject): readonly ManagedFields[] {
  const list: readonly unknown[] = Array.isArray(object.metadata.managedFields) ? object.metadata.managedFields : []
  return list.filter((entry): entry is ManagedFields => isRecord(entry) && entry.operation === 'Apply' && isRecord(entry.fieldsV1))
}

function withManagers (object: StoredObject, managers: readonly ManagedFields[]): JsonObject {
  return { ...object, metadata: { ...object.metadata, managedFields: managers } }
}

function withoutManagers (object: unknown): JsonRecord {
  const record = recordOf(object)
  const { managedFields: _managed, ...metadata } = recordOf(record.metadata)
  return { ...record, metadata }
}

interface Conflicts {
  readonly path: ResourcePath
  readonly body: JsonObject
  readonly others: readonly ManagedFields[]
}

function refuseConflicts (previous: StoredObject, { path, body, others }: Conflicts): void {
  const applied = recordOf(strategicMerge(previous, withoutIdentity(body), listKeysOf(previous.apiVersion)))
  const conflicts = others.flatMap(({ manager, fieldsV1 }) =>
    changedFields({ before: previous, after: applied }, fieldsV1).map((field) => ({ manager, field })))
  if (conflicts.length === 0) return
  const list = conflicts.map(({ manager, field }) => `conflict with "${manager}": ${field}`)
  const count = `Apply failed with ${conflicts.length} conflict${conflicts.length === 1 ? '' : 's'}`
  throw new ApiError(409, 'Conflict', `${count}: ${list.length === 1 ? list[0] : list.map((line) => `\n- ${line}`).join('')}`, {
    name: previous.metadata.name,
    ...(path.kind.group !== '' && { group: path.kind.group }),
    kind: resourceName(path.kind).split('.')[0] ?? '',
    causes: conflicts.map(({ manager, field }) => ({ reason: 'FieldManagerConflict', message: `conflict with "${manager}"`, field }))
  })
}
