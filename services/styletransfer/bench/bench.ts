/** Measures styles and service: `pnpm --filter @bankinfo/styletransfer bench [--quick] [--json] [style,service,...]`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchService } from './bench-service.ts'
import { benchStyles } from './bench-styles.ts'
import { cameraPhotos, type CameraPhotos } from './photos.ts'
import { textOf, type Result } from './result.ts'

const { values: { json, quick }, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
  allowPositionals: true
})
const only = positionals.flatMap((names) => names.split(','))
const progress = (line: string) => process.stderr.write(`${line}\n`)

const folder = await mkdtemp(join(tmpdir(), 'styletransfer-bench-'))
try {
  const results = await measured(await cameraPhotos(folder, quick ? 0.4 : 1, (name, bytes) => writeFile(join(folder, name), bytes)))
  process.stdout.write(json ? `${JSON.stringify(results)}\n` : results.map(textOf).join('\n'))
  // As data the misses speak for themselves.
  if (!json && results.some(({ missed }) => missed)) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true })
}

async function measured (photos: CameraPhotos): Promise<Result[]> {
  progress(`${availableParallelism()} cores, load average ${loadavg()[0].toFixed(1)}, Node ${process.version}`)
  const wanted = only.filter((name) => name !== 'service')
  const results: Result[] = []
  if (only.length === 0 || wanted.length > 0) results.push(await benchStyles({ photos, only: wanted, quick, progress }))
  if (only.length === 0 || only.includes('service')) results.push(await benchService({ photos, quick, progress }))
  return results
}
