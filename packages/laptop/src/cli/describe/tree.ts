import { isRecord, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { header } from './fields.ts'

/** Short words that are written in capitals. */
const acronyms = new Set(['API', 'URL', 'UID', 'OSB', 'GUID'])
const shownAbove = new Set(['name', 'namespace', 'labels', 'annotations', 'managedFields'])

/** How kubectl describes a kind that it knows nothing of: every field, by its name in words, in alphabetical order. */
export function describeTree (object: JsonRecord): string {
  const { metadata, ...rest } = object
  const kept = Object.fromEntries(Object.entries(recordOf(metadata)).filter(([key]) => !shownAbove.has(key)))
  return header(object) + tree({ ...rest, metadata: kept }, 0)
}

function tree (object: JsonRecord, level: number): string {
  const indent = '  '.repeat(level)
  return Object.keys(object).sort().map((key) => {
    const value = object[key]
    const title = `${indent}${inWords(key)}:`
    if (isRecord(value)) return `${title}\n${tree(value, level + 1)}`
    if (Array.isArray(value)) return `${title}\n${value.map((item: unknown) => isRecord(item) ? tree(item, level + 1) : `${indent}  ${show(item)}\n`).join('')}`
    return `${title}\t${show(value)}\n`
  }).join('')
}

function show (value: unknown): string {
  if (value === null) return '<nil>'
  return Array.isArray(value) ? `[${value.map(show).join(' ')}]` : textOf(value)
}

/** `fixedDelay` as `Fixed Delay`, `end-user` as `End - User`, `apiVersion` as `API Version`. */
export function inWords (field: string): string {
  const parts = field.match(/\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}+|\d+|[^\p{L}\d]+/gu) ?? [field]
  return parts.filter((part) => part !== '_').map((part) => {
    const upper = part.toUpperCase()
    return acronyms.has(upper) ? upper : part.charAt(0).toUpperCase() + part.slice(1)
  }).join(' ')
}
