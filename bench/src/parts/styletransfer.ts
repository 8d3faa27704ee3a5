import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { track } from '../measure/cleanup.ts'
import type { Cell, Table } from '../measure/table.ts'
import type { Part } from './part.ts'

const program = fileURLToPath(new URL('../../../services/styletransfer/dist/tools/bench/bench.js', import.meta.url))

/** What styletransfer's own bench measured. */
interface Result {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  readonly notes: readonly string[]
}

/** The styles and the service that gives them to photos; how is told in services/styletransfer. */
export const styletransfer: Part = {
  name: 'styletransfer',
  summary: 'each style on photos of 12 megapixels next to a bare resize and encode; the service next to the direct call',
  run: async ({ quick, progress }): Promise<Table[]> => {
    const running = promisify(execFile)(process.execPath, [program, '--json', ...(quick ? ['--quick', 'neon,service'] : [])], { maxBuffer: 2 ** 24 })
    track(running.child).stderr?.setEncoding('utf8').on('data', (text: string) => progress(text.trimEnd()))
    const results: Result[] = JSON.parse((await running).stdout)
    return results.map(({ title, columns, rows, notes }, index) => ({
      part: 'styletransfer',
      title,
      columns,
      rows,
      notes: index === 0 ? [...notes, '`pnpm bench --only styletransfer` measures this table and the next alone.'] : notes
    }))
  }
}
