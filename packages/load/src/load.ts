import type { Agent } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { send, type Answer } from './exchange.ts'
import { checkLimits, limits } from './limits.ts'
import { createSamples, type Samples } from './samples.ts'
import type { Target } from './target.ts'

export interface LoadOptions {
  readonly target: Target
  /** Calls that may be under way at a time, each over a connection of its own. */
  readonly connections: number
  /** How many calls in all; or {@link durationMs}. Where both are given, what is reached first ends the run. */
  readonly requests?: number | undefined
  readonly durationMs?: number | undefined
  /** Calls per second, all connections together; as fast as they are answered when there is none. */
  readonly rate?: number | undefined
  /** Makes calls up that came too late, so that the rate holds over the run. True unless given. */
  readonly catchUp?: boolean | undefined
  /** Spreads the connections' calls evenly instead of beginning all at once. */
  readonly spread?: boolean | undefined
  /** Milliseconds that a call may take. */
  readonly timeoutMs: number
  /** Makes a call over each connection before the run, which does not count; where it must succeed, a failure ends the run before it begins. */
  readonly warmUp?: 'must-succeed' | 'may-fail' | undefined
  /** Ends the run; calls under way are cut off and not counted. */
  readonly signal?: AbortSignal | undefined
  readonly onCall?: (call: Call) => void
}

/** One call of a run. */
export interface Call {
  readonly answer: Answer
  /** Seconds. */
  readonly seconds: number
  /** Number of the connection, from 0. */
  readonly connection: number
}

export interface LoadResult {
  /** Seconds from the first call's beginning to the last one's end. */
  readonly seconds: number
  /** How many calls had which status; -1 is no answer. */
  readonly statuses: ReadonlyMap<number, number>
  /** How many calls failed in which way, without an answer. */
  readonly errors: ReadonlyMap<string, number>
  /** Seconds of each call. */
  readonly latency: Samples
  readonly headerBytes: Samples
  readonly totalBytes: Samples
  /** Connections that were opened. */
  readonly sockets: number
  /** Calls made before the run. */
  readonly warmUpCalls: number
  /** The run was ended by its signal. */
  readonly interrupted: boolean
}

/** The server did not answer as it should before the run. */
export class WarmUpError extends Error {
  readonly answer: Answer

  constructor (answer: Answer) {
    super(answer.error ?? `status ${answer.status} ${answer.statusText}`.trim())
    this.answer = answer
  }
}

/** True for 2xx, and for the teapot, as fortio counts. */
export function isSuccess (status: number): boolean {
  return (status >= 200 && status <= 299) || status === 418
}

/**
 * Calls a server over and over, over a number of connections, and keeps what became of each call.
 * @throws LimitError before the first call when the run asks for more than it may
 * @throws WarmUpError
 */
export async function runLoad (options: LoadOptions): Promise<LoadResult> {
  checkLimits(options)
  const { connections, signal, warmUp } = options
  const count = countCalls()
  const agents = Array.from({ length: connections }, () => options.target.agent())
  try {
    if (warmUp !== undefined) await Promise.all(agents.map(async (agent) => await warm({ ...options, agent, count })))
    const total = Math.min(options.requests ?? limits.requests, limits.requests)
    const started = performance.now()
    const deadline = options.durationMs === undefined ? Infinity : started + options.durationMs
    await Promise.all(agents.map(async (agent, connection) => {
      // The first connections make the calls that do not divide evenly.
      const calls = Math.floor(total / connections) + (connection < total % connections ? 1 : 0)
      await worker({ ...options, agent, connection, calls, started, deadline, count })
    }))
    const seconds = (performance.now() - started) / 1000
    return { ...count.result(), seconds, warmUpCalls: warmUp === undefined ? 0 : connections, interrupted: isAborted(signal) }
  } finally {
    for (const agent of agents) agent.destroy()
  }
}

async function warm ({ target, agent, timeoutMs, signal, warmUp, count }: LoadOptions & Pick<Worker, 'agent' | 'count'>): Promise<void> {
  const answer = await send({ target, agent, timeoutMs, signal, onSocket: count.socket })
  if (warmUp === 'must-succeed' && !isAborted(signal) && !isSuccess(answer.status)) throw new WarmUpError(answer)
}

interface Worker extends LoadOptions {
  readonly agent: Agent
  readonly connection: number
  readonly calls: number
  readonly started: number
  readonly deadline: number
  readonly count: CallCounter
}

async function worker ({ target, agent, connection, calls, started, deadline, count, ...options }: Worker): Promise<void> {
  const { connections, rate, timeoutMs, signal } = options
  const interval = rate === undefined ? 0 : connections * 1000 / rate
  let due = started + (options.spread === true ? interval * connection / connections : 0)
  for (let made = 0; made < calls; made += 1) {
    if (interval > 0) {
      if (due >= deadline) return
      await waitUntil(due, signal)
      due = options.catchUp === false ? Math.max(due, performance.now()) + interval : due + interval
    }
    const began = performance.now()
    if (began >= deadline || isAborted(signal)) return
    const answer = await send({ target, agent, timeoutMs, signal, onSocket: count.socket })
    if (isAborted(signal)) return
    const call = { answer, seconds: (performance.now() - began) / 1000, connection }
    count.call(call)
    options.onCall?.(call)
  }
}

// A function, as the compiler does not know that a signal changes while one waits.
function isAborted (signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

async function waitUntil (time: number, signal: AbortSignal | undefined): Promise<void> {
  const ms = time - performance.now()
  if (ms <= 0) return
  try {
    await pause(ms, undefined, { ...(signal === undefined ? {} : { signal }) })
  } catch (error) {
    if (!isAborted(signal)) throw error
  }
}

interface CallCounter {
  readonly call: (call: Call) => void
  readonly socket: (socket: Socket) => void
  readonly result: () => Omit<LoadResult, 'seconds' | 'warmUpCalls' | 'interrupted'>
}

function countCalls (): CallCounter {
  const statuses = new Map<number, number>()
  const errors = new Map<string, number>()
  const [latency, headerBytes, totalBytes] = [createSamples(), createSamples(), createSamples()]
  const known = new WeakSet<Socket>()
  let sockets = 0
  const addOne = <K>(map: Map<K, number>, key: K): void => { map.set(key, (map.get(key) ?? 0) + 1) }
  return {
    call: ({ answer, seconds }) => {
      addOne(statuses, answer.status)
      if (answer.error !== undefined) addOne(errors, answer.error)
      latency.add(seconds)
      headerBytes.add(answer.headerBytes)
      totalBytes.add(answer.headerBytes + answer.bodyBytes)
    },
    socket: (socket) => {
      if (!known.has(socket)) sockets += 1
      known.add(socket)
    },
    result: () => ({ statuses, errors, latency, headerBytes, totalBytes, sockets })
  }
}
