/** Measures styles and service: `pnpm --filter @bankinfo/styletransfer bench [style,service,...]`. */
import { styles } from '@bankinfo/styletransfer'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { benchService } from './bench-service.ts'
import { cameraPhoto } from './photos.ts'

interface Measured {
  /** Processor time of the bare pipeline and of the style, and the style's time on the clock, in ms. */
  readonly bare: number
  readonly cpu: number
  readonly clock: number
  readonly ratio: number
  /** MiB at most, and how much of that is more than the bare pipeline took. */
  readonly peak: number
  readonly above: number
}

const wanted = process.argv[2]?.split(',')
const folder = await mkdtemp(join(tmpdir(), 'styletransfer-bench-'))
const twelve = join(folder, '12.jpg')
const twentyFour = join(folder, '24.jpg')
try {
  await writeFile(twelve, await cameraPhoto(4000, 3000))
  await writeFile(twentyFour, await cameraPhoto(6000, 4000))
  process.stdout.write(`12-megapixel photo, ${availableParallelism()} cores, Node ${process.version}. Ratio: processor time of\ndecode, style and encode to that of a bare sharp resize-and-encode in the same run; at most 6.\n\n`)
  process.stdout.write('style              bare ms   style ms   clock ms   ratio   peak MiB   above bare\n')
  let failed = false
  for (const style of [...styles.map(({ id }) => id), 'own-style'].filter((id) => wanted === undefined || wanted.includes(id))) {
    const { bare, cpu, clock, ratio, peak, above } = await measured(style)
    failed ||= ratio > 6
    process.stdout.write(`${style.padEnd(17)}${bare.toFixed(0).padStart(9)}${cpu.toFixed(0).padStart(11)}${clock.toFixed(0).padStart(11)}${ratio.toFixed(2).padStart(8)}${peak.toFixed(0).padStart(11)}${above.toFixed(0).padStart(13)}\n`)
  }
  if (wanted?.includes('service') ?? true) failed = !(await benchService({ twelve, twentyFour })) || failed
  process.exitCode = failed ? 1 : 0
} finally {
  await rm(folder, { recursive: true })
}

async function measured (style: string): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, [new URL('./measure-style.js', import.meta.url).pathname, twelve, style, '7'])
  const result: unknown = JSON.parse(stdout)
  return result as Measured
}
