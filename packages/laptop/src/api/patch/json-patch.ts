import { applyPatch, type Operation } from 'rfc6902'
import { isRecord } from '../../resources/json.ts'
import { asObject, type JsonObject } from '../body/body.ts'
import { ApiError, badRequest } from '../status.ts'

const operations = ['add', 'remove', 'replace', 'move', 'copy', 'test']

/** Puts a JSON patch (RFC 6902) on an object. @throws ApiError 400 for what is no patch, 422 when a test fails or a path is missing */
export function applyJsonPatch (object: object, patch: unknown): JsonObject {
  if (!Array.isArray(patch) || !patch.every(isOperation)) {
    throw badRequest('error decoding patch: each operation needs "op" (add, remove, replace, move, copy or test) and "path"')
  }
  const target: unknown = structuredClone(object)
  const failed = applyPatch(target, patch).some((failure) => failure !== null)
  if (failed) throw new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
  return asObject(target)
}

function isOperation (value: unknown): value is Operation {
  return isRecord(value) && operations.includes(String(value.op)) && typeof value.path === 'string' && !/(?:^|\/)__proto__(?:\/|$)/.test(value.path)
}
