import type { Column } from './table.ts'
import { arrayOf, recordOf, textOf } from '../json.ts'

/** Columns from a line of titles; `*` before a title: an integer, `+` before it: with `-o wide` only. The first is the name. */
export function columns (...titles: readonly string[]): readonly Column[] {
  return titles.map((title, index) => ({
    name: title.replace(/^[*+]+/, ''),
    type: title.includes('*') ? 'integer' : 'string',
    ...(index === 0 && { format: 'name' }),
    ...(title.includes('+') && { priority: 1 })
  }))
}

/** Labels or a selector as kubectl prints them in one cell. */
export function labelCell (labels: unknown): string {
  if (typeof labels !== 'object' || labels === null) return '<none>'
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`).sort()
  return pairs.length === 0 ? '<none>' : pairs.join(',')
}

/** A label selector as kubectl writes it: `app=web,tier in (a,b),!legacy`. */
export function selectorCell (selector: unknown): string {
  const { matchLabels, matchExpressions } = recordOf(selector)
  const pairs = Object.entries(recordOf(matchLabels)).map(([key, value]) => `${key}=${String(value)}`).sort()
  const expressions = arrayOf(matchExpressions).map(recordOf).map(({ key, operator, values }) => {
    const name = textOf(key)
    if (operator === 'Exists') return name
    if (operator === 'DoesNotExist') return `!${name}`
    return `${name} ${operator === 'NotIn' ? 'notin' : 'in'} (${arrayOf(values).map(textOf).sort().join(',')})`
  })
  const cells = [...pairs, ...expressions]
  return cells.length === 0 ? '<none>' : cells.join(',')
}

/** The first few of a list, and how many more there are. */
export function shortList (items: readonly string[], most: number, separator = ','): string {
  if (items.length === 0) return '<none>'
  const shown = items.slice(0, most).join(separator)
  return items.length > most ? `${shown} + ${items.length - most} more...` : shown
}
