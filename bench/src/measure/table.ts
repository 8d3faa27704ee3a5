/** A result as data: the same table is printed, written to docs/bench.md and given out as JSON. */
export interface Table {
  readonly part: string
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  /** What a reader must know to read the table right. */
  readonly notes: readonly string[]
}

export type Cell = string | number | undefined

export function markdownTable ({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const alignment = columns.map((_, index) => rows.some((row) => typeof row[index] === 'number') ? '--:' : '---')
  return [line(columns), line(alignment), ...rows.map((row) => line(columns.map((_, index) => text(row[index]))))].join('\n')
}

export function markdownSection (table: Table): string {
  const notes = table.notes.map((note) => `\n${note}\n`).join('')
  return `### ${table.title}\n\n${markdownTable(table)}\n${notes}`
}

/** Three digits that count are more than such a measurement has to say. */
function text (cell: Cell): string {
  if (cell === undefined) return '-'
  if (typeof cell === 'string') return cell
  if (Number.isInteger(cell) || Math.abs(cell) >= 100) return Math.round(cell).toString()
  return cell.toFixed(Math.abs(cell) >= 10 ? 1 : 2)
}
