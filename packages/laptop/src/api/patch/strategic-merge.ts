import { isRecord, type JsonRecord } from '../../resources/json.ts'
import { mergeKeyOf, type ListKeys } from './merge-keys.ts'

/**
 * Puts a strategic merge patch on one of Kubernetes' own objects: lists whose items have a key are merged item by item, other
 * lists are replaced; `$patch`, `$retainKeys`, `$deleteFromPrimitiveList` and `$setElementOrder` are obeyed.
 * @param keyOf which lists have keys; by default those of Kubernetes' own kinds
 * @see https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
 */
export function strategicMerge (target: unknown, patch: unknown, keyOf: ListKeys = mergeKeyOf): unknown {
  return mergeValue(target, patch, { path: [], keyOf })
}

interface Place {
  readonly path: readonly string[]
  readonly keyOf: ListKeys
}

function mergeValue (target: unknown, patch: unknown, place: Place): unknown {
  if (Array.isArray(patch)) return mergeList(Array.isArray(target) ? target : [], patch, place)
  if (!isRecord(patch)) return patch
  if (patch.$patch === 'replace') return withoutDirectives(patch)
  if (patch.$patch === 'delete') return undefined
  return mergeObject(isRecord(target) ? target : {}, patch, place)
}

function mergeObject (target: JsonRecord, patch: JsonRecord, place: Place): JsonRecord {
  const retained = Array.isArray(patch.$retainKeys) ? new Set<unknown>(patch.$retainKeys) : undefined
  const result: Record<string, unknown> = Object.fromEntries(Object.entries(target).filter(([key]) => retained?.has(key) !== false))
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue
    if (value === null) delete result[key]
    else {
      const merged = mergeValue(result[key], value, { ...place, path: [...place.path, key] })
      if (merged === undefined) delete result[key]
      else result[key] = merged
    }
  }
  for (const [key, value] of Object.entries(patch)) {
    const [directive, field] = key.split('/', 2)
    if (field === undefined || !Array.isArray(value)) continue
    const list = result[field]
    if (!Array.isArray(list)) continue
    if (directive === '$deleteFromPrimitiveList') result[field] = list.filter((item) => !value.includes(item))
    if (directive === '$setElementOrder') result[field] = ordered(list, value, place.keyOf([...place.path, field]))
  }
  return result
}

function mergeList (target: readonly unknown[], patch: readonly unknown[], place: Place): readonly unknown[] {
  const key = place.keyOf(place.path)
  if (key === undefined) return patch.filter((item) => !isDirective(item)).map(withoutDirectives)
  if (key === '') return [...new Set([...target, ...patch])]
  const result: unknown[] = patch.some((item) => isRecord(item) && item.$patch === 'replace') ? [] : [...target]
  for (const item of patch) {
    if (!isRecord(item) || (item.$patch === 'replace' && item[key] === undefined)) continue
    const index = result.findIndex((one) => isRecord(one) && one[key] === item[key])
    if (item.$patch === 'delete') {
      if (index !== -1) result.splice(index, 1)
    } else if (index === -1) result.push(mergeValue({}, item, place))
    else result[index] = mergeValue(result[index], item, place)
  }
  return result
}

/** The items that the order names in that order; the others stay where they were among them. */
function ordered (list: readonly unknown[], order: readonly unknown[], key: string | undefined): readonly unknown[] {
  const identity = (item: unknown): unknown => key !== undefined && key !== '' && isRecord(item) ? item[key] : item
  const wanted = order.map(identity)
  const rank = (item: unknown): number => wanted.indexOf(identity(item))
  const known = list.filter((item) => rank(item) !== -1).sort((a, b) => rank(a) - rank(b))
  let next = 0
  return list.map((item) => rank(item) === -1 ? item : known[next++])
}

function isDirective (item: unknown): boolean {
  return isRecord(item) && item.$patch !== undefined && Object.keys(item).length === 1
}

function withoutDirectives (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('$')).map(([key, item]) => [key, withoutDirectives(item)]))
}
