import { compete, type Contender, type Score } from '../measure/rounds.ts'
import type { Cell, Table } from '../measure/table.ts'
import { credentials, isThere, startBackend, startEnvoy, startLibrary, startMesh, startNginxProxy, type Proxy } from '../proxies/cast.ts'
import { authority, browserFields, target, type SceneOptions } from '../proxies/scene.ts'
import { withAll, type Context, type Part } from './part.ts'

/** One hop of the mesh beside other proxies, with few and many request fields, absolute-form and inside CONNECT. */
export const hop: Part = {
  name: 'hop',
  summary: 'one mesh hop next to Envoy, nginx, @fastify/http-proxy and http-proxy',
  run: (context) => withAll([startBackend], async ([backend]) => {
    if (backend === undefined) throw new Error('no backend was started')
    const scene: SceneOptions = { backend: { host: backend.host, port: backend.port }, otherHosts: 100, serverSidecar: true }
    return withAll(castFor(scene, context), async (proxies) => {
      const tables: Table[] = []
      for (const fields of [{ name: 'one request field', headers: {} }, { name: 'twelve request fields', headers: browserFields }]) {
        tables.push(await measure(proxies, { ...fields, way: 'direct' }, context))
        tables.push(await measure(proxies.filter((proxy) => proxy.tunnel !== undefined), { ...fields, way: 'CONNECT' }, context))
      }
      return tables.map((table) => ({ ...table, notes: [...table.notes, `The server behind is ${backend.program}.`] }))
    })
  })
}

function castFor (scene: SceneOptions, { envoy }: Context): Array<() => Promise<Proxy>> {
  return [
    ...(envoy === undefined ? [] : [() => startEnvoy(envoy, scene)]),
    () => startMesh('mesh', scene),
    () => startMesh('mesh, server without sidecar', { ...scene, serverSidecar: false }),
    ...(isThere('nginx', '-v') ? [() => startNginxProxy(scene.backend)] : []),
    () => startLibrary('@fastify/http-proxy', scene.backend),
    () => startLibrary('http-proxy', scene.backend)
  ]
}

const path = new URL(target).pathname

interface Case {
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
  readonly way: 'direct' | 'CONNECT'
}

async function measure (proxies: readonly Proxy[], { name, headers, way }: Case, context: Context): Promise<Table> {
  context.progress(`${name}, ${way}`)
  const scores = await compete(proxies.map((proxy): Contender => {
    const base = { connections: context.connections, pids: [proxy.pid] }
    const load = way === 'CONNECT'
      ? { origin: proxy.tunnel ?? '', target: path, headers: { host: authority, ...headers }, tunnel: { authority, headers: credentials } }
      : { origin: proxy.direct, target: proxy.originForm === true ? path : target, headers: { host: authority, ...headers, ...credentials } }
    return { name: proxy.name, load: { ...base, ...load } }
  }), context)
  return {
    part: 'hop',
    title: `One hop, ${name}, ${way === 'direct' ? 'absolute-form' : 'through CONNECT'}`,
    columns: hopColumns(scores),
    rows: scores.map(hopRow),
    notes: [
      `HTTP/1.1, ${context.connections} kept-alive connections, answers of 1 KiB; medians of ${context.rounds} rounds of ${context.seconds} s, ` +
      'all proxies by turns in each round.',
      ...proxies.filter((proxy) => proxy.originForm === true).map((proxy) => `${proxy.name} refuses absolute-form and got the path alone.`),
      ...failureNotes(scores)
    ]
  }
}

function hopColumns ([first]: readonly Score[]): string[] {
  return ['proxy', 'CPU us/request', 'min..max', `CPU against ${first?.name ?? 'the first'}`, 'requests/s', 'p50 ms', 'p99 ms', 'failures']
}

function hopRow (score: Score): Cell[] {
  const range = score.cpuRange?.map((value) => value.toFixed(0)).join('..')
  return [score.name, score.cpuMicroseconds, range, score.cpuRatio, Math.round(score.requestsPerSecond), score.p50, score.p99, score.failures]
}

function failureNotes (scores: readonly Score[]): string[] {
  return scores.filter((score) => score.failures > 0)
    .map((score) => `${score.name}: ${score.failures} of ${score.requests + score.failures} requests failed.`)
}
