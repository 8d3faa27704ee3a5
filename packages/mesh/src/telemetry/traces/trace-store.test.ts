import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createTraceStore, maxSpans } from './trace-store.ts'
import type { AccessRecord } from '../../access-log.ts'

function record (requestId: string, startTime: number): AccessRecord {
  return { proxy: 'default/a', direction: 'outbound', startTime, protocol: 'HTTP/1.1', responseCode: 200, responseFlags: '-', bytesReceived: 0, bytesSent: 0, duration: 0, attempts: 1, requestId }
}

test('every trace is kept at the rate of a workshop', () => {
  const store = createTraceStore()
  const ids = Array.from({ length: 200 }, () => randomUUID())
  // 100 requests of 7 spans in a second.
  ids.forEach((id, index) => { for (let span = 0; span < 7; span++) store.add(record(id, index * 10)) })
  expect(store.all().map(({ requestId, records }) => [requestId, records.length])).toEqual(ids.map((id) => [id, 7]))
})

test('under load a part of the traces is kept, evenly drawn and each of them whole; afterwards all are again', () => {
  const store = createTraceStore()
  // 10,000 requests of 2 spans in a second, for 10 seconds; counted in the last of them.
  let kept = 0
  for (let index = 0; index < 100_000; index++) {
    const id = randomUUID()
    const at = Math.floor(index / 10)
    store.add(record(id, at))
    store.add(record(id, at))
    if (index >= 90_000) kept += store.get(id)?.records.length ?? 0
  }
  // 5,120 spans in a slot: one in 32 traces. 10,000 draws at 1/32, six standard deviations of 17 around 312.
  expect(kept / 2).toBeGreaterThan(200)
  expect(kept / 2).toBeLessThan(430)
  expect(store.all().slice(1).every(({ records }) => records.length === 2)).toBe(true)
  for (let index = 0; index < 20; index++) store.add(record(`after-${index}`, 20_000 + index))
  expect(store.all().slice(-20).map(({ requestId }) => requestId)).toEqual(Array.from({ length: 20 }, (_, index) => `after-${index}`))
})

test('no more than the last spans are kept', () => {
  const store = createTraceStore()
  for (let index = 0; index < maxSpans + 10; index++) store.add(record(`id-${index}`, index * 10))
  expect(store.all()).toHaveLength(maxSpans)
  expect(store.get('id-9')).toBeUndefined()
  expect(store.get('id-10')?.records).toHaveLength(1)
})
