import { describe, expect, it } from 'vitest'
import { expand } from './environment.ts'
import { locate } from './exec.ts'
import { createLogRing, readLog, type LogOptions } from './log-ring.ts'
import { createRestartDelay } from './restart-delay.ts'

async function read (ring: ReturnType<typeof createLogRing>, options: LogOptions = {}): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of readLog(ring, options)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('a container\'s log', () => {
  it('joins lines that were torn, and keeps an unfinished one at the end', async () => {
    const ring = createLogRing()
    ring.write('one\ntw')
    ring.write('o\nthr')
    expect(await read(ring)).toBe('one\ntwo\n')
    ring.end()
    expect(await read(ring)).toBe('one\ntwo\nthr\n')
    ring.write('late\n')
    expect(await read(ring, { tailLines: 2 })).toBe('two\nthr\n')
  })

  it('keeps the newest lines of one that writes without end', async () => {
    const ring = createLogRing(1000)
    for (let line = 0; line < 10_000; line++) ring.write(`line ${line}\n`)
    const text = await read(ring)
    expect(text.length).toBeLessThan(1500)
    expect(text.endsWith('line 9999\n')).toBe(true)
    ring.write('x'.repeat(10_000))
    expect((await read(ring)).length).toBeLessThan(12_000)
  })

  it('is followed until the container ends, or the reader has enough', async () => {
    const ring = createLogRing()
    ring.write('before\n')
    const following = read(ring, { follow: true })
    ring.write('after\n')
    ring.end()
    expect(await following).toBe('before\nafter\n')

    const endless = createLogRing()
    const abort = new AbortController()
    const aborted = read(endless, { follow: true, signal: abort.signal })
    endless.write('a\n')
    abort.abort()
    expect(await aborted).toBe('a\n')
  })

  it('has the time before each line where it is asked for', async () => {
    const ring = createLogRing()
    ring.write('x\n')
    expect(await read(ring, { timestamps: true })).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z x\n$/)
    expect(await read(ring, { sinceSeconds: 3600 })).toBe('x\n')
  })
})

describe('the restart of a container', () => {
  it('comes at once, then after 10 s, twice as long each time, up to five minutes', () => {
    const delay = createRestartDelay()
    expect(Array.from({ length: 8 }, () => delay.next(0))).toEqual([0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000])
  })

  it('comes at once again after ten minutes without a crash', () => {
    const delay = createRestartDelay()
    delay.next(0)
    delay.next(0)
    expect(delay.next(600_000)).toBe(0)
  })
})

describe('variables in a value', () => {
  it.each([['$(A)-$(B)', 'x-$(B)'], ['$$(A)', '$(A)'], ['$A', '$A'], ['cost: 5$', 'cost: 5$']])('%s becomes %s', (text, expected) => {
    expect(expand(text, { A: 'x' })).toBe(expected)
  })
})

describe('a program named by its place in an image', () => {
  const path = '/lab/bin:/node/bin:/usr/local/bin:/usr/bin:/bin'
  const files = new Set(['/lab/bin/fortio', '/usr/local/bin/fortio', '/usr/bin/curl', '/opt/homebrew/bin/jq', '/bin/sleep'])
  it.each([
    ['/usr/local/bin/fortio', '/lab/bin/fortio'],
    ['/usr/bin/fortio', '/lab/bin/fortio'],
    ['/usr/bin/curl', '/usr/bin/curl'],
    ['/bin/curl', '/usr/bin/curl'],
    ['/usr/bin/missing', '/usr/bin/missing'],
    ['/opt/homebrew/bin/jq', '/opt/homebrew/bin/jq'],
    ['fortio', 'fortio'],
    ['./sleep', './sleep']
  ])('%s is %s', (program, found) => {
    expect(locate([program, 'load'], path, (file) => files.has(file))).toEqual([found, 'load'])
  })
})
