import { expect, test } from 'vitest'
import { exposition } from './exposition.ts'

test('label values are escaped, series of the same labels are one', async () => {
  const values = [{ labels: { host: 'a"b\\c\nd' }, value: 1 }, { labels: { host: 'a"b\\c\nd' }, value: 2 }, { labels: { host: '' }, value: 4 }]
  const text = await exposition([{ name: 'requests_total', help: 'Requests', type: 'counter', values }])
  expect(text.trim().split('\n')).toEqual(['# HELP requests_total Requests', '# TYPE requests_total counter', 'requests_total{host="a\\"b\\\\c\\nd"} 3', 'requests_total{host=""} 4'])
})

test('nothing is said of nothing', async () => {
  expect(await exposition([])).toBe('')
})
