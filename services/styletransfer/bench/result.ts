/** What was measured, as data; the root bench reads the same. */
export interface Result {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: ReadonlyArray<readonly Cell[]>
  readonly notes: readonly string[]
  /** Whether a goal was missed; the row says which. */
  readonly missed: boolean
}

export type Cell = string | number

export function textOf ({ title, columns, rows, notes }: Result): string {
  const lines = [columns, ...rows].map((row) => row.map(cellText))
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  const aligned = lines.map((line) => line.map((text, column) => column === 0 ? text.padEnd(widths[column]) : text.padStart(widths[column])).join('  '))
  return `${title}\n\n${aligned.join('\n')}\n${notes.map((note) => `\n${note}\n`).join('')}`
}

const cellText = (cell: Cell) => typeof cell === 'string' ? cell : cell.toFixed(Math.abs(cell) >= 100 || Number.isInteger(cell) ? 0 : Math.abs(cell) >= 10 ? 1 : 2)
