import { expect, it } from 'vitest'
import { ageOf, humanDuration } from './duration.ts'

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]

it.each([
  [-3 * second, '<invalid>'], [-second, '0s'], [0, '0s'], [119 * second, '119s'], [2 * minute, '2m'], [2 * minute + 5 * second, '2m5s'],
  [9 * minute + 59 * second, '9m59s'], [10 * minute + 30 * second, '10m'], [179 * minute, '179m'], [3 * hour, '3h'], [7 * hour + 59 * minute, '7h59m'],
  [47 * hour, '47h'], [48 * hour, '2d'], [53 * hour, '2d5h'], [8 * day, '8d'], [729 * day, '729d'], [730 * day, '2y'], [2 * 365 * day + 9 * day, '2y9d'], [9 * 365 * day, '9y']
])('%d ms are %s', (age, text) => {
  expect(humanDuration(age)).toBe(text)
})

it('does not know the age of what has no time', () => {
  expect(ageOf(undefined)).toBe('<unknown>')
  expect(ageOf('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:03:41Z'))).toBe('3m41s')
})
