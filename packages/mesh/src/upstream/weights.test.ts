import { expect, test } from 'vitest'
import { pickHost, poolOf } from './balancer.ts'
import { compileWarmup, weightOf } from './weights.ts'
import type { Cluster, LoadBalancerPolicy } from '../table.ts'

function cluster (weights: readonly number[], loadBalancer: LoadBalancerPolicy, more: Partial<Cluster> = {}): Cluster {
  return {
    name: 'c',
    host: 'c',
    port: 80,
    protocol: 'HTTP',
    discovery: 'STATIC',
    loadBalancer,
    weighted: true,
    endpoints: weights.map((weight, index) => ({ address: `10.0.0.${index}`, port: 80, weight })),
    ...more
  }
}

/** How often each endpoint was picked in so many requests. */
function counts (pool: ReturnType<typeof poolOf>, requests: number, { random = Math.random, now = 0 } = {}): number[] {
  const picked = new Map(pool.hosts.map((host) => [host, 0]))
  for (let request = 0; request < requests; request++) {
    const host = pickHost(pool, [], { random, clock: () => now })
    if (host !== undefined) picked.set(host, (picked.get(host) ?? 0) + 1)
  }
  return [...picked.values()]
}

test('round robin takes turns by weight, evenly spread', () => {
  const pool = poolOf(cluster([1, 3], 'ROUND_ROBIN'), undefined, 0)
  expect(counts(pool, 4)).toEqual([1, 3])
  expect(counts(pool, 400)).toEqual([100, 300])
})

test('least request prefers by weight, and those with less to do', () => {
  const pool = poolOf(cluster([1, 3], 'LEAST_REQUEST'), undefined, 0)
  const [light = 0, heavy = 0] = counts(pool, 8000)
  // 4.9 deviations of 8,000 draws of a quarter: a right program misses that once in a million runs.
  expect(Math.abs(light - 2000)).toBeLessThan(4.9 * Math.sqrt(8000 * 0.25 * 0.75))
  expect(light + heavy).toBe(8000)
  const [, busy] = pool.hosts
  if (busy !== undefined) busy.active = 29
  const [free = 0] = counts(pool, 1000)
  expect(free).toBeGreaterThan(850)
})

test('weights mean nothing to RANDOM', () => {
  const [light = 0] = counts(poolOf(cluster([1, 99], 'RANDOM'), undefined, 0), 2000)
  expect(Math.abs(light - 1000)).toBeLessThan(4.9 * Math.sqrt(2000 * 0.25))
})

test.for<readonly [spec: Parameters<typeof compileWarmup>[0], age: number, weight: number]>([
  [{ warmup: { duration: '10s' } }, 0, 0.1],
  [{ warmup: { duration: '10s' } }, 5000, 0.5],
  [{ warmup: { duration: '10s' } }, 10_000, 1],
  [{ warmup: { duration: '10s', minimumPercent: 30 } }, 1000, 0.3],
  [{ warmup: { duration: '10s', aggression: 2 } }, 2500, 0.5],
  [{ warmupDurationSecs: '10s' }, 5000, 0.5],
  [{}, 0, 1]
])('warm-up %j after %i ms: weight %f', ([spec, age, weight]) => {
  expect(weightOf({ endpoint: {}, since: 0, active: 0, credit: 0 }, compileWarmup(spec), age)).toBeCloseTo(weight)
})

test('an endpoint that comes later gets less until it is warm; those from the start share alike', () => {
  const warmup = { duration: 10_000, minimumPercent: 10, aggression: 1 }
  const start = poolOf(cluster([1, 1], 'ROUND_ROBIN', { warmup }), undefined, 0)
  expect(counts(start, 100)).toEqual([50, 50])
  const grown = poolOf(cluster([1, 1, 1], 'ROUND_ROBIN', { warmup }), start, 100_000)
  expect(counts(grown, 210, { now: 101_000 })).toEqual([100, 100, 10])
  expect(counts(grown, 300, { now: 200_000 })).toEqual([100, 100, 100])
})
