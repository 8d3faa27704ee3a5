import { isRecord, type JsonRecord } from '../../resources/json.ts'

/** An object as `-o json` shows it. */
export function toJson (object: JsonRecord): string {
  return JSON.stringify(sorted(shown(object)), undefined, 4) + '\n'
}

/** An object as `-o yaml` shows it: keys in alphabetical order, lists not indented. */
export async function toYaml (object: JsonRecord): Promise<string> {
  const { stringify } = await import('yaml')
  return stringify(sorted(shown(object)), { indentSeq: false, lineWidth: 0, version: '1.1', aliasDuplicateObjects: false })
}

/** Several objects as one. */
export function listObject (items: readonly JsonRecord[]): JsonRecord {
  return { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items }
}

/** managedFields are for machines; kubectl leaves them out, too. */
function shown (object: JsonRecord): JsonRecord {
  if (Array.isArray(object.items)) return { ...object, items: object.items.map((item: unknown) => isRecord(item) ? shown(item) : item) }
  if (!isRecord(object.metadata)) return object
  const { managedFields: _managed, ...metadata } = object.metadata
  return { ...object, metadata }
}

function sorted (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, item]) => [key, sorted(item)]))
}
