/** One style in a process of its own, so that its peak memory is its own: measure-style.js PHOTO STYLE ROUNDS, prints JSON. */
import { defaultEdge, runJob, setUpLibvips } from '@bankinfo/styletransfer'
import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { median } from './statistics.ts'

const [file = '', style = '', rounds = '5'] = process.argv.slice(2)
setUpLibvips()
const photo = new Uint8Array(await readFile(file))
const edge = defaultEdge
const quality = 88

/** ms on the clock, and ms of processor time in all threads: what it costs, whatever else the machine is doing. */
const timed = async (work: () => Promise<unknown>) => {
  const used = process.cpuUsage()
  const start = performance.now()
  await work()
  const { user, system } = process.cpuUsage(used)
  return { clock: performance.now() - start, cpu: (user + system) / 1000 }
}
/** The yardstick: what any service that makes a photo smaller must do. */
const bare = () => sharp(photo).resize(edge, edge, { fit: 'inside' }).jpeg({ quality }).toBuffer()
const styled = () => runJob({
  image: { field: 'image', bytes: photo, format: 'jpeg' },
  ...(style === 'own-style' ? { styleImage: { field: 'styleImage', bytes: photo, format: 'jpeg' } } : { style }),
  strength: 1,
  detail: 0.5,
  format: 'jpeg',
  limits: { pixels: 1e8, frames: 1, edge, seconds: 60 }
}, () => {})

await bare()
const before = process.resourceUsage().maxRSS
await styled()
await styled()
// Both in turn, so that a busy machine burdens both.
const bares: Array<Awaited<ReturnType<typeof timed>>> = []
const styles: Array<Awaited<ReturnType<typeof timed>>> = []
for (let round = 0; round < Number(rounds); round++) {
  bares.push(await timed(bare))
  styles.push(await timed(styled))
}
const middle = (runs: typeof bares, key: 'clock' | 'cpu') => median(runs.map((run) => run[key]))
const peak = process.resourceUsage().maxRSS
process.stdout.write(JSON.stringify({
  bare: middle(bares, 'cpu'),
  cpu: middle(styles, 'cpu'),
  clock: middle(styles, 'clock'),
  ratio: middle(styles, 'cpu') / middle(bares, 'cpu'),
  peak: peak / 1024,
  above: (peak - before) / 1024
}))
