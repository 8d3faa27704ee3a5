import { isDeepStrictEqual } from 'node:util'
import { randomBytes } from 'node:crypto'
import { fieldOf, recordOf } from '../../resources/json.ts'
import { apiVersionOf, resourceName, type Kind } from '../../resources/kinds.ts'
import { validateMetadata } from '../../resources/validation.ts'
import { StoreError, type NewObject, type StoredObject } from '../../store/store.ts'
import { timestamp } from '../../store/objects.ts'
import { admitObject, type FieldValidation } from './admission.ts'
import { isObject, type JsonObject } from '../body/body.ts'
import type { ApiContext } from '../context.ts'
import type { ResourcePath } from '../path.ts'
import { alreadyExists, ApiError, badRequest, conflict, forbidden, invalid, notFound } from '../status.ts'

/** What the query of a write says. */
export interface WriteMode {
  readonly dryRun: boolean
  readonly fieldValidation: FieldValidation
  readonly fieldManager: string
}

export interface Written {
  readonly object: StoredObject
  readonly warnings: readonly string[]
}

/** @throws ApiError 400 for a value that the API does not have */
export function writeMode (query: URLSearchParams, userAgent = ''): WriteMode {
  const dryRun = query.get('dryRun') ?? ''
  if (dryRun !== '' && dryRun !== 'All') throw badRequest(`dryRun: Unsupported value: "${dryRun}": supported values: "All"`)
  const wanted = query.get('fieldValidation') ?? ''
  const fieldValidation = (['Strict', 'Warn', 'Ignore'] as const).find((one) => one === (wanted === '' ? 'Warn' : wanted))
  if (fieldValidation === undefined) throw badRequest(`fieldValidation: Unsupported value: "${wanted}": supported values: "Ignore", "Strict", "Warn"`)
  return { dryRun: dryRun === 'All', fieldValidation, fieldManager: query.get('fieldManager') ?? userAgent.split('/')[0] ?? 'unknown' }
}

/** Creates an object from what came in a body. @throws ApiError */
export async function createObject (context: ApiContext, path: ResourcePath, request: { body: JsonObject, mode: WriteMode }): Promise<Written> {
  const { kind } = path
  const { body, mode } = request
  const draft = placed(path, body)
  const name = nameFor(draft)
  requireNamespace(context, path, name)
  const { status, ...rest } = draft
  const keepsStatus = !kind.subresources.includes('status')
  const metadata = { ...recordOf(draft.metadata), name }
  const { resourceVersion, uid, creationTimestamp, deletionTimestamp, generation, managedFields, ...own } = metadata as Record<string, unknown> & { name: string }
  const causes = validateMetadata(kind, metadata)
  if (causes.length > 0) throw invalid(kind, name, causes)
  const object = {
    ...rest,
    ...(keepsStatus && status !== undefined && { status }),
    metadata: { ...own, ...(hasGeneration(kind) && { generation: 1 }) }
  } as unknown as NewObject
  const admitted = admitObject({ kind, version: path.version, object, fieldValidation: mode.fieldValidation, store: context.store })
  if (mode.dryRun) {
    if (context.store.get(kind.key, path.namespace, name) !== undefined) throw alreadyExists(kind, name)
    return { object: pretend(admitted.object, context), warnings: admitted.warnings }
  }
  const created = await stored(kind, name, () => context.store.create(admitted.object))
  await carryOut(context, kind)
  return { object: created, warnings: admitted.warnings }
}

export interface UpdateRequest {
  readonly mode: WriteMode
  /** Only `status` may change, or all but it. */
  readonly subresource?: 'status' | undefined
}

/**
 * Puts a changed object in the place of what is there.
 * @param change makes the new object from the present one; called anew when somebody else was faster and the change names no resourceVersion
 * @throws ApiError
 */
export async function updateObject (
  context: ApiContext,
  path: ResourcePath,
  request: UpdateRequest & { readonly change: (previous: StoredObject) => JsonObject | Promise<JsonObject> }
): Promise<Written> {
  const { kind, namespace, name = '' } = path
  for (let attempt = 1; ; attempt += 1) {
    const previous = context.store.get(kind.key, namespace, name)
    if (previous === undefined) throw notFound(kind, name)
    const changed = await request.change(previous)
    const { object, warnings } = prepareUpdate(context, path, { ...request, previous, changed: placed(path, changed) })
    const wanted = fieldOf(changed, 'metadata', 'resourceVersion')
    if (wanted !== undefined && wanted !== '' && wanted !== previous.metadata.resourceVersion) throw conflict(kind, name)
    if (request.mode.dryRun) return { object: pretend(object, context), warnings }
    try {
      const updated = await stored(kind, name, () => context.store.update({ ...object, metadata: { ...object.metadata, resourceVersion: previous.metadata.resourceVersion } }))
      const written = await endFinalized(context, kind, updated)
      if (written !== previous) await carryOut(context, kind)
      return { object: written, warnings }
    } catch (error) {
      const overtaken = error instanceof ApiError && error.reason === 'Conflict'
      if (!overtaken || attempt === 5) throw error
    }
  }
}

interface Change extends UpdateRequest {
  readonly previous: StoredObject
  readonly changed: JsonObject
}

function prepareUpdate (context: ApiContext, path: ResourcePath, { previous, changed, subresource, mode }: Change): { object: NewObject, warnings: readonly string[] } {
  const { kind, version } = path
  const name = previous.metadata.name
  if (subresource === 'status') {
    return { object: { ...previous, status: changed.status }, warnings: [] }
  }
  const { status, ...rest } = changed
  const hasStatus = kind.subresources.includes('status')
  const wantedUid = fieldOf(changed, 'metadata', 'uid')
  if (wantedUid !== undefined && wantedUid !== previous.metadata.uid) {
    throw conflict(kind, name, `Precondition failed: UID in precondition: ${String(wantedUid)}, UID in object meta: ${previous.metadata.uid}`)
  }
  const { uid, creationTimestamp, generation, deletionTimestamp, deletionGracePeriodSeconds, resourceVersion } = previous.metadata
  const metadata = {
    ...recordOf(changed.metadata),
    name,
    uid,
    creationTimestamp,
    resourceVersion,
    generation,
    deletionTimestamp,
    deletionGracePeriodSeconds
  }
  const causes = validateMetadata(kind, metadata)
  if (causes.length > 0) throw invalid(kind, name, causes)
  const kept = hasStatus ? previous.status : status
  const object = { ...rest, ...(kept !== undefined && { status: kept }), metadata } as unknown as NewObject
  const admitted = admitObject({ kind, version, object, previous, fieldValidation: mode.fieldValidation, store: context.store })
  const sameSpec = isDeepStrictEqual(recordOf(admitted.object.spec), recordOf(previous.spec))
  const counted = !hasGeneration(kind) || sameSpec
    ? admitted.object
    : { ...admitted.object, metadata: { ...admitted.object.metadata, generation: (generation ?? 1) + 1 } }
  return { object: counted, warnings: admitted.warnings }
}

/** An object whose deletion waited for its finalizers goes as soon as the last is taken off. */
async function endFinalized (context: ApiContext, kind: Kind, object: StoredObject): Promise<StoredObject> {
  const { deletionTimestamp, deletionGracePeriodSeconds, namespace, name } = object.metadata
  const finalizers = object.metadata.finalizers
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds !== 0 || (Array.isArray(finalizers) && finalizers.length > 0)) return object
  if (kind.key === 'Pod' || kind.key === 'Namespace') return object
  return await stored(kind, name, () => context.store.delete(kind.key, namespace, name))
}

/** Waits until the mesh obeys, where a kind is any of its business. */
export async function carryOut (context: ApiContext, kind: Kind): Promise<void> {
  if (kind.origin === 'rule' || ['Service', 'Namespace', 'Secret', 'ConfigMap'].includes(kind.key)) await context.onRuleChange()
}

/** The object as it would be, with what the store would give it. */
function pretend (object: NewObject, { store }: ApiContext): StoredObject {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      uid: object.metadata.uid ?? crypto.randomUUID(),
      resourceVersion: object.metadata.resourceVersion ?? store.resourceVersion,
      creationTimestamp: object.metadata.creationTimestamp ?? timestamp()
    }
  }
}

/** Runs a write of the store and says its refusal in the API's terms. */
export async function stored (kind: Kind, name: string, write: () => Promise<StoredObject>): Promise<StoredObject> {
  try {
    return await write()
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    switch (error.code) {
      case 'exists': throw alreadyExists(kind, name)
      case 'missing': throw notFound(kind, name)
      case 'conflict': throw conflict(kind, name)
      case 'unavailable': throw new ApiError(500, 'InternalError', `Internal error occurred: ${error.message}`, {})
    }
  }
}

/** The object of a body in the place that the path names. @throws ApiError 400 when the two contradict each other */
function placed (path: ResourcePath, body: JsonObject): JsonObject {
  const { kind, version, namespace, name } = path
  const expected = apiVersionOf(kind, version)
  if (typeof body.apiVersion !== 'string' || typeof body.kind !== 'string') {
    throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(body).slice(0, 200)}'`)
  }
  if (body.kind !== kind.kind) throw badRequest(`${body.kind} in version "${version}" cannot be handled as a ${kind.kind}: no kind "${body.kind}" is registered for the resource "${resourceName(kind)}"`)
  const group = body.apiVersion.split('/').slice(0, -1).join('/')
  if (group !== kind.group || !kind.versions.includes(body.apiVersion.split('/').at(-1) ?? '')) {
    throw badRequest(`the API version in the data (${body.apiVersion}) does not match the expected API version (${expected})`)
  }
  if (body.metadata !== undefined && !isObject(body.metadata)) throw badRequest(`${kind.kind} in version "${version}" cannot be handled as a ${kind.kind}: metadata must be an object`)
  const metadata = recordOf(body.metadata)
  for (const field of ['labels', 'annotations']) {
    for (const [key, value] of Object.entries(recordOf(metadata[field]))) {
      if (typeof value === 'string') continue
      const type = typeof value === 'boolean' ? 'bool' : typeof value
      throw badRequest(`${kind.kind} in version "${version}" cannot be handled as a ${kind.kind}: json: cannot unmarshal ${type} into Go struct field ObjectMeta.metadata.${field} of type string (${key})`)
    }
  }
  if (metadata.namespace !== undefined && metadata.namespace !== '' && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  if (name !== undefined && metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(`the name of the object (${String(metadata.name)}) does not match the name on the URL (${name})`)
  }
  const { namespace: _dropped, labels, annotations, ...others } = metadata
  const filled = (marks: unknown): boolean => Object.keys(recordOf(marks)).length > 0
  // Kubernetes leaves an empty map out.
  const rest = { ...others, ...(filled(labels) && { labels }), ...(filled(annotations) && { annotations }) }
  return { ...body, metadata: { ...rest, ...(namespace !== undefined && { namespace }), ...(name !== undefined && { name }) } }
}

function nameFor (draft: JsonObject): string {
  const { name, generateName } = recordOf(draft.metadata)
  if (typeof name === 'string' && name !== '') return name
  if (typeof generateName === 'string' && generateName !== '') return generateName + randomSuffix()
  throw new ApiError(422, 'Invalid', `${String(draft.kind)} "" is invalid: metadata.name: Required value: name or generateName is required`, {
    kind: String(draft.kind),
    causes: [{ field: 'metadata.name', reason: 'FieldValueRequired', message: 'Required value: name or generateName is required' }]
  })
}

/** Five characters without vowels, so that they never spell a word. */
function randomSuffix (): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
  return [...randomBytes(5)].map((byte) => alphabet[byte % alphabet.length]).join('')
}

function requireNamespace ({ store }: ApiContext, { kind, namespace }: ResourcePath, name: string): void {
  if (!kind.namespaced) return
  const found = namespace === undefined ? undefined : store.get('Namespace', undefined, namespace)
  if (namespace === undefined || found === undefined) {
    throw new ApiError(404, 'NotFound', `namespaces "${namespace ?? ''}" not found`, { name: namespace ?? '', kind: 'namespaces' })
  }
  if (found.metadata.deletionTimestamp !== undefined) {
    throw forbidden(kind, name, `unable to create new content in namespace ${namespace} because it is being terminated`)
  }
}

function hasGeneration (kind: Kind): boolean {
  return kind.origin === 'rule' || kind.subresources.includes('scale') || ['Pod', 'HorizontalPodAutoscaler.autoscaling', 'PodDisruptionBudget.policy', 'NetworkPolicy.networking.k8s.io', 'EndpointSlice.discovery.k8s.io'].includes(kind.key)
}
