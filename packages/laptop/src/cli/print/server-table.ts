import { recordOf, textOf, fieldOf } from '../../resources/json.ts'
import type { Kind } from '../../resources/kinds.ts'
import { objectLabel } from '../selection/targets.ts'

/** A Table as the API answers it. */
export interface ServerTable {
  readonly columnDefinitions: ReadonlyArray<{ readonly name: string, readonly priority: number, readonly format?: string }>
  readonly rows: ReadonlyArray<{ readonly cells: readonly unknown[], readonly object?: unknown }>
}

export interface RowOptions {
  readonly kind: Kind
  readonly wide: boolean
  /** `pod/a` in place of `a`. */
  readonly withKind: boolean
  readonly withNamespace: boolean
  readonly withLabels: boolean
  /** Labels that get a column each. */
  readonly labelColumns: readonly string[]
  readonly headers: boolean
}

/** The lines of a table, cell by cell, with the columns that kubectl adds to the server's. */
export function tableRows (table: ServerTable, options: RowOptions): readonly (readonly string[])[] {
  const shown = table.columnDefinitions.map((column, index) => ({ ...column, index })).filter(({ priority }) => priority === 0 || options.wide)
  const header = [
    ...(options.withNamespace ? ['NAMESPACE'] : []),
    ...shown.map(({ name }) => name.toUpperCase()),
    ...options.labelColumns.map((label) => (label.split('/').at(-1) ?? label).toUpperCase()),
    ...(options.withLabels ? ['LABELS'] : [])
  ]
  const rows = table.rows.map(({ cells, object }) => {
    const metadata = recordOf(recordOf(object).metadata)
    return [
      ...(options.withNamespace ? [textOf(metadata.namespace)] : []),
      ...shown.map(({ index, format }) => {
        const cell = firstLine(textOf(cells[index]))
        return options.withKind && format === 'name' ? objectLabel(options.kind, cell) : cell
      }),
      ...options.labelColumns.map((label) => textOf(fieldOf(metadata, 'labels', label))),
      ...(options.withLabels ? [labelsCell(metadata.labels)] : [])
    ]
  })
  return options.headers ? [header, ...rows] : rows
}

/** A cell with several lines shows the first. */
function firstLine (text: string): string {
  const [first = '', ...rest] = text.split('\n')
  return rest.length === 0 ? first : `${first}...`
}

function labelsCell (labels: unknown): string {
  const pairs = Object.entries(recordOf(labels)).map(([key, value]) => `${key}=${String(value)}`).sort()
  return pairs.length === 0 ? '<none>' : pairs.join(',')
}
