/** Space behind the widest cell of a column. */
const padding = 2

/**
 * Lays out lines whose cells end with a tab, as Go's text/tabwriter does: a column is as wide as the widest of its cells in lines
 * that follow each other without a gap, and starts anew behind a line that does not have it. What follows a line's last tab is no cell.
 */
export function alignTabs (text: string): string {
  const lines = text.split('\n').map((line) => line.split('\t'))
  const widths: number[][] = lines.map(() => [])
  for (let from = 0; from < lines.length; from += 1) {
    const cells = lines[from]?.length ?? 0
    for (let column = 0; column < cells - 1; column += 1) {
      if (widths[from]?.[column] !== undefined) continue
      let to = from
      let width = 0
      for (; (lines[to]?.length ?? 0) - 1 > column; to += 1) width = Math.max(width, [...lines[to]?.[column] ?? ''].length + padding)
      for (let line = from; line < to; line += 1) {
        const row = widths[line]
        if (row !== undefined) row[column] = width
      }
    }
  }
  return lines.map((cells, line) => cells.map((cell, column) =>
    column === cells.length - 1 ? cell : cell + ' '.repeat(Math.max(0, (widths[line]?.[column] ?? 0) - [...cell].length))).join('')).join('\n')
}
