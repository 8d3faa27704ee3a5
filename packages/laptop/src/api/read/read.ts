import { apiVersionOf, preferredVersion, type Kind } from '../../resources/kinds.ts'
import { tableFormat } from '../../resources/tables/table.ts'
import type { ListOptions, StoredObject } from '../../store/store.ts'
import { SelectorError } from '../../resources/selector.ts'
import type { ApiContext } from '../context.ts'
import type { ResourcePath } from '../path.ts'
import { badRequest, notFound } from '../status.ts'

/** The forms in which objects can be asked for. */
export interface Representation {
  /** The object itself, a Table, or only its metadata. */
  readonly as: 'object' | 'table' | 'metadata'
  /** Of the meta.k8s.io group, for Tables and PartialObjectMetadata. */
  readonly version: 'v1' | 'v1beta1'
  /** What a Table's rows carry of their object. */
  readonly includeObject: 'None' | 'Metadata' | 'Object'
}

/** Reads the Accept header: the first form in it that the API knows. */
export function representationOf (accept: string | undefined, includeObject: string | undefined): Representation {
  const included = includeObject === 'None' || includeObject === 'Object' ? includeObject : 'Metadata'
  for (const entry of (accept ?? '').split(',')) {
    const as = /;\s*as=(Table|PartialObjectMetadata(?:List)?)/.exec(entry)?.[1]
    const version = /;\s*v=v1beta1/.test(entry) ? 'v1beta1' : 'v1'
    if (as !== undefined) return { as: as === 'Table' ? 'table' : 'metadata', version, includeObject: included }
    if (entry.trim().startsWith('application/json') || entry.trim() === '*/*') break
  }
  return { as: 'object', version: 'v1', includeObject: included }
}

/** The object of a path. @throws ApiError 404 */
export function getObject ({ store }: ApiContext, { kind, namespace, name = '' }: ResourcePath): StoredObject {
  const object = store.get(kind.key, namespace, name)
  if (object === undefined) throw notFound(kind, name)
  return object
}

/** The objects of a collection. @throws ApiError 400 for a selector that does not parse */
export function listObjects ({ store }: ApiContext, { kind, namespace, name }: ResourcePath, query: URLSearchParams): readonly StoredObject[] {
  try {
    const objects = store.list(kind.key, selection(query, namespace))
    return name === undefined ? objects : objects.filter((object) => object.metadata.name === name)
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message)
    throw error
  }
}

export function selection (query: URLSearchParams, namespace: string | undefined): ListOptions {
  return {
    ...(namespace !== undefined && { namespace }),
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? ''
  }
}

/** An object as one version of its kind. */
export function inVersion (object: StoredObject, kind: Kind, version: string): StoredObject {
  return version === preferredVersion(kind) ? object : { ...object, apiVersion: apiVersionOf(kind, version) }
}

/** The body for a single object. */
export function represent (object: StoredObject, path: ResourcePath, representation: Representation): object {
  const converted = inVersion(object, path.kind, path.version)
  switch (representation.as) {
    case 'table': return table([converted], path.kind, { representation, resourceVersion: object.metadata.resourceVersion })
    case 'metadata': return metadataOnly(converted, representation)
    default: return converted
  }
}

/** The body for a collection. */
export function representList (objects: readonly StoredObject[], path: ResourcePath, { representation, resourceVersion }: ListForm): object {
  const { kind, version } = path
  const converted = objects.map((object) => inVersion(object, kind, version))
  switch (representation.as) {
    case 'table': return table(converted, kind, { representation, resourceVersion })
    case 'metadata': return {
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${representation.version}`,
      metadata: { resourceVersion },
      items: converted.map((object) => metadataOnly(object, representation))
    }
    default: return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind, version), metadata: { resourceVersion }, items: converted }
  }
}

export interface ListForm {
  readonly representation: Representation
  readonly resourceVersion: string
}

/** @see https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
export function table (objects: readonly StoredObject[], kind: Kind, { representation, resourceVersion }: ListForm): object {
  const { columns, row } = tableFormat(kind)
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${representation.version}`,
    metadata: { resourceVersion },
    columnDefinitions: columns.map(({ name, type, format = '', priority = 0 }) => ({ name, type, format, description: '', priority })),
    rows: objects.map((object) => ({
      cells: row(object),
      ...(representation.includeObject === 'Object' && { object }),
      ...(representation.includeObject === 'Metadata' && { object: metadataOnly(object, representation) })
    }))
  }
}

function metadataOnly (object: StoredObject, { version }: Representation): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata }
}
