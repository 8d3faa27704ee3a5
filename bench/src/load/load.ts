import { request } from 'node:http'
import type { Socket } from 'node:net'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, type Dispatcher } from 'undici'
import { cpuSeconds } from '../measure/usage.ts'

export interface LoadOptions {
  /** Where connections go: a proxy or a server, `http://127.0.0.1:PORT`. */
  readonly origin: string
  /** Request target as it is sent: absolute-form for a forward proxy, a path for a server. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  /** CONNECT to this `host:port` first, with these fields, and send the requests inside. */
  readonly tunnel?: { readonly authority: string, readonly headers: Readonly<Record<string, string>> }
  /** Kept-alive connections; each has one request under way at any time. */
  readonly connections: number
  /** Not counted. */
  readonly warmupSeconds: number
  readonly seconds: number
  /** Processes whose CPU time over the counted seconds is wanted. */
  readonly pids: readonly number[]
}

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  /** Answers other than 200, and requests without an answer. */
  readonly failures: number
  /** What the first of them was. */
  readonly firstFailure?: string
  /** Milliseconds from the request's dispatch to the end of its answer. */
  readonly p50: number
  readonly p99: number
  /** User and system time of the processes asked for, in seconds. */
  readonly cpuSeconds: number
}

/** Milliseconds after which a request without an answer is a failure: a proxy that hangs must not hang the bench. */
const answerTimeout = 10_000

interface Counters {
  requests: number
  failures: number
  firstFailure?: string
  running: boolean
  readonly histogram: RecordableHistogram
}

/** Keeps every connection busy for the time asked and says what came back. */
export async function generateLoad (options: LoadOptions): Promise<LoadResult> {
  const counters: Counters = { requests: 0, failures: 0, running: true, histogram: createHistogram() }
  const clients = await Promise.all(Array.from({ length: options.connections }, () => openClient(options)))
  const loops = clients.map((client) => keepBusy(client, options, counters))

  await delay(options.warmupSeconds * 1000)
  counters.histogram.reset()
  const before = { ...counters, cpu: cpuOf(options.pids), at: performance.now() }
  await delay(options.seconds * 1000)
  // A machine that is busy with other things may not have given anyone a turn yet.
  while (counters.requests === before.requests && counters.failures === 0 && performance.now() - before.at < answerTimeout) await delay(20)
  const cpu = cpuOf(options.pids) - before.cpu
  const seconds = (performance.now() - before.at) / 1000
  const result = {
    requests: counters.requests - before.requests,
    seconds,
    failures: counters.failures,
    ...(counters.firstFailure === undefined ? {} : { firstFailure: counters.firstFailure }),
    p50: counters.histogram.percentile(50) / 1e6,
    p99: counters.histogram.percentile(99) / 1e6,
    cpuSeconds: cpu
  }

  counters.running = false
  await Promise.all(loops)
  await Promise.all(clients.map((client) => client.destroy()))
  return result
}

function cpuOf (pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)
}

async function openClient (options: LoadOptions): Promise<Client> {
  const { origin, tunnel } = options
  if (tunnel === undefined) return new Client(origin, { headersTimeout: answerTimeout, bodyTimeout: answerTimeout })
  const socket = await openTunnel(origin, tunnel)
  return new Client(`http://${tunnel.authority}`, {
    headersTimeout: answerTimeout,
    bodyTimeout: answerTimeout,
    // A connector that calls back at once leaves the request in the queue.
    connect: (_options, callback) => { setImmediate(callback, null, socket) }
  })
}

function openTunnel (origin: string, { authority, headers }: NonNullable<LoadOptions['tunnel']>): Promise<Socket> {
  return new Promise((resolve, reject) => {
    request(origin, { method: 'CONNECT', path: authority, headers: { host: authority, ...headers }, agent: false, timeout: answerTimeout })
      .once('connect', (response, socket) => {
        if (response.statusCode === 200) resolve(socket as Socket)
        else reject(new Error(`CONNECT ${authority} was answered with ${response.statusCode}`))
      })
      .once('response', (response) => { reject(new Error(`CONNECT ${authority} was answered with ${response.statusCode}`)) })
      .once('timeout', () => { reject(new Error(`CONNECT ${authority} had no answer within ${answerTimeout} ms`)) })
      .once('error', reject)
      .end()
  })
}

/** Sends one request after the other on one connection until it is told to stop. */
function keepBusy (client: Client, { target, headers }: LoadOptions, counters: Counters): Promise<void> {
  return new Promise((resolve) => {
    let started = 0
    let status = 0
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart () {},
      onResponseStart (_controller, statusCode) { status = statusCode },
      onResponseData () {},
      onResponseEnd () {
        counters.histogram.record(Math.max(1, Math.round((performance.now() - started) * 1e6)))
        if (status === 200) counters.requests++
        else fail(`status ${status}`)
        next()
      },
      onResponseError (_controller, error) {
        fail(error.message)
        setTimeout(next, 10)
      }
    }
    const order: Dispatcher.DispatchOptions = { path: target, method: 'GET', headers: { ...headers } }

    function fail (reason: string): void {
      counters.failures++
      counters.firstFailure ??= reason
    }

    function next (): void {
      if (!counters.running) return resolve()
      started = performance.now()
      client.dispatch(order, handler)
    }
    next()
  })
}
