import { existsSync, readdirSync } from 'node:fs'
import { getPriority } from 'node:os'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { sample } from '../testing/pictures.ts'
import { compiledWorker, service } from '../testing/service.ts'
import type { Job } from './job.ts'
import { createPool, type PoolOptions } from './pool.ts'

function pool (options: Partial<PoolOptions> = {}) {
  const made = createPool({ workers: 1, queueLength: 1, seconds: 60, worker: compiledWorker, ...options })
  onTestFinished(() => made.close())
  return made
}

async function job (style = 'low-poly'): Promise<Job> {
  const bytes = new Uint8Array(await sample('landscape.jpg'))
  return { image: { field: 'image', bytes, format: 'jpeg' }, style, strength: 1, detail: 0.5, format: 'jpeg', limits: { pixels: 1e7, frames: 1, edge: 480, seconds: 60 } }
}

/** A worker that never comes back by itself. */
const stuck = new URL(`data:text/javascript,${encodeURIComponent("import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => {})")}`)
const dying = new URL(`data:text/javascript,${encodeURIComponent("import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => process.exit(3))")}`)

describe('a pool of workers', () => {
  it('does the jobs one after another where there is one worker, and tells how long each waited', async () => {
    const { run, load } = pool()
    const both = Promise.all([run(await job()), run(await job())])
    expect(load()).toEqual({ working: 1, waiting: 1 })
    const [first, second] = await both
    expect(second.waited).toBeGreaterThan(first.waited)
    expect([...second.bytes.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff])
    expect(load()).toEqual({ working: 0, waiting: 0 })
  })

  it('refuses what the queue cannot hold with 503, and works on', async () => {
    const { run, retryAfter } = pool({ queueLength: 0 })
    const first = run(await job())
    await expect(run(await job())).rejects.toMatchObject({ statusCode: 503, code: 'busy', details: { retryAfter: retryAfter() } })
    await first
    expect((await run(await job())).width).toBe(480)
  })

  it('stops work that takes too long with 503, and works on', async () => {
    const { run, load } = pool({ seconds: 0.02 })
    await expect(run(await job('oil-paint'))).rejects.toMatchObject({ statusCode: 503, code: 'too_slow' })
    await vi.waitFor(() => expect(load().working).toBe(0), { timeout: 30_000 })
  })

  it('drops a job that waits when its caller goes', async () => {
    const { run, load } = pool()
    const first = run(await job())
    const caller = new AbortController()
    const waiting = run(await job(), { signal: caller.signal })
    caller.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    expect(load()).toEqual({ working: 1, waiting: 0 })
    await first
  })

  it('frees the worker of a job whose caller goes', async () => {
    const { run, load } = pool()
    const caller = new AbortController()
    const working = run(await job('oil-paint'), { signal: caller.signal })
    caller.abort(new Error('gone'))
    await expect(working).rejects.toThrow('gone')
    await vi.waitFor(() => expect(load().working).toBe(0), { timeout: 30_000 })
    expect((await run(await job())).width).toBe(480)
  })

  it('ends a worker that does not stop, and hires another', async () => {
    const { run, load } = pool({ worker: stuck, grace: 50 })
    const caller = new AbortController()
    const working = run(await job(), { signal: caller.signal })
    caller.abort(new Error('gone'))
    await expect(working).rejects.toThrow('gone')
    await vi.waitFor(() => expect(load().working).toBe(0), { timeout: 30_000 })
  })

  it('tells when a worker dies, and works on', async () => {
    const { run, load } = pool({ worker: dying })
    await expect(run(await job())).rejects.toThrow('ended before its job')
    await expect(run(await job())).rejects.toThrow('ended before its job')
    expect(load().working).toBe(0)
  })

  // Only Linux schedules threads by themselves.
  it.runIf(existsSync('/proc/self/task'))('lets the main thread go before every thread that decodes, styles or encodes', async () => {
    const { run } = pool()
    const before = getPriority(process.pid)
    await run(await job())
    // Threads of libvips come and go: one that has ended meanwhile has no priority.
    await vi.waitFor(() => {
      const others = readdirSync('/proc/self/task').map(Number).filter((thread) => thread !== process.pid)
      expect(others.length).toBeGreaterThan(4)
      expect(others.filter((thread) => getPriority(thread) < Math.min(before + 1, 19))).toEqual([])
    })
    expect(getPriority(process.pid)).toBe(before)
  })

  it('refuses at once whoever is gone already', async () => {
    const { run, load } = pool()
    await expect(run(await job(), { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
    expect(load()).toEqual({ working: 0, waiting: 0 })
  })
})

describe('the service when all workers are busy', () => {
  it('answers 503 with Retry-After, and health at once', async () => {
    const busyPool = pool({ worker: stuck, queueLength: 0, grace: 50 })
    const { request } = await service({}, { pool: busyPool })
    const caller = new AbortController()
    const working = busyPool.run(await job(), { signal: caller.signal })
    const { headers, body } = await request.post('/transfer').attach('image', await sample('bright.jpg'), 'a.jpg').field('style', 'neon').expect(503)
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(body).toMatchObject({ code: 'busy', retryAfter: Number(headers['retry-after']) })
    await request.get('/healthz').expect(200)
    caller.abort()
    await working.catch(() => {})
  })

  it('answers 503 with Retry-After when the work takes longer than it may', async () => {
    const { request } = await service({}, { pool: pool({ worker: stuck, seconds: 0.05, grace: 50 }) })
    const { headers, body } = await request.post('/transfer').attach('image', await sample('bright.jpg'), 'a.jpg').field('style', 'neon').expect(503)
    expect(body.code).toBe('too_slow')
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1)
  })

  it('frees worker and memory of a caller that goes away', async () => {
    const busyPool = pool({ worker: stuck, grace: 50 })
    const { app, request } = await service({ MAX_BUFFERED_BYTES: '30000' }, { pool: busyPool })
    const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)
    const form = new FormData()
    form.set('image', new Blob([await sample('bright.jpg')]), 'a.jpg')
    form.set('style', 'neon')
    const caller = new AbortController()
    const call = fetch(`http://127.0.0.1:${port}/transfer`, { method: 'POST', body: form, signal: caller.signal })
    await vi.waitFor(() => expect(busyPool.load().working).toBe(1), { timeout: 30_000 })
    // What the caller sent is held: there is no room for as much again.
    const another = () => request.post('/transfer').attach('image', Buffer.alloc(20_000), 'a.jpg').field('style', 'neon')
    await another().expect(503)
    caller.abort()
    await expect(call).rejects.toThrow()
    await vi.waitFor(() => expect(busyPool.load()).toEqual({ working: 0, waiting: 0 }), { timeout: 30_000 })
    await another().expect(415)
  })

  it('answers 503 with Retry-After when uploads together hold too much', async () => {
    const { request } = await service({ MAX_BUFFERED_BYTES: '10000' })
    const { headers } = await request.post('/transfer').attach('image', await sample('bright.jpg'), 'a.jpg').field('style', 'neon').expect(503)
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1)
    // What was held is given back.
    const small = (await sample('bright.jpg')).subarray(0, 9000)
    for (let again = 0; again < 3; again++) await request.post('/transfer').attach('image', small, 'a.jpg').field('style', 'neon').expect(422)
  })
})
