/** One core at work without a service around it: work-directly.js PHOTO STYLE JOBS, prints the ms that the jobs took. */
import { defaultEdge, runJob, setUpLibvips } from '@bankinfo/styletransfer'
import { readFile } from 'node:fs/promises'

const [file = '', style = '', jobs = '8'] = process.argv.slice(2)
setUpLibvips()
const photo = new Uint8Array(await readFile(file))
const limits = { pixels: 1e8, frames: 1, edge: defaultEdge, seconds: 60 }
const work = () => runJob({ image: { field: 'image', bytes: photo, format: 'jpeg' }, style, strength: 1, detail: 0.5, format: 'jpeg', limits }, () => {})
await work()
await work()
process.send?.('ready')
process.once('message', async () => {
  const start = performance.now()
  for (let job = 0; job < Number(jobs); job++) await work()
  process.send?.({ ms: performance.now() - start })
})
