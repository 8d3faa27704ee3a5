/** Least width of a column and the space after it, as kubectl lays out its tables. */
const least = 6
const padding = 3

/** A printer that remembers how wide its columns have become: the rows of a watch come one by one. */
export function createTablePrinter (): (rows: readonly (readonly string[])[]) => string {
  const widths: number[] = []
  return (rows) => {
    for (const row of rows) {
      row.forEach((cell, index) => { widths[index] = Math.max(widths[index] ?? least, displayWidth(cell) + padding) })
    }
    return rows.map((row) => row.map((cell, index) =>
      index === row.length - 1 ? cell : cell + ' '.repeat(Math.max(0, (widths[index] ?? least) - displayWidth(cell)))).join('') + '\n').join('')
  }
}

/** kubectl counts characters, not columns of a terminal. */
function displayWidth (text: string): number {
  return [...text].length
}
