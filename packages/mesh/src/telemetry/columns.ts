/** Rows with columns of equal width, as kubectl prints tables. */
export function columns (rows: ReadonlyArray<readonly string[]>): string {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, index) => { widths[index] = Math.max(widths[index] ?? 0, lengthOf(cell)) })
  return rows.map((row) => `${row.map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - lengthOf(cell))).join('   ').trimEnd()}\n`).join('')
}

/** Characters, not UTF-16 units. */
export function lengthOf (text: string): number {
  return [...text].length
}
