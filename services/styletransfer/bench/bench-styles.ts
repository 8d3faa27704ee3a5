import { styles } from '@bankinfo/styletransfer'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Cost, Measured } from './processes/measure-style.ts'
import type { CameraPhotos } from './photos.ts'
import type { Result } from './result.ts'
import { median } from './statistics.ts'

/** What a style may cost at most, in bare pipelines. */
const goal = 6

export interface StylesOptions {
  readonly photos: CameraPhotos
  /** Ids of styles; empty: all. */
  readonly only: readonly string[]
  readonly quick: boolean
  readonly progress: (line: string) => void
}

/** What each style costs on photos of 12 megapixels next to a bare sharp resize-and-encode of the same photos. */
export async function benchStyles ({ photos, only, quick, progress }: StylesOptions): Promise<Result> {
  const rows: Array<[string, ...number[]]> = []
  const bare: Measured[] = []
  for (const style of [...styles.map(({ id }) => id), 'own-style'].filter((id) => only.length === 0 || only.includes(id))) {
    const costs: Measured[] = []
    for (const photo of Object.values(photos.twelve)) costs.push(await measured({ photo, style, rounds: quick ? 1 : 5 }))
    bare.push(...costs)
    const ratio = (of: (cost: Cost) => number) => Math.max(...costs.map(({ bare, styled }) => of(styled) / of(bare)))
    rows.push([style, worst(costs, ({ styled }) => styled.processor), ratio(({ processor }) => processor), worst(costs, ({ styled }) => styled.clock), ratio(({ clock }) => clock), worst(costs, ({ styled }) => styled.peak)])
    progress(`${style}: ${rows.at(-1)?.slice(1).map((value) => Number(value).toFixed(2)).join(' ')}`)
  }
  const missed = rows.filter(([, , ratio]) => Number(ratio) > goal).map(([style]) => style)
  const middle = (of: (cost: Cost) => number) => median(bare.map((cost) => of(cost.bare)))
  return {
    title: 'Styles on photos of 12 megapixels',
    columns: ['style', 'CPU ms', 'CPU / bare', 'ms', 'ms / bare', 'peak MiB'],
    rows: [['bare sharp resize and encode', middle(({ processor }) => processor), 1, middle(({ clock }) => clock), 1, middle(({ peak }) => peak)], ...rows],
    notes: [
      'Decode, style, encode of a JPEG, each style in a process of its own, by turns with the bare pipeline on the same photo; medians of a landscape and a portrait, the worse of the two.',
      missed.length === 0 ? `Goal: at most ${goal} bare pipelines of CPU time. Met by all.` : `Goal: at most ${goal} bare pipelines of CPU time. MISSED by ${missed.join(', ')}.`
    ],
    missed: missed.length > 0
  }
}

const worst = (costs: readonly Measured[], of: (cost: Measured) => number) => Math.max(...costs.map(of))

async function measured ({ photo, style, rounds }: { photo: string, style: string, rounds: number }): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL('./processes/measure-style.js', import.meta.url)), photo, style, String(rounds)])
  const result: unknown = JSON.parse(stdout)
  return result as Measured
}
