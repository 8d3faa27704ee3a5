import { apiVersionOf, type Kind } from '../../resources/kinds.ts'
import type { StoredObject } from '../../store/store.ts'
import { asObject, mediaType, parseJson, parseYaml, type JsonObject } from '../body/body.ts'
import { ApiError, badRequest, unsupportedMediaType } from '../status.ts'
import { applyJsonPatch } from './json-patch.ts'
import { mergePatch } from './merge-patch.ts'
import { strategicMerge } from './strategic-merge.ts'

export const patchTypes = [
  'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'
] as const

export type PatchType = typeof patchTypes[number]

export interface Patch {
  readonly type: PatchType
  /** The parsed body: an object, or the operations of a JSON patch. */
  readonly body: unknown
}

/** Reads the body of a PATCH. @throws ApiError 400, 415 */
export async function readPatch (body: Buffer, { contentType, kind, version }: { contentType: string | undefined, kind: Kind, version: string }): Promise<Patch> {
  const type = patchTypes.find((one) => one === mediaType(contentType))
  if (type === undefined) {
    throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${patchTypes.join(', ')}`)
  }
  if (type === 'application/strategic-merge-patch+json' && kind.origin !== 'core') {
    const accepted = patchTypes.filter((one) => one !== type)
    throw unsupportedMediaType(`${type} is not supported by ${apiVersionOf(kind, version)}, Kind=${kind.kind}: the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`)
  }
  const parsed = type === 'application/apply-patch+yaml' ? await parseYaml(body) : parseJson(body)
  if (type === 'application/json-patch+json') {
    if (!Array.isArray(parsed)) throw badRequest('a JSON patch is a list of operations')
    return { type, body: parsed }
  }
  return { type, body: asObject(parsed) }
}

/** The object with a patch on it. Server-side apply is not among these. @throws ApiError 422 when it cannot be put on */
export function applyPatch (object: StoredObject, { type, body }: Patch): JsonObject {
  switch (type) {
    case 'application/json-patch+json': return applyJsonPatch(object, body)
    case 'application/merge-patch+json': return asObject(mergePatch(object, body))
    case 'application/strategic-merge-patch+json': return asObject(strategicMerge(object, body))
    default: throw new ApiError(500, 'InternalError', `${type} is no change to an object`)
  }
}
