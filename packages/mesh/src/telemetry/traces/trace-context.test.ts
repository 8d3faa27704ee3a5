import { expect, test } from 'vitest'
import { newSpanId, parseTraceParent, traceIdOf } from './trace-context.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'

test.each([
  [`00-${traceId}-${spanId}-01`, { traceId, spanId, sampled: true }],
  [`00-${traceId}-${spanId}-00`, { traceId, spanId, sampled: false }],
  [` 00-${traceId.toUpperCase()}-${spanId}-03 `, { traceId, spanId, sampled: true }],
  [`cc-${traceId}-${spanId}-01-what-the-future-will-be`, { traceId, spanId, sampled: true }],
  [`${traceId}-${spanId}-1-05e3ac9a4f6e3b90`, { traceId, spanId, sampled: true }],
  [`${traceId}-${spanId}-0`, { traceId, spanId, sampled: false }],
  [`${traceId}-${spanId}-d`, { traceId, spanId, sampled: true }],
  [`824fbd828d809bf4-${spanId}`, { traceId: '0000000000000000824fbd828d809bf4', spanId, sampled: true }],
  [traceId, { traceId, sampled: true }]
])('%s says which trace it is', (value, parent) => {
  expect(parseTraceParent(value)).toEqual(parent)
})

test.each([
  '', '0', 'x', `ff-${traceId}-${spanId}-01`, `00-${'0'.repeat(32)}-${spanId}-01`, `00-${traceId}-${'0'.repeat(16)}-01`, `00-${traceId.slice(1)}-${spanId}-01`, `00-${traceId}-${spanId}`, `${traceId}-${spanId}-7`, '0'.repeat(32)
])('"%s" is none', (value) => {
  expect(parseTraceParent(value)).toBeUndefined()
})

test('a UUID is a trace id as it stands; anything else is made one, always the same', () => {
  expect(traceIdOf('1CA7dc8a-d996-4d94-b8fc-09132eb845f8')).toBe('1ca7dc8ad9964d94b8fc09132eb845f8')
  expect(traceIdOf('mine')).toMatch(/^[0-9a-f]{32}$/)
  expect(traceIdOf('mine')).toBe(traceIdOf('mine'))
  expect(traceIdOf('mine')).not.toBe(traceIdOf('yours'))
})

test('span ids are 16 hexadecimal digits, each a new one', () => {
  const ids = new Set(Array.from({ length: 100 }, newSpanId))
  expect(ids.size).toBe(100)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/)
})
