import { once } from 'node:events'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import type { Table } from '../measure/table.ts'
import { startModule, type Child } from '../measure/child.ts'
import { usageOf } from '../measure/usage.ts'
import { credentials, portOf, startEnvoy, startMesh, type Proxy } from '../proxies/cast.ts'
import { authority } from '../proxies/scene.ts'
import { withAll, type Context, type Part } from './part.ts'

const mebibyte = 2 ** 20

/** One long body through a hop, both ways: it must stream. */
export const body: Part = {
  name: 'body',
  summary: '1 GiB through a hop, down and up',
  run: (context) => withAll([startBulkServer], async ([server]) => {
    if (server === undefined) throw new Error('no server was started')
    const scene = { backend: { host: '127.0.0.1', port: server.port }, otherHosts: 0, serverSidecar: true }
    const { envoy } = context
    const cast = [...(envoy === undefined ? [] : [() => startEnvoy(envoy, scene)]), () => startMesh('mesh', scene)]
    return withAll<Proxy, Table[]>(cast, async (proxies) => [await measure(proxies, context)])
  })
}

async function startBulkServer (): Promise<Child & { port: number }> {
  const child = await startModule(new URL('../proxies/bulk-process.js', import.meta.url))
  return { ...child, port: portOf(child.ready) }
}

async function measure (proxies: readonly Proxy[], { quick, progress }: Context): Promise<Table> {
  const size = quick ? 16 * mebibyte : 1024 * mebibyte
  const rows: Table['rows'][number][] = []
  for (const direction of ['down', 'up'] as const) {
    for (const proxy of proxies) {
      const before = usageOf(proxy.pid)
      let peak = before.rss
      const sampling = setInterval(() => { peak = Math.max(peak, usageOf(proxy.pid).rss) }, 20)
      const begin = performance.now()
      try {
        const passed = await transfer(proxy, direction, size)
        if (passed !== size) throw new Error(`${proxy.name}: ${passed} of ${size} bytes came ${direction}`)
      } finally {
        clearInterval(sampling)
      }
      const seconds = (performance.now() - begin) / 1000
      const cpu = usageOf(proxy.pid).cpuSeconds - before.cpuSeconds
      progress(`${proxy.name} ${direction}: ${seconds.toFixed(1)} s`)
      rows.push([proxy.name, direction, seconds, cpu, before.rss / mebibyte, peak / mebibyte])
    }
  }
  return {
    part: 'body',
    title: `A body of ${size / mebibyte} MiB through a hop`,
    columns: ['proxy', 'direction', 'seconds', 'CPU seconds', 'RSS MiB before', 'RSS MiB at most'],
    rows,
    notes: ['Absolute-form, chunked on the way up, with Content-Length on the way down. RSS sampled every 20 ms.']
  }
}

/** Bytes that arrived at the other end. */
async function transfer (proxy: Proxy, direction: 'down' | 'up', size: number): Promise<number> {
  const outgoing = request(proxy.direct, {
    method: direction === 'down' ? 'GET' : 'POST',
    path: `http://${authority}/${size}`,
    headers: { host: authority, ...credentials },
    agent: false
  })
  const answered = once(outgoing, 'response', { signal: AbortSignal.timeout(300_000) }) as Promise<[import('node:http').IncomingMessage]>
  if (direction === 'down') outgoing.end()
  else Readable.from(chunks(size)).pipe(outgoing)
  const [response] = await answered
  if (response.statusCode !== 200) throw new Error(`${proxy.name} answered ${response.statusCode}`)
  let length = 0
  let text = ''
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (direction === 'up') text += chunk.toString()
  }
  return direction === 'down' ? length : Number(text)
}

function * chunks (size: number): Generator<Buffer> {
  const chunk = Buffer.alloc(64 * 1024)
  for (let sent = 0; sent < size; sent += chunk.length) yield size - sent < chunk.length ? chunk.subarray(0, size - sent) : chunk
}
