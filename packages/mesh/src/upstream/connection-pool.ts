/**
 * Envoy's circuit breakers: how many connections, waiting requests, requests and retries a proxy lets a cluster have. Each caller
 * counts for itself; a server's own proxy has the same limits before its application (measured).
 * https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 * https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/circuit_breaking
 */

import { createCounters, type Counters } from './counters.ts'

export interface ConnectionPoolSpec {
  tcp?: { maxConnections?: number, connectTimeout?: string, idleTimeout?: string, maxConnectionDuration?: string, tcpKeepalive?: { time?: string } }
  http?: {
    http1MaxPendingRequests?: number
    http2MaxRequests?: number
    maxRequestsPerConnection?: number
    maxRetries?: number
    idleTimeout?: string
    maxConcurrentStreams?: number
    h2UpgradePolicy?: string
    useClientProtocol?: boolean
  }
}

export interface Limits {
  readonly maxConnections: number
  readonly maxPending: number
  /** At once, on all connections. */
  readonly maxRequests: number
  /** At once. */
  readonly maxRetries: number
  /** Connections end after so many requests; Infinity: they don't. */
  readonly maxRequestsPerConnection: number
}

/** Undefined where nothing is limited. 0 and absent are Istio's default, which is no limit. */
export function compileLimits (spec: ConnectionPoolSpec | undefined): Limits | undefined {
  const limit = (value: number | undefined): number => value === undefined || value <= 0 ? Infinity : value
  const limits: Limits = {
    maxConnections: limit(spec?.tcp?.maxConnections),
    maxPending: limit(spec?.http?.http1MaxPendingRequests),
    maxRequests: limit(spec?.http?.http2MaxRequests),
    maxRetries: limit(spec?.http?.maxRetries),
    maxRequestsPerConnection: limit(spec?.http?.maxRequestsPerConnection)
  }
  return Object.values(limits).every((value) => value === Infinity) ? undefined : limits
}

/** The connections of one endpoint. */
interface Line {
  /** In use or not, and those being opened. */
  open: number
  /** Requests that each connection has had, of those not in use. */
  readonly idle: number[]
  readonly waiting: Array<(used: number) => void>
}

/** What is under way to a cluster. */
export interface Gate {
  readonly lines: Map<string, Line>
  open: number
  pending: number
  requests: number
  retries: number
  readonly counters: Counters
}

export function createGate (counters = createCounters()): Gate {
  return { lines: new Map(), open: 0, pending: 0, requests: 0, retries: 0, counters }
}

export interface Entry {
  readonly limits: Limits
  /** Address of the endpoint. */
  readonly endpoint: string
  /** There is a connection for the request; told whether the request is its last. */
  readonly go: (last: boolean) => void
  /** There was none in the end: too many requests at once. */
  readonly refuse: () => void
}

/**
 * Asks for a connection to an endpoint. A request waits until one is free or has been opened, which is a place among the waiting
 * ones too, as in Envoy. Undefined: there is no place. What it returns is called when the request is over or given up.
 */
export function admit (gate: Gate, { limits, endpoint, go, refuse }: Entry): (() => void) | undefined {
  let line = gate.lines.get(endpoint)
  if (line === undefined) gate.lines.set(endpoint, line = { open: 0, idle: [], waiting: [] })
  const own = line
  let state: 'waiting' | 'busy' | 'over' = 'waiting'
  let used = 0
  const start = (before: number): void => {
    if (gate.requests >= limits.maxRequests) {
      state = 'over'
      gate.counters.upstream_rq_pending_overflow++
      own.idle.push(before)
      refuse()
      return
    }
    state = 'busy'
    used = before + 1
    gate.requests++
    go(used >= limits.maxRequestsPerConnection)
  }
  const wake = (before: number): void => {
    gate.pending--
    start(before)
  }
  const idle = own.idle.pop()
  if (idle !== undefined) {
    start(idle)
  } else {
    if (gate.pending >= limits.maxPending) {
      gate.counters.upstream_rq_pending_overflow++
      return undefined
    }
    gate.pending++
    gate.counters.upstream_rq_pending_total++
    own.waiting.push(wake)
    open(gate, own, limits)
  }
  return () => {
    if (state === 'busy') leave(gate, own, { used, limits })
    else if (state === 'waiting') forget(gate, own, wake)
    state = 'over'
  }
}

/** An endpoint without a connection may have one whatever the limit says, so that none starves. */
function open (gate: Gate, line: Line, { maxConnections }: Limits): void {
  if (gate.open >= maxConnections) {
    gate.counters.upstream_cx_overflow++
    if (line.open > 0) return
  }
  gate.open++
  gate.counters.upstream_cx_total++
  line.open++
  setImmediate(() => { serve(line, 0) })
}

function serve (line: Line, used: number): void {
  const next = line.waiting.shift()
  if (next === undefined) line.idle.push(used)
  else next(used)
}

function leave (gate: Gate, line: Line, { used, limits }: { used: number, limits: Limits }): void {
  gate.requests--
  if (used < limits.maxRequestsPerConnection) {
    serve(line, used)
    return
  }
  gate.open--
  line.open--
  gate.counters.upstream_cx_max_requests++
  if (line.waiting.length > 0) open(gate, line, limits)
}

function forget (gate: Gate, line: Line, wake: (used: number) => void): void {
  const index = line.waiting.indexOf(wake)
  if (index === -1) return
  line.waiting.splice(index, 1)
  gate.pending--
  gate.counters.upstream_rq_cancelled++
}

/** In words; empty where nothing is limited. */
export function tellLimits (limits: Limits | undefined): string[] {
  if (limits === undefined) return []
  const parts = ([
    ['maxConnections', 'connections'], ['maxPending', 'waiting requests'], ['maxRequests', 'requests at once'],
    ['maxRetries', 'retries at once'], ['maxRequestsPerConnection', 'requests on a connection']
  ] as const).flatMap(([key, name]) => limits[key] === Infinity ? [] : [`${limits[key]} ${name}`])
  return [`connectionPool: at most ${parts.join(', ')}; what is more is answered 503 (UO)`]
}
