import { isDeepStrictEqual } from 'node:util'
import { isRecord } from '../../resources/json.ts'

/** Puts a JSON merge patch on a value: null takes a field away, objects are merged, all else is replaced (RFC 7396). */
export function mergePatch (target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = mergePatch(result[key], value)
  }
  return result
}

/** The JSON merge patch that makes one object into the other; an empty object when they are equal. */
export function mergePatchBetween (from: Readonly<Record<string, unknown>>, to: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const patch: Record<string, unknown> = {}
  for (const key of Object.keys(from)) if (to[key] === undefined && from[key] !== undefined) patch[key] = null
  for (const [key, value] of Object.entries(to)) {
    const before = from[key]
    if (value === undefined || isDeepStrictEqual(before, value)) continue
    patch[key] = isRecord(before) && isRecord(value) ? mergePatchBetween(before, value) : value
  }
  return patch
}
