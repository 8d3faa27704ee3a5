import { availableParallelism } from 'node:os'
import type { CameraPhotos } from './photos.ts'
import type { Answered, Load } from './processes/post-photos.ts'
import { runService, startHelper, type Helper, type RunningService } from './processes/start.ts'
import type { Result } from './result.ts'
import { median, quantile } from './statistics.ts'

/** Of middling cost, so that neither pixels nor HTTP are all there is. */
const style = 'mosaic'
const clients = 8

export interface ServiceOptions {
  readonly photos: CameraPhotos
  readonly quick: boolean
  readonly progress: (line: string) => void
}

/** Measures the service, HTTP in and HTTP out, against the direct call. */
export async function benchService ({ photos, quick, progress }: ServiceOptions): Promise<Result> {
  const cores = availableParallelism()
  const stops: Array<() => Promise<void> | void> = []
  const running = async <T extends { stop: () => Promise<void> | void }>(starting: Promise<T>): Promise<T> => {
    const started = await starting
    stops.push(started.stop)
    return started
  }
  try {
    const service = await running(runService())
    const idle = await service.memory()
    const client = await running(startHelper('post-photos', [photos.twelve.landscape, style]))
    const direct: Helper[] = []
    for (let core = 0; core < cores; core++) direct.push(await running(startHelper('work-directly', [photos.twelve.landscape, style])))
    const parties = { service, client, direct }
    const overhead = await measureOverhead(parties, quick ? 1 : 25)
    progress(`overhead ${percent(overhead)}`)
    const rounds = { count: quick ? 1 : 7, each: quick ? 2 : 8 }
    const loaded = await measureLoad(parties, rounds)
    progress(`throughput ${loaded.share.toFixed(2)}`)
    const spare = await running(runService())
    const probe = await running(startHelper('probe-health'))
    const [health, spareHealth] = await measureHealth({ ...parties, spare, probe, photos: rounds.count * rounds.each * cores })
    progress(`health ${milliseconds(health)}, idle instance ${milliseconds(spareHealth)}`)
    const flooded = await running(runService())
    const crowd = await running(startHelper('post-photos', [photos.twentyFour, style]))
    const flood = await loadOf(crowd, { url: flooded.url, clients: 50, photos: 50 })
    const memory = await flooded.memory()
    const { 200: styled = 0, 503: refused = 0 } = flood.statuses
    const rows = [
      row('overhead of HTTP over the direct call', percent(overhead), { goal: 'at most 10 %', met: overhead <= 0.1 }),
      row(`photos a second: ${clients} clients / the cores alone`, `${loaded.rates} = ${loaded.share.toFixed(2)}`, { goal: 'at least 0.9', met: loaded.share >= 0.9 }),
      row('CPU of a photo: the cores alone / service under that load', `${loaded.alone.toFixed(0)} ms / ${loaded.served.toFixed(0)} ms; clients ${loaded.clients.toFixed(1)} ms`, { goal: '-', met: true }),
      row('/healthz under that load: 50 % / 99 % / longest', milliseconds(health), { goal: 'within 50 ms', met: Math.max(...health) <= 50 }),
      row('/healthz of an idle instance meanwhile', milliseconds(spareHealth), { goal: '-', met: true }),
      row('50 uploads of 24 megapixels at once', `${styled} styled, ${refused} told to come back, ${50 - styled - refused} other`, { goal: 'no other', met: styled + refused === 50 }),
      row('memory: idle / at most under the 50 uploads', `${idle?.now.toFixed(0) ?? '?'} MiB / ${memory?.peak.toFixed(0) ?? '?'} MiB`, { goal: 'at most 800 MiB', met: (memory?.peak ?? 0) <= 800 })
    ]
    return {
      title: `The service on photos of 12 megapixels, style ${style}`,
      columns: ['what', 'measured', 'goal', ''],
      rows,
      notes: [
        `${cores} workers. The cores alone: ${cores} processes that do one direct call after another, by turns with the service in each of ${rounds.count} rounds; medians. The clients share the cores with the service.`,
        '/healthz is asked for every 20 ms of both, under a load of its own: a hundred questions a second cost the cores too. What an idle instance of the service needs for the same question at the same time is what the machine and its other programs add.'
      ],
      missed: rows.some(([, , , met]) => met !== 'met' && met !== '')
    }
  } finally {
    for (const stop of stops.toReversed()) await stop()
  }
}

function row (what: string, measured: string, { goal, met }: { goal: string, met: boolean }): [string, string, string, string] {
  return [what, measured, goal, goal === '-' ? '' : met ? 'met' : 'MISSED']
}

interface Parties {
  readonly service: RunningService
  readonly client: Helper
  /** One process for each core. */
  readonly direct: readonly Helper[]
}

async function measureOverhead ({ service: { url }, client, direct: [alone] }: Parties, rounds: number): Promise<number> {
  const ratios: number[] = []
  await loadOf(client, { url, clients, photos: clients })
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await processorOf(alone, 1)
    const between = performance.now()
    await styledAll(client, { url, clients: 1, photos: 1 })
    ratios.push((performance.now() - between) / (between - start))
  }
  return median(ratios) - 1
}

interface Rounds {
  readonly count: number
  /** Photos of a round, for each core. */
  readonly each: number
}

/** Photos a second through the service and without one, in turn, so that a busy machine burdens both. */
async function measureLoad ({ service, client, direct }: Parties, { count, each }: Rounds) {
  const photos = each * direct.length
  const measured: Array<Record<'direct' | 'served' | 'directProcessor' | 'servedProcessor' | 'clients', number>> = []
  for (let round = 0; round < count; round++) {
    const start = performance.now()
    const used = await Promise.all(direct.map((core) => processorOf(core, each)))
    const directRate = photos / (performance.now() - start) * 1000
    const before = await service.processorTime()
    const begin = performance.now()
    const { processor } = await styledAll(client, { url: service.url, clients, photos })
    const servedRate = photos / (performance.now() - begin) * 1000
    const after = await service.processorTime()
    measured.push({ direct: directRate, served: servedRate, directProcessor: used.reduce((sum, ms) => sum + ms, 0) / photos, servedProcessor: (after - before) / photos, clients: processor / photos })
  }
  const middle = (of: (round: typeof measured[number]) => number) => median(measured.map(of))
  return {
    rates: `${middle(({ served }) => served).toFixed(2)} / ${middle(({ direct }) => direct).toFixed(2)}`,
    share: middle(({ served, direct }) => served / direct),
    alone: middle(({ directProcessor }) => directProcessor),
    served: middle(({ servedProcessor }) => servedProcessor),
    clients: middle(({ clients }) => clients)
  }
}

interface HealthOptions extends Parties {
  /** An instance that nobody uses, to tell what the machine adds. */
  readonly spare: RunningService
  readonly probe: Helper
  readonly photos: number
}

/** How long /healthz takes of the service under full load, and of the spare one. */
async function measureHealth ({ service, client, spare, probe, photos }: HealthOptions) {
  probe.send([service.url, spare.url])
  await styledAll(client, { url: service.url, clients, photos })
  probe.send('end')
  const [busy, bored] = await probe.answer() as number[][]
  return [spread(busy), spread(bored)] as const
}

async function processorOf (core: Helper | undefined, jobs: number): Promise<number> {
  core?.send(jobs)
  return Number(await core?.answer())
}

async function loadOf (client: Helper, load: Load): Promise<Answered> {
  client.send({ ...load })
  return await client.answer() as Answered
}

async function styledAll (client: Helper, load: Load): Promise<Answered> {
  const answered = await loadOf(client, load)
  if (answered.statuses[200] !== load.photos) throw new Error(`not every photo was styled: ${JSON.stringify(answered.statuses)}`)
  return answered
}

const spread = (times: readonly number[]) => [quantile(times, 0.5), quantile(times, 0.99), Math.max(...times)] as const
const milliseconds = (times: readonly number[]) => `${times.map((time) => time.toFixed(1)).join(' / ')} ms`
const percent = (share: number) => `${(share * 100).toFixed(1)} %`
