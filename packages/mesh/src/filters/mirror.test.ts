import { createServer } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mirror } from './mirror.ts'
import { rulesOf } from '../testing/cluster.ts'
import { startTwoPods, until, type TwoPods } from '../testing/two-pods.ts'
import type { HttpRouteSpec } from '../compile/spec.ts'
import type { Stream } from './filter.ts'

const compiled = (spec: HttpRouteSpec): ReturnType<typeof mirror.compile> => mirror.compile(spec, { port: 80, clusterOf: ({ host }) => host })
const to = { host: 'a' }

test.for<readonly [spec: HttpRouteSpec, parts: readonly number[]]>([
  [{ mirror: to }, [1_000_000]],
  [{ mirror: to, mirrorPercentage: { value: 50 } }, [500_000]],
  [{ mirror: to, mirrorPercentage: { value: 0 } }, []],
  [{ mirror: to, mirrorPercentage: {} }, []],
  [{ mirror: to, mirrorPercent: 30 }, [300_000]],
  [{ mirror: to, mirror_percent: 20 }, [200_000]],
  [{ mirror: to, mirrorPercentage: { value: 10 }, mirrorPercent: 30 }, [100_000]],
  [{ mirrors: [{ destination: to, percentage: { value: 0.5 } }, { destination: to }] }, [5000, 1_000_000]]
])('%o: parts of a million %o', ([spec, parts]) => {
  expect(compiled(spec)?.mirrors.map((each) => each.parts) ?? []).toEqual(parts)
})

test('each mirror draws for itself, and none is sent when the destination is unknown', () => {
  const config = compiled({ mirrors: [{ destination: { host: 'a' }, percentage: { value: 50 } }, { destination: { host: 'b' }, percentage: { value: 50 } }] })
  if (config === undefined) throw new Error('no mirror')
  const sent: string[] = []
  const stream = (hasCluster: boolean, ...draws: number[]): Stream => ({ hasCluster, random: () => draws.shift() ?? 0, mirror: (cluster: string) => { sent.push(cluster) } }) as unknown as Stream
  mirror.decode(config, stream(true, 0.499999, 0.5), () => { sent.push('next') })
  mirror.decode(config, stream(false, 0, 0), () => { sent.push('next') })
  expect(sent).toEqual(['a', 'next', 'next'])
})

let pods: TwoPods
beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

interface Seen { readonly mirrored: boolean, readonly path: string, readonly host: string | undefined, readonly length: number, readonly id: unknown, readonly attempt: unknown }

/** The mirror is the server itself: it knows a copy by the sender's address. */
async function withMirror (behave: 'answers' | 'fails' | 'hangs', rest = ''): Promise<Seen[]> {
  const seen: Seen[] = []
  const address = await pods.serve(createServer((request, response) => {
    const mirrored = request.headers['x-forwarded-for'] === '10.44.0.1'
    let length = 0
    request.on('data', (chunk: Buffer) => { length += chunk.length })
    request.on('end', () => {
      seen.push({ mirrored, path: request.url ?? '', host: request.headers.host, length, id: request.headers['x-request-id'], attempt: request.headers['x-envoy-attempt-count'] })
      if (!mirrored || behave === 'answers') response.end('ok')
      else if (behave === 'fails') request.socket.resetAndDestroy()
    })
    request.on('error', () => {})
  }))
  await pods.cluster(address, {
    rules: rulesOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: server}
spec: {hosts: [server], http: [{mirror: {host: server}, ${rest} route: [{destination: {host: server}}]}]}
`)
  })
  return seen
}

test.for(['answers', 'fails', 'hangs'] as const)('a mirror that %s is not noticed', async (behave) => {
  const seen = await withMirror(behave)
  expect(await pods.call({ path: '/x?y' })).toMatchObject({ status: 200 })
  await until(() => seen.length === 2)
  expect(seen.map(({ mirrored }) => mirrored).sort()).toEqual([false, true])
  expect(new Set(seen.map(({ id }) => id)).size).toBe(1)
  for (const request of seen) expect(request).toMatchObject({ path: '/x?y', host: 'server', attempt: '1' })
  expect(pods.log('outbound')).toEqual([[200, '-', 'via_upstream']])
})

test('a mirror gets the whole body, also of 5 MB', async () => {
  const seen = await withMirror('answers')
  expect((await pods.call({ method: 'POST', body: Buffer.alloc(5_000_000) })).status).toBe(200)
  await until(() => seen.length === 2)
  expect(seen.map(({ length }) => length)).toEqual([5_000_000, 5_000_000])
})

test('a mirror gets the request as the server is shown it, and one copy though the request is tried again', async () => {
  const seen = await withMirror('answers', 'rewrite: {uri: /new, authority: other}, headers: {request: {set: {x-a: b}}}, retries: {attempts: 2, retryOn: "200"},')
  await pods.call({ path: '/' })
  await until(() => seen.length === 4)
  expect(seen.filter(({ mirrored }) => mirrored)).toMatchObject([{ path: '/new', host: 'other' }])
})

test('the route\'s timeout ends a mirror that hangs', async () => {
  await withMirror('hangs', 'timeout: 50ms,')
  await pods.call()
  await until(() => pods.records.length === 3)
  expect(pods.log('inbound')).toContainEqual([0, 'DC', 'downstream_remote_disconnect'])
})

test('a mirror to nowhere costs nothing', async () => {
  const address = await pods.serve(createServer((_request, response) => { response.end('ok') }))
  await pods.cluster(address, {
    rules: rulesOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: server}
spec: {hosts: [server], http: [{mirrors: [{destination: {host: nowhere}}], route: [{destination: {host: server}}]}]}
`)
  })
  expect(await pods.call({ method: 'POST', body: Buffer.from('x') })).toMatchObject({ status: 200 })
  expect(pods.mesh.explain({ from: 'client', url: 'http://server/' }).filters).toEqual(['mirror: a copy of 100 % goes to outbound|80||nowhere.default.svc.cluster.local, its answer is thrown away'])
})
