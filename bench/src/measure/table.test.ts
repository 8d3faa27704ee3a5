import { expect, test } from 'vitest'
import { median } from './rounds.ts'
import { markdownTable } from './table.ts'

test('takes the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(() => median([])).toThrow(/needs a value/)
})

test('writes numbers to the right with three digits that count, and a dash where there is no value', () => {
  const table = { part: 'x', title: 'X', columns: ['a', 'b', 'c'], rows: [['one', 1.234, undefined], ['two', 123.4, 12.34]], notes: [] }
  expect(markdownTable(table).split('\n')).toEqual(['| a | b | c |', '| --- | --: | --: |', '| one | 1.23 | - |', '| two | 123 | 12.3 |'])
})
