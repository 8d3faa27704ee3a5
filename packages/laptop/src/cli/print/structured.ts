import { isRecord, type JsonRecord } from '../../resources/json.ts'

/** An object as `-o json` shows it. */
export function toJson (object: JsonRecord): string {
  return JSON.stringify(sorted(shown(object)), undefined, 4) + '\n'
}

/** An object as `-o yaml` shows it: keys in alphabetical order, lists not indented. */
export async function toYaml (object: JsonRecord): Promise<string> {
  const { Document, Scalar, visit } = await import('yaml')
  const document = new Document(sorted(shown(object)), { version: '1.1', aliasDuplicateObjects: false })
  visit(document, {
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === 'string' && otherType.test(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE
    }
  })
  return document.toString({ indentSeq: false, lineWidth: 0, singleQuote: true })
}

/** Texts that without quotes would be a number, a truth value, nothing or a time: Go's printer puts these in double quotes. */
const otherType = /^(?:[-+]?(?:\d[\d_]*(?:\.\d*)?(?:e[-+]?\d+)?|\.\d+|0x[\da-f]+|0o?[0-7]+|\.inf)|\.nan|y|yes|n|no|on|off|true|false|null|~|\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?|)$/i

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
