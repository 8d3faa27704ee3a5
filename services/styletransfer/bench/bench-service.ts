import { defaultEdge, runJob, setUpLibvips } from '@bankinfo/styletransfer'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { directThroughput, runService, type RunningService } from './run-service.ts'
import { median, quantile } from './statistics.ts'

/** Of middling cost, so that neither pixels nor HTTP are all there is. */
const style = 'mosaic'

/** Measures the service against the direct call, prints it, and tells whether all targets are met. */
export async function benchService ({ twelve, twentyFour }: { twelve: string, twentyFour: string }): Promise<boolean> {
  const cores = availableParallelism()
  const service = await runService()
  try {
    const idle = await service.memory()
    process.stdout.write(`\nservice (style ${style})\n`)
    const overhead = await measureOverhead(service, twelve)
    const loaded = await measureLoad(service, twelve, cores)
    const alone = await directCost(twelve)
    const flood = await measureFlood(twentyFour)
    return [
      target('overhead of HTTP over the direct call', `${(overhead * 100).toFixed(1)} %`, overhead <= 0.1, 'at most 10 %'),
      target('photos a second, 8 clients / the cores alone', `${loaded.rates} = ${loaded.share.toFixed(2)}`, loaded.share >= 0.9, 'at least 0.9'),
      target('processor time of a photo, direct / under that load', `${alone.toFixed(0)} ms / ${loaded.processor.toFixed(0)} ms = ${(alone / loaded.processor).toFixed(2)}`, !(alone / loaded.processor < 0.9), 'at least 0.9; depends less than the clock on what else runs'),
      target('health under that load, 99th of 100 and longest', `${loaded.health.toFixed(1)} ms, ${loaded.slowest.toFixed(1)} ms`, loaded.slowest <= 50, 'within 50 ms'),
      target('50 uploads of 24 megapixels at once', `${flood.styled} styled, ${flood.refused} told to come back, ${flood.other} other`, flood.other === 0, 'no other answer'),
      target('memory idle, under the 50 uploads', `${idle?.now.toFixed(0) ?? '?'} MiB, ${flood.peak?.toFixed(0) ?? '?'} MiB`, (flood.peak ?? 0) <= 800, 'at most 800 MiB')
    ].every(Boolean)
  } finally {
    await service.stop()
  }
}

function target (what: string, value: string, met: boolean, wanted: string): boolean {
  process.stdout.write(`  ${what}: ${value} (${wanted}${met ? '' : ': MISSED'})\n`)
  return met
}

async function post (url: string, photo: Uint8Array<ArrayBuffer>): Promise<number> {
  const form = new FormData()
  form.set('image', new Blob([photo]), 'photo.jpg')
  form.set('style', style)
  form.set('format', 'jpeg')
  const response = await fetch(`${url}/transfer`, { method: 'POST', body: form })
  await response.arrayBuffer()
  return response.status
}

async function measureOverhead ({ url }: RunningService, file: string): Promise<number> {
  setUpLibvips()
  const photo = new Uint8Array(await readFile(file))
  const limits = { pixels: 1e8, frames: 1, edge: defaultEdge, seconds: 60 }
  const direct = () => runJob({ image: { field: 'image', bytes: photo, format: 'jpeg' }, style, strength: 1, detail: 0.5, format: 'jpeg', limits }, () => {})
  for (let warm = 0; warm < 2; warm++) {
    await direct()
    await post(url, photo)
  }
  const ratios: number[] = []
  for (let round = 0; round < 15; round++) {
    const start = performance.now()
    await direct()
    const between = performance.now()
    await post(url, photo)
    ratios.push((performance.now() - between) / (between - start))
  }
  return median(ratios) - 1
}

/** Photos a second through the service and without one, in turn, so that a busy machine burdens both. */
async function measureLoad (service: RunningService, file: string, cores: number): Promise<{ rates: string, share: number, processor: number, health: number, slowest: number }> {
  const { url } = service
  const photo = new Uint8Array(await readFile(file))
  await Promise.all(Array.from({ length: 8 }, () => post(url, photo)))
  const health: number[] = []
  const direct: number[] = []
  const served: number[] = []
  let used = 0
  for (let round = 0; round < 3; round++) {
    direct.push(await directThroughput({ file, style, cores, jobs: 8 }))
    const probe = new Worker(new URL('./probe-health.js', import.meta.url), { workerData: url })
    const before = await service.processorTime()
    served.push(await throughput(url, photo, cores * 8))
    used += await service.processorTime() - before
    probe.postMessage('end')
    const [times]: number[][] = await once(probe, 'message')
    health.push(...times)
  }
  return {
    rates: `${median(served).toFixed(2)} / ${median(direct).toFixed(2)}`,
    share: median(served.map((rate, round) => rate / direct[round])),
    processor: used / (3 * cores * 8),
    health: quantile(health, 0.99),
    slowest: Math.max(...health)
  }
}

async function throughput (url: string, photo: Uint8Array<ArrayBuffer>, jobs: number): Promise<number> {
  let left = jobs
  const start = performance.now()
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (left-- > 0) if (await post(url, photo) !== 200) throw new Error('a photo was refused under load')
  }))
  return jobs / ((performance.now() - start) / 1000)
}

/** Processor time of a photo without a service, in ms. */
async function directCost (file: string): Promise<number> {
  const photo = new Uint8Array(await readFile(file))
  const limits = { pixels: 1e8, frames: 1, edge: defaultEdge, seconds: 60 }
  const rounds = 8
  const before = process.cpuUsage()
  for (let round = 0; round < rounds; round++) await runJob({ image: { field: 'image', bytes: photo, format: 'jpeg' }, style, strength: 1, detail: 0.5, format: 'jpeg', limits }, () => {})
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / rounds
}

async function measureFlood (file: string): Promise<{ styled: number, refused: number, other: number, peak: number | undefined }> {
  const service = await runService()
  try {
    const photo = new Uint8Array(await readFile(file))
    const statuses = await Promise.all(Array.from({ length: 50 }, () => post(service.url, photo).catch(() => 0)))
    const count = (wanted: number) => statuses.filter((status) => status === wanted).length
    return { styled: count(200), refused: count(503), other: 50 - count(200) - count(503), peak: (await service.memory())?.peak }
  } finally {
    await service.stop()
  }
}
