import { once } from 'node:events'
import { median } from '../measure/rounds.ts'
import { startModule } from '../measure/child.ts'
import type { LoadOptions, LoadResult } from '../load/load.ts'
import { credentials, startBackend, startMeshProcess } from '../proxies/cast.ts'
import { authority, target } from '../proxies/scene.ts'
import { withAll, type Context, type Part } from './part.ts'
import type { Table } from '../measure/table.ts'

interface Sample {
  readonly requests: number
  readonly rss: number
  /** After a full collection. */
  readonly heap: number
}

const samples = 20
const mebibyte = 2 ** 20

/** Whether the mesh's memory grows with the requests that it has served. */
export const soak: Part = {
  name: 'soak',
  summary: 'memory of the mesh over a million requests',
  onDemand: true,
  run: (context) => withAll([startBackend], async ([backend]) => {
    if (backend === undefined) throw new Error('no backend was started')
    const scene = { backend: { host: backend.host, port: backend.port }, otherHosts: 100, serverSidecar: true }
    return withAll([() => startMeshProcess(scene)], async ([mesh]) => {
      if (mesh === undefined) throw new Error('no mesh was started')
      const taken = await load(mesh.direct, () => memoryOf(mesh.process), context)
      return [tableOf(taken)]
    })
  })
}

async function load (origin: string, memory: () => Promise<{ rss: number, heap: number }>, context: Context): Promise<Sample[]> {
  const generator = await startModule(new URL('../load/load-process.js', import.meta.url))
  const taken: Sample[] = []
  const total = context.quick ? 2_000 : 1_000_000
  const limit = performance.now() + (context.quick ? 30_000 : 15 * 60_000)
  try {
    let requests = 0
    while (requests < total && performance.now() < limit) {
      const options: LoadOptions = {
        origin,
        target,
        headers: { host: authority, ...credentials },
        connections: context.connections,
        warmupSeconds: 0,
        seconds: context.quick ? 0.1 : 2,
        pids: []
      }
      generator.process.send(options)
      const [message] = await once(generator.process, 'message', { signal: AbortSignal.timeout(60_000) }) as [{ result?: LoadResult, error?: string }]
      if (message.result === undefined || message.result.failures > 0) throw new Error(`the soak's load failed: ${message.error ?? message.result?.firstFailure ?? ''}`)
      requests += message.result.requests
      taken.push({ requests, ...await memory() })
      context.progress(`${requests} requests, heap ${(taken.at(-1)?.heap ?? 0) / mebibyte} MiB`)
    }
  } finally {
    await generator.stop()
  }
  return taken
}

async function memoryOf (child: Awaited<ReturnType<typeof startMeshProcess>>['process']): Promise<{ rss: number, heap: number }> {
  child.send('memory')
  const [message] = await once(child, 'message', { signal: AbortSignal.timeout(30_000) }) as [{ memory: NodeJS.MemoryUsage }]
  return { rss: message.memory.rss, heap: message.memory.heapUsed }
}

function tableOf (taken: readonly Sample[]): Table {
  // The first third warms up: code is compiled, pools and buffers find their size.
  const settled = taken.slice(Math.floor(taken.length / 3))
  const step = Math.max(1, Math.floor(taken.length / samples))
  const shown = taken.filter((_, index) => index % step === 0 || index === taken.length - 1)
  return {
    part: 'soak',
    title: 'Memory of the mesh over many requests',
    columns: ['requests', 'heap MiB after a collection', 'RSS MiB'],
    rows: shown.map(({ requests, heap, rss }) => [requests, heap / mebibyte, rss / mebibyte]),
    notes: [
      `Slope after the first third: heap ${slope(settled, 'heap').toFixed(2)} MiB, RSS ${slope(settled, 'rss').toFixed(1)} MiB for each million requests ` +
      '(median of the slopes between all pairs of samples, so that one outlier does not count).'
    ]
  }
}

/** Theil-Sen: MiB for each million requests. */
function slope (taken: readonly Sample[], key: 'heap' | 'rss'): number {
  const slopes = taken.flatMap((later, index) => taken.slice(0, index).map((earlier) =>
    (later[key] - earlier[key]) / mebibyte / (later.requests - earlier.requests) * 1e6))
  return slopes.length === 0 ? 0 : median(slopes)
}
