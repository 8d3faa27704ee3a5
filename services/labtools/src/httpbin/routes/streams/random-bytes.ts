import { randomBytes as systemBytes } from 'node:crypto'

/** Random bytes; with a seed the same each time (mulberry32, good enough for test data). */
export function randomBytes (count: number, seed?: number): Buffer {
  if (seed === undefined) return systemBytes(count)
  const bytes = Buffer.alloc(count)
  let state = seed >>> 0
  for (let index = 0; index < count; index += 1) {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    bytes[index] = (mixed ^ (mixed >>> 14)) & 0xff
  }
  return bytes
}
