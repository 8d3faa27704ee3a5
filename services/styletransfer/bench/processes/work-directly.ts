/** One core at work without a service around it: work-directly.js PHOTO STYLE; sent a number of jobs, it does them and sends back their ms of processor time. */
import { setUpLibvips } from '@bankinfo/styletransfer/work/libvips'
import { runJob } from '@bankinfo/styletransfer/work/run-job'
import { readFile } from 'node:fs/promises'
import { jobOf } from './job.ts'

const [file = '', style = ''] = process.argv.slice(2)
setUpLibvips()
const photo = new Uint8Array(await readFile(file))
const work = () => runJob(jobOf(photo, style), () => {})
await work()
await work()
process.on('message', async (jobs) => {
  const used = process.cpuUsage()
  for (let job = 0; job < Number(jobs); job++) await work()
  const { user, system } = process.cpuUsage(used)
  process.send?.((user + system) / 1000)
})
process.send?.('ready')
