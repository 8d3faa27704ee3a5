/** One style in a process of its own, so that its peak memory is its own: measure-style.js PHOTO STYLE ROUNDS, prints JSON. */
import { defaultEdge } from '@bankinfo/styletransfer/work/job'
import { setUpLibvips } from '@bankinfo/styletransfer/work/libvips'
import { runJob } from '@bankinfo/styletransfer/work/run-job'
import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { jobOf } from './job.ts'
import { median } from '../statistics.ts'

/** Of a photo: ms of processor time in all threads, ms on the clock, MiB of the process at most. */
export interface Cost {
  readonly processor: number
  readonly clock: number
  readonly peak: number
}

export interface Measured {
  readonly bare: Cost
  readonly styled: Cost
}

const [file = '', style = '', rounds = '5'] = process.argv.slice(2)
setUpLibvips()
const photo = new Uint8Array(readFileSync(file))

/** The yardstick: what any service that makes a photo smaller must do. */
const bare = () => sharp(photo).resize(defaultEdge, defaultEdge, { fit: 'inside' }).jpeg({ quality: 88 }).toBuffer()
const styled = () => runJob(jobOf(photo, style), () => {})
/** What the work costs, on the clock and whatever else the machine is doing. */
const timed = async (work: () => Promise<unknown>) => {
  const used = process.cpuUsage()
  const start = performance.now()
  await work()
  const { user, system } = process.cpuUsage(used)
  return { clock: performance.now() - start, processor: (user + system) / 1000 }
}

/** MiB at most so far. Where there is proc(5), VmHWM: ru_maxrss of a new process begins with what its parent held (getrusage(2)). */
function peak (): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
  } catch {
    return process.resourceUsage().maxRSS / 1024
  }
}

await bare()
await bare()
const barePeak = peak()
await styled()
await styled()
// Both in turn, so that a busy machine burdens both.
const bares: Array<Awaited<ReturnType<typeof timed>>> = []
const styles: Array<Awaited<ReturnType<typeof timed>>> = []
for (let round = 0; round < Number(rounds); round++) {
  bares.push(await timed(bare))
  styles.push(await timed(styled))
}
const middle = (runs: typeof bares) => ({ processor: median(runs.map(({ processor }) => processor)), clock: median(runs.map(({ clock }) => clock)) })
const measured: Measured = { bare: { ...middle(bares), peak: barePeak }, styled: { ...middle(styles), peak: peak() } }
process.stdout.write(JSON.stringify(measured))
