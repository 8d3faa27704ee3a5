import { expect, test } from 'vitest'
import { createCounters } from './counters.ts'
import { compileOutlierDetection, createHealth, healthy, report, tellOutlierDetection, type Health, type OutlierDetectionSpec } from './outlier-detection.ts'

interface Endpoint { readonly health: Health }

function cluster (spec: OutlierDetectionSpec, size: number): { answer: (index: number, status: number, now?: number) => void, there: (now?: number) => number } {
  const policy = compileOutlierDetection(spec)
  if (policy === undefined) throw new Error('no policy')
  const endpoints: Endpoint[] = Array.from({ length: size }, () => ({ health: createHealth() }))
  const all = endpoints.map(({ health }) => health)
  return {
    answer: (index, status, now = 0) => {
      const health = all[index]
      if (health !== undefined) report(policy, { health, all, status, local: false, now, counters: createCounters() })
    },
    there: (now = 0) => healthy(policy, endpoints, now).length
  }
}

const one = { consecutive5xxErrors: 1, interval: '1s', baseEjectionTime: '2s', maxEjectionPercent: 100 }

test('five answers of 5xx in a row eject, a good one in between starts anew', () => {
  const { answer, there } = cluster({ maxEjectionPercent: 100 }, 2)
  for (const status of [500, 503, 500, 502, 200, 500, 500, 500, 500]) answer(0, status)
  expect(there()).toBe(2)
  answer(0, 500)
  expect(there()).toBe(1)
})

test.for([404, 429, 499, 200])('%i does not count', (status) => {
  const { answer, there } = cluster(one, 1)
  answer(0, status)
  expect(there()).toBe(1)
})

test.for<readonly [size: number, percent: number | undefined, ejected: number]>([[1, undefined, 0], [3, undefined, 0], [9, undefined, 0], [10, undefined, 1], [3, 50, 1], [3, 33, 0], [3, 34, 1], [3, 100, 3], [1, 99, 0]])(
  'of %i endpoints with maxEjectionPercent %s %i are ejected at most', ([size, maxEjectionPercent, ejected]) => {
    const { answer, there } = cluster({ ...one, maxEjectionPercent: maxEjectionPercent ?? 0 }, size)
    for (let index = 0; index < size; index++) answer(index, 500)
    expect(there()).toBe(size - ejected)
  })

test('gateway errors alone: 500 does not count, 502 to 504 do, and 0 turns 5xx off', () => {
  const { answer, there } = cluster({ ...one, consecutive5xxErrors: 0, consecutiveGatewayErrors: 1 }, 3)
  answer(0, 500)
  expect(there()).toBe(3)
  for (const [index, status] of [502, 503, 504].entries()) answer(index, status)
  expect(there()).toBe(0)
})

test('an endpoint comes back after its time, each time later', () => {
  const { answer, there } = cluster(one, 1)
  answer(0, 500, 10_000)
  expect([there(11_999), there(12_000)]).toEqual([0, 1])
  answer(0, 500, 12_500)
  expect([there(16_499), there(16_500)]).toEqual([0, 1])
  // Two quiet intervals later it is as good as new.
  answer(0, 500, 18_600)
  expect([there(20_599), there(20_600)]).toEqual([0, 1])
})

test('with too few left all are used', () => {
  const { answer, there } = cluster({ ...one, minHealthPercent: 50 }, 3)
  answer(0, 500)
  expect(there()).toBe(2)
  answer(1, 500)
  expect(there()).toBe(3)
})

test('the trap of small pools is told', () => {
  expect(tellOutlierDetection(compileOutlierDetection({ consecutive5xxErrors: 1 }), 3)).toEqual([
    'outlierDetection: after 1 answers of 5xx in a row an endpoint is ejected for 30000 ms and longer each time; at most 10 %, so 0 of 3: none is ever ejected'
  ])
})
