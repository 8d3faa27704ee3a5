import { ServiceError } from '@bankinfo/service/errors'
import { Worker } from 'node:worker_threads'
import { busy, tooSlow } from '../intake/problems.ts'
import type { Job, Outcome } from './job.ts'
import type { Assignment, Report } from './messages.ts'

export interface PoolOptions {
  readonly workers: number
  /** Jobs that wait; more are refused. */
  readonly queueLength: number
  /** Time that the work on one job may take, in seconds; waiting does not count. */
  readonly seconds: number
  /** ms that a job gets to notice that it is not wanted, before its thread is ended. */
  readonly grace?: number
  /** Module of the worker, compiled. */
  readonly worker?: URL
}

export interface RunOptions {
  readonly signal?: AbortSignal
}

/** Threads that work on photos, so that the event loop stays free. */
export interface Pool {
  /**
   * Does a job; its buffers move to the worker and are empty afterwards.
   *
   * @returns the outcome and the ms that the job waited for a worker
   * @throws ServiceError 503 when the queue is full or the work took too long, 4xx when a picture cannot be taken;
   * the signal's reason when it fires first
   */
  run: (job: Job, options?: RunOptions) => Promise<Outcome & { readonly waited: number }>
  /** Seconds after which a caller that was refused may well get a place. */
  retryAfter: () => number
  readonly load: () => { readonly working: number, readonly waiting: number }
  close: () => Promise<void>
}

interface Ticket {
  readonly job: Job
  readonly queued: number
  readonly signal: AbortSignal | undefined
  readonly settle: { readonly resolve: (outcome: Outcome & { waited: number }) => void, readonly reject: (reason: unknown) => void }
}

/** ms that a thread without work is kept. */
const idleLimit = 30_000

export function createPool ({ workers, queueLength, seconds, grace = 5000, worker = new URL('./worker.js', import.meta.url) }: PoolOptions): Pool {
  const idle: Array<{ thread: Worker, since: NodeJS.Timeout }> = []
  const waiting: Ticket[] = []
  const threads = new Set<Worker>()
  let working = 0
  let closed = false
  /** Moving mean of how long a job takes, in ms. */
  let usual = 1000

  return {
    run: (job, { signal } = {}) => new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason)
      if (working >= workers && waiting.length >= queueLength) return reject(busy(retryAfter()))
      const ticket: Ticket = { job, queued: performance.now(), signal, settle: { resolve, reject } }
      waiting.push(ticket)
      signal?.addEventListener('abort', () => {
        const at = waiting.indexOf(ticket)
        if (at >= 0) waiting.splice(at, 1)
        reject(signal.reason)
      }, { once: true })
      next()
    }),
    retryAfter,
    load: () => ({ working, waiting: waiting.length }),
    close: async () => {
      closed = true
      for (const { since } of idle) clearTimeout(since)
      await Promise.all([...threads].map((thread) => thread.terminate()))
    }
  }

  function retryAfter (): number {
    return Math.max(1, Math.ceil((waiting.length + 1) * usual / workers / 1000))
  }

  function next (): void {
    if (closed || working >= workers) return
    const ticket = waiting.shift()
    if (ticket !== undefined) assign(ticket)
  }

  function hired (): Worker {
    const rested = idle.pop()
    if (rested !== undefined) {
      clearTimeout(rested.since)
      return rested.thread
    }
    const thread = new Worker(worker)
    threads.add(thread)
    thread.once('exit', () => threads.delete(thread))
    return thread
  }

  function rest (thread: Worker): void {
    const entry = {
      thread,
      since: setTimeout(() => {
        idle.splice(idle.indexOf(entry), 1)
        end(thread)
      }, idleLimit).unref()
    }
    thread.unref()
    idle.push(entry)
  }

  function assign ({ job, queued, signal, settle }: Ticket): void {
    working++
    const thread = hired()
    thread.ref()
    const started = performance.now()
    const abandoned = new Int32Array(new SharedArrayBuffer(4))
    let last: NodeJS.Timeout | undefined
    const abandon = () => {
      Atomics.store(abandoned, 0, 1)
      last ??= setTimeout(() => end(thread), grace)
    }
    const late = setTimeout(() => {
      settle.reject(tooSlow(seconds))
      abandon()
    }, seconds * 1000)
    signal?.addEventListener('abort', abandon, { once: true })

    const finish = () => {
      clearTimeout(late)
      clearTimeout(last)
      signal?.removeEventListener('abort', abandon)
      thread.off('message', onReport).off('error', onError).off('exit', onExit)
      usual += (performance.now() - started - usual) * 0.2
      working--
    }
    const onReport = (report: Report) => {
      finish()
      rest(thread)
      if (report.kind === 'done') settle.resolve({ ...report.outcome, waited: started - queued })
      else settle.reject(errorOf(report, seconds))
      next()
    }
    const onError = (error: Error) => {
      settle.reject(error)
    }
    const onExit = () => {
      finish()
      settle.reject(new Error('the worker ended before its job did'))
      next()
    }
    thread.on('message', onReport).on('error', onError).on('exit', onExit)
    const assignment: Assignment = { job, abandoned }
    thread.postMessage(assignment, [job.image, job.styleImage].flatMap((image) => image === undefined ? [] : [image.bytes.buffer]))
  }
}

/** Ends a thread; its exit event tells when it is over. */
function end (thread: Worker): void {
  thread.terminate().catch(() => {})
}

function errorOf (report: Exclude<Report, { kind: 'done' }>, seconds: number): Error {
  switch (report.kind) {
    case 'refused': return new ServiceError(report.status, report.code, report.message, { details: report.details })
    case 'abandoned': return new Error('the work was stopped')
    case 'failed': {
      if (/timeout/i.test(report.message)) return tooSlow(seconds)
      const error = new Error(report.message)
      error.stack = report.stack
      return error
    }
  }
}
