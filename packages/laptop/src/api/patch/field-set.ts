import { isDeepStrictEqual } from 'node:util'
import { isRecord, type JsonRecord } from '../../resources/json.ts'
import type { ListKeys } from './merge-keys.ts'

/**
 * Fields of an object in the form of `managedFields`: `f:` before a field's name, `k:` before the key of a list item.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
 */
export interface FieldSet {
  readonly [step: string]: FieldSet
}

/** All fields that a configuration sets. A list without a merge key is one field. */
export function fieldsOf (object: JsonRecord, keyOf: ListKeys, path: readonly string[] = []): FieldSet {
  return Object.fromEntries(Object.entries(object).map(([field, value]) => [`f:${field}`, below(value, keyOf, [...path, field])]))
}

function below (value: unknown, keyOf: ListKeys, path: readonly string[]): FieldSet {
  if (isRecord(value)) return fieldsOf(value, keyOf, path)
  const key = keyOf(path)
  if (!Array.isArray(value) || key === undefined || key === '') return {}
  return Object.fromEntries(value.filter(isRecord).map((item) => [`k:${JSON.stringify({ [key]: item[key] })}`, fieldsOf(item, keyOf, path)]))
}

/** A copy of an object without the fields of one set that no other set has. */
export function removeFields (object: JsonRecord, owned: FieldSet, kept: readonly FieldSet[]): JsonRecord {
  const result: Record<string, unknown> = { ...object }
  for (const [step, inner] of Object.entries(owned)) {
    const field = step.slice(2)
    const value = result[field]
    if (!step.startsWith('f:') || value === undefined) continue
    const others = kept.map((set) => set[step]).filter((set) => set !== undefined)
    if (others.length === 0) delete result[field]
    else if (isRecord(value)) result[field] = removeFields(value, inner, others)
    else if (Array.isArray(value)) result[field] = removeItems(value, inner, others)
  }
  return result
}

function removeItems (items: readonly unknown[], owned: FieldSet, kept: readonly FieldSet[]): readonly unknown[] {
  return items.flatMap((item) => {
    const step = Object.keys(owned).find((one) => isItem(one, item))
    if (step === undefined || !isRecord(item)) return [item]
    const others = kept.map((set) => set[step]).filter((set) => set !== undefined)
    return others.length === 0 ? [] : [removeFields(item, owned[step] ?? {}, others)]
  })
}

function isItem (step: string, item: unknown): boolean {
  if (!step.startsWith('k:') || !isRecord(item)) return false
  const key: unknown = JSON.parse(step.slice(2))
  return isRecord(key) && Object.entries(key).every(([field, value]) => isDeepStrictEqual(item[field], value))
}

/** Paths of the fields of a set whose value differs between two states of an object. */
export function changedFields ({ before, after }: { readonly before: unknown, readonly after: unknown }, owned: FieldSet, path = ''): readonly string[] {
  return Object.entries(owned).flatMap(([step, inner]) => {
    const [from, to] = [valueAt(before, step), valueAt(after, step)]
    if (isDeepStrictEqual(from, to)) return []
    const here = step.startsWith('f:') ? `${path}.${step.slice(2)}` : `${path}[${step.slice(3, -1).replace(/^"([^"]+)":/, '$1=')}]`
    return Object.keys(inner).length === 0 ? [here] : changedFields({ before: from, after: to }, inner, here)
  })
}

function valueAt (value: unknown, step: string): unknown {
  if (step.startsWith('f:')) return isRecord(value) ? value[step.slice(2)] : undefined
  return Array.isArray(value) ? value.find((item) => isItem(step, item)) : undefined
}
