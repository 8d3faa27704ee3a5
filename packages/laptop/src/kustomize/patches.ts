import { formatProblem, parseYaml, type ParsedDocument } from '@bankinfo/mesh/rules'
import { applyJsonPatch } from '../api/patch/json-patch.ts'
import { listKeysOf } from '../api/patch/merge-keys.ts'
import { strategicMerge } from '../api/patch/strategic-merge.ts'
import { fieldOf, isRecord, recordOf, textOf, type JsonRecord } from '../resources/json.ts'
import { groupVersion } from '../resources/kinds.ts'
import { labelSelector } from '../resources/selector.ts'
import { KustomizeError, type PatchRule, type PatchTarget } from './kustomization.ts'

export type Patch =
  | { readonly type: 'json', readonly operations: readonly unknown[], readonly target: PatchTarget, readonly where: string }
  | { readonly type: 'merge', readonly object: JsonRecord, readonly target: PatchTarget, readonly named: boolean, readonly where: string }

/**
 * Reads a patch: a list is a JSON patch (RFC 6902) and needs a target, an object is a strategic merge patch.
 * @param fileText content of `path`
 * @throws KustomizeError
 */
export function readPatch (rule: PatchRule, fileText: string | undefined): Patch {
  const { where, target = {} } = rule
  const { documents, problems } = parseYaml(rule.path ?? where, fileText ?? rule.patch ?? '')
  if (problems.length > 0) throw new KustomizeError(`${where}: the patch does not parse\n${problems.map(formatProblem).join('\n')}`)
  const [document, ...more] = documents
  if (document === undefined) throw new KustomizeError(`${where}: the patch is empty`)
  if (more.length > 0) throw new KustomizeError(`${where}: one patch is expected, ${documents.length} documents came`)
  const { value } = document
  if (Array.isArray(value)) {
    if (rule.target === undefined) throw new KustomizeError(`${where}: must specify a target for JSON patch`)
    return { type: 'json', operations: value, target, where }
  }
  if (!isRecord(value)) throw new KustomizeError(`${where}: a list of operations or an object is expected`)
  const own = { ...groupVersion(textOf(value.apiVersion)), kind: textOf(value.kind), name: textOf(fieldOf(value, 'metadata', 'name')) }
  if (rule.target === undefined && (own.kind === '' || own.name === '')) throw new KustomizeError(`${where}: the patch needs kind and metadata.name, or a target`)
  const namespace = textOf(fieldOf(value, 'metadata', 'namespace'))
  const itself: PatchTarget = { group: own.group, version: own.version, kind: own.kind, name: own.name, ...(namespace !== '' && { namespace }) }
  return { type: 'merge', object: value, target: rule.target ?? itself, named: rule.target === undefined, where }
}

/** The objects with the patch on those that it is meant for. @throws KustomizeError when that is none, or it does not fit */
export function putPatch (documents: readonly ParsedDocument[], patch: Patch): readonly ParsedDocument[] {
  const wanted = documents.filter((document) => isTarget(document, patch.target))
  if (wanted.length === 0 && patch.type === 'merge' && patch.named) {
    throw new KustomizeError(`${patch.where}: no resource matches strategic merge patch "${textOf(patch.target.kind)} ${textOf(patch.target.name)}"`)
  }
  return documents.flatMap((document) => {
    if (!wanted.includes(document)) return [document]
    const changed = patched(document, patch)
    return changed === undefined ? [] : [{ ...document, resource: changed as unknown as ParsedDocument['resource'] }]
  })
}

function patched ({ resource }: ParsedDocument, patch: Patch): JsonRecord | undefined {
  const object = resource as unknown as JsonRecord
  if (patch.type === 'merge') {
    const { metadata, ...rest } = patch.object
    // A patch with a target may name the object as it likes: the name stays.
    const { name: _name, namespace: _namespace, ...own } = recordOf(metadata)
    const { apiVersion: _version, kind: _kind, ...fields } = rest
    const merged = strategicMerge(object, { ...fields, metadata: own }, listKeysOf(resource.apiVersion))
    return isRecord(merged) ? merged : undefined
  }
  try {
    return applyJsonPatch(object, patch.operations)
  } catch (error) {
    throw new KustomizeError(`${patch.where}: the patch does not fit ${resource.kind} ${resource.metadata.name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Kind, name and the like are regular expressions for the whole value. */
function isTarget ({ resource }: ParsedDocument, target: PatchTarget): boolean {
  const { group, version } = groupVersion(resource.apiVersion)
  const { name, namespace = 'default', labels = {}, annotations = {} } = resource.metadata
  const matches = (pattern: string | undefined, value: string): boolean => pattern === undefined || pattern === '' || new RegExp(`^(?:${pattern})$`).test(value)
  return matches(target.group, group) && matches(target.version, version) && matches(target.kind, resource.kind) &&
    matches(target.name, name) && matches(target.namespace, namespace) &&
    (target.labelSelector === undefined || labelSelector(target.labelSelector)(labels)) &&
    (target.annotationSelector === undefined || labelSelector(target.annotationSelector)(annotations))
}
