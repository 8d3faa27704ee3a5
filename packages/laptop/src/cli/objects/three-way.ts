import { isDeepStrictEqual } from 'node:util'
import { mergeKeyOf } from '../../api/patch/merge-keys.ts'
import { isRecord, type JsonRecord } from '../../resources/json.ts'

/**
 * What `apply` makes of an object: what the file sets is set, what the last applied file set and this one does not is taken away,
 * and what others have set stays. Lists of Kubernetes' own kinds are merged item by item where Kubernetes does so.
 * @param merge whether lists have keys; Istio's kinds have none
 */
export function threeWayMerge ({ last, next, current }: { readonly last: JsonRecord, readonly next: JsonRecord, readonly current: JsonRecord }, merge: boolean): JsonRecord {
  return mergeObjects({ last, next, current }, { merge, path: [] })
}

interface Place {
  readonly merge: boolean
  readonly path: readonly string[]
}

function mergeObjects ({ last, next, current }: { readonly last: JsonRecord, readonly next: JsonRecord, readonly current: JsonRecord }, place: Place): JsonRecord {
  const result: Record<string, unknown> = { ...current }
  for (const key of Object.keys(last)) if (next[key] === undefined) delete result[key]
  for (const [key, value] of Object.entries(next)) {
    if (value === null) delete result[key]
    else result[key] = mergeValues({ last: last[key], next: value, current: current[key] }, { ...place, path: [...place.path, key] })
  }
  return result
}

function mergeValues ({ last, next, current }: { readonly last: unknown, readonly next: unknown, readonly current: unknown }, place: Place): unknown {
  if (isRecord(next) && isRecord(current)) return mergeObjects({ last: isRecord(last) ? last : {}, next, current }, place)
  const key = place.merge ? mergeKeyOf(place.path) : undefined
  if (key !== undefined && key !== '' && Array.isArray(next) && Array.isArray(current)) return mergeItems({ last: Array.isArray(last) ? last : [], next, current }, { ...place, key })
  return isDeepStrictEqual(next, current) ? current : next
}

function mergeItems ({ last, next, current }: Record<'last' | 'next' | 'current', readonly unknown[]>, { key, ...place }: Place & { readonly key: string }): readonly unknown[] {
  const find = (items: readonly unknown[], item: JsonRecord): JsonRecord | undefined => items.find((one): one is JsonRecord => isRecord(one) && one[key] === item[key])
  const merged = next.filter(isRecord).map((item) => {
    const there = find(current, item)
    return there === undefined ? item : mergeObjects({ last: find(last, item) ?? {}, next: item, current: there }, place)
  })
  const foreign = current.filter(isRecord).filter((item) => find(next, item) === undefined && find(last, item) === undefined)
  return [...merged, ...foreign]
}
