/**
 * Outlier detection: an endpoint that fails some times in a row is left alone for a while. Each caller counts for itself.
 * https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection
 * https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier
 */
import { parseDuration } from '../rules/duration.ts'
import type { Counters } from './counters.ts'

export interface OutlierDetectionSpec {
  consecutive5xxErrors?: number
  consecutiveGatewayErrors?: number
  splitExternalLocalOriginErrors?: boolean
  consecutiveLocalOriginFailures?: number
  interval?: string
  baseEjectionTime?: string
  maxEjectionPercent?: number
  minHealthPercent?: number
}

export interface OutlierDetection {
  /** Errors in a row, 0: not looked at. */
  readonly consecutive5xx: number
  readonly consecutiveGateway: number
  /** Failures to get an answer at all, in a row, where they are told apart; undefined: they count as answers of 503 and 504. */
  readonly consecutiveLocalOrigin?: number
  /** Milliseconds between the looks at who may come back. */
  readonly interval: number
  /** Milliseconds, times the number of ejections. */
  readonly baseEjectionTime: number
  readonly maxEjectionPercent: number
  /** Below this share of endpoints that are not ejected, ejections don't count. */
  readonly minHealthPercent: number
}

const maxEjectionTime = 300_000

export function compileOutlierDetection (spec: OutlierDetectionSpec | undefined): OutlierDetection | undefined {
  if (spec === undefined) return undefined
  return {
    consecutive5xx: spec.consecutive5xxErrors ?? 5,
    consecutiveGateway: spec.consecutiveGatewayErrors ?? 0,
    // Envoy's default is 5.
    ...(spec.splitExternalLocalOriginErrors === true ? { consecutiveLocalOrigin: orDefault(spec.consecutiveLocalOriginFailures, 5) } : {}),
    interval: parseDuration(spec.interval ?? '') ?? 10_000,
    baseEjectionTime: parseDuration(spec.baseEjectionTime ?? '') ?? 30_000,
    // Of one to nine endpoints 10 % is none: Envoy ejects nobody then (measured).
    maxEjectionPercent: orDefault(spec.maxEjectionPercent, 10),
    minHealthPercent: spec.minHealthPercent ?? 0
  }
}

/** Istio leaves Envoy's default where a number is absent or 0. */
function orDefault (value: number | undefined, otherwise: number): number {
  return value === undefined || value === 0 ? otherwise : value
}

/** What a caller remembers of an endpoint. */
export interface Health {
  errors: number
  gatewayErrors: number
  localErrors: number
  /** Ejections in a row: each look at a healthy endpoint takes one away. */
  ejections: number
  /** Clock time at which it comes back; undefined: it is there. */
  until: number | undefined
  /** Clock time of the last look that counted. */
  looked: number
}

export function createHealth (): Health {
  return { errors: 0, gatewayErrors: 0, localErrors: 0, ejections: 0, until: undefined, looked: 0 }
}

export interface Outcome {
  readonly health: Health
  /** Of all endpoints of the cluster. */
  readonly all: readonly Health[]
  /** What was answered, or what a failure counts as. */
  readonly status: number
  /** There was no answer: the connection failed, or time was up. */
  readonly local: boolean
  readonly now: number
  readonly counters: Counters
}

/** Counts an outcome of an endpoint, and ejects it when it has failed too often and enough others are left. */
export function report (policy: OutlierDetection, outcome: Outcome): void {
  const { health, all, status, local, now } = outcome
  for (const each of all) look(policy, each, now)
  if (policy.consecutiveLocalOrigin !== undefined) {
    health.localErrors = local ? health.localErrors + 1 : 0
    if (health.localErrors >= policy.consecutiveLocalOrigin) {
      health.localErrors = 0
      detect(policy, outcome, 'consecutive_local_origin_failure')
    }
    if (local) return
  }
  health.gatewayErrors = status >= 502 && status <= 504 ? health.gatewayErrors + 1 : 0
  if (policy.consecutiveGateway > 0 && health.gatewayErrors >= policy.consecutiveGateway) {
    health.gatewayErrors = 0
    detect(policy, outcome, 'consecutive_gateway_failure')
  }
  health.errors = status >= 500 ? health.errors + 1 : 0
  if (policy.consecutive5xx > 0 && health.errors >= policy.consecutive5xx) {
    health.errors = 0
    detect(policy, outcome, 'consecutive_5xx')
  }
}

function detect (policy: OutlierDetection, { health, all, now, counters }: Outcome, kind: 'consecutive_5xx' | 'consecutive_gateway_failure' | 'consecutive_local_origin_failure'): void {
  if (health.until !== undefined) return
  counters[`ejections_detected_${kind}`]++
  const ejected = all.filter(({ until }) => until !== undefined).length
  if (100 * (ejected + 1) / all.length > policy.maxEjectionPercent) {
    counters.ejections_overflow++
    return
  }
  counters.ejections_enforced_total++
  counters[`ejections_enforced_${kind}`]++
  health.ejections++
  const time = Math.min(policy.baseEjectionTime * health.ejections, Math.max(maxEjectionTime, policy.baseEjectionTime))
  // Who may come back is looked at once in an interval.
  health.until = now + Math.ceil(time / policy.interval) * policy.interval
}

/** Which endpoints may be used at that moment; all of them when too few are healthy. */
export function healthy<Endpoint extends { readonly health: Health }> (policy: OutlierDetection, endpoints: readonly Endpoint[], now: number): readonly Endpoint[] {
  const there = endpoints.filter(({ health }) => {
    look(policy, health, now)
    return health.until === undefined
  })
  return 100 * there.length / endpoints.length < policy.minHealthPercent ? endpoints : there
}

function look (policy: OutlierDetection, health: Health, now: number): void {
  if (health.until !== undefined) {
    if (now < health.until) return
    health.looked = health.until
    health.until = undefined
    health.errors = health.gatewayErrors = health.localErrors = 0
  }
  const looks = Math.floor((now - health.looked) / policy.interval)
  if (looks <= 0) return
  health.ejections = Math.max(health.ejections - looks, 0)
  health.looked += looks * policy.interval
}

/** In words, with what it comes to for so many endpoints. */
export function tellOutlierDetection (policy: OutlierDetection | undefined, endpoints: number): string[] {
  if (policy === undefined) return []
  const { consecutive5xx, consecutiveGateway, consecutiveLocalOrigin = 0, baseEjectionTime, maxEjectionPercent, minHealthPercent } = policy
  const most = Math.floor(endpoints * maxEjectionPercent / 100)
  const when = [...(consecutive5xx > 0 ? [`${consecutive5xx} answers of 5xx`] : []), ...(consecutiveGateway > 0 ? [`${consecutiveGateway} of 502 to 504`] : []), ...(consecutiveLocalOrigin > 0 ? [`${consecutiveLocalOrigin} requests without an answer`] : [])]
  return [
    `outlierDetection: after ${when.join(' or ')} in a row an endpoint is ejected for ${baseEjectionTime} ms and longer each time; at most ${maxEjectionPercent} %, so ${most} of ${endpoints}${most === 0 ? ': none is ever ejected' : ''}` +
    (minHealthPercent > 0 ? `; with less than ${minHealthPercent} % left all are used` : '')
  ]
}
