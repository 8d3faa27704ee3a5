import { isRecord, type JsonRecord } from '../json.ts'
import type { Kind } from '../kinds.ts'
import { coreSchema, resolveSchema, type FieldSchema } from './core-schemas.ts'

export interface SchemaFindings {
  /** Paths of fields that the kind does not have, `spec.replica`. */
  readonly unknown: readonly string[]
  /** Values of a wrong type, in the words of the API server's decoder. */
  readonly wrong: readonly WrongValue[]
}

export interface WrongValue {
  readonly path: string
  readonly message: string
}

/** Holds one of Kubernetes' own kinds against its schema: unknown fields and wrong types, all at once. */
export function checkCore (kind: Kind, object: JsonRecord): SchemaFindings {
  const findings = { unknown: [] as string[], wrong: [] as WrongValue[] }
  const schema = coreSchema(kind.key)
  if (schema !== undefined) check(object, schema, { path: '', name: kind.kind, ...findings })
  return findings
}

/** A copy without the fields that the kind does not have. */
export function pruneCore<T extends JsonRecord> (kind: Kind, object: T): T {
  const schema = coreSchema(kind.key)
  return schema === undefined ? object : prune(object, schema) as T
}

interface Place {
  readonly path: string
  readonly name: string
  readonly unknown: string[]
  readonly wrong: WrongValue[]
}

function check (value: unknown, referenced: FieldSchema, place: Place): void {
  const schema = resolveSchema(referenced)
  if (value === null || value === undefined) return
  const expected = mismatch(value, schema)
  if (expected !== undefined) {
    place.wrong.push({ path: place.path, message: `json: cannot unmarshal ${goType(value)} into Go struct field ${place.name}.${place.path} of type ${expected}` })
    return
  }
  const { fields, values, items } = schema
  if (Array.isArray(value) && items !== undefined) {
    value.forEach((item: unknown, index) => { check(item, items, { ...place, path: `${place.path}[${index}]` }) })
  } else if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) {
      const path = place.path === '' ? key : `${place.path}.${key}`
      const field = fields === undefined ? values : fields[key]
      if (field !== undefined) check(item, field, { ...place, path })
      else if (fields !== undefined) place.unknown.push(path)
    }
  }
}

function prune (value: unknown, schema: FieldSchema): unknown {
  const { fields, items, values } = resolveSchema(schema)
  if (Array.isArray(value)) return items === undefined ? value : value.map((item: unknown) => prune(item, items))
  if (!isRecord(value)) return value
  const kept = fields === undefined ? Object.entries(value) : Object.entries(value).filter(([key]) => key in fields)
  return Object.fromEntries(kept.map(([key, item]) => {
    const field = fields === undefined ? values : fields[key]
    return [key, field === undefined ? item : prune(item, field)]
  }))
}

/** Go's name of the type that was expected; undefined when the value fits. */
function mismatch (value: unknown, { type }: FieldSchema): string | undefined {
  switch (type) {
    case 'string': return typeof value === 'string' ? undefined : 'string'
    case 'boolean': return typeof value === 'boolean' ? undefined : 'bool'
    case 'integer': return Number.isInteger(value) ? undefined : 'int32'
    case 'array': return Array.isArray(value) ? undefined : 'slice'
    case 'object': return isRecord(value) ? undefined : 'object'
    default: return undefined
  }
}

function goType (value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value
}
