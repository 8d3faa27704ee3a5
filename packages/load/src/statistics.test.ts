import { expect, test } from 'vitest'
import { createSamples } from './samples.ts'
import { percentile, statistics } from './statistics.ts'

const thousand = Float64Array.from({ length: 1000 }, (_, index) => index + 1)

test.each([[0, 1], [50, 500], [75, 750], [99, 990], [99.9, 999], [99.95, 1000], [100, 1000]])('the %d th percentile of 1 to 1000 is %d', (percent, value) => {
  expect(percentile(thousand, percent)).toBe(value)
})

test('percentiles of one value are that value, of none 0', () => {
  expect([percentile(Float64Array.of(7), 50), percentile(Float64Array.of(), 50)]).toEqual([7, 0])
})

test('mean and standard deviation', () => {
  expect(statistics(Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9))).toEqual({ count: 8, min: 2, max: 9, mean: 5, standardDeviation: 2, sum: 40 })
  expect(statistics(Float64Array.of())).toEqual({ count: 0, min: 0, max: 0, mean: 0, standardDeviation: 0, sum: 0 })
})

test('samples grow, and are sorted as numbers', () => {
  const samples = createSamples()
  for (let value = 5000; value > 0; value -= 1) samples.add(value)
  expect(samples.count).toBe(5000)
  expect([...samples.sorted().subarray(0, 11)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
})
