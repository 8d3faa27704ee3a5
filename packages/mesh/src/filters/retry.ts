/**
 * Retries: which answers and failures are worth another try, when, and where it goes. The router does them, inside the route's timeout.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
 */
import { parseDuration } from '../rules/duration.ts'
import type { RetriesSpec } from '../compile/spec.ts'
import type { Failure } from '../http/failure.ts'
import type { RetryPolicy } from '../table.ts'

/** Milliseconds, where a rule says nothing. */
const defaultBackOff = 25

/** What Istio does unless a route says otherwise. It does not retry an answer that the upstream gave, 503 neither (measured). */
const defaults: RetryPolicy = {
  attempts: 2,
  conditions: ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'],
  statusCodes: [],
  backOff: defaultBackOff,
  avoidsTried: 'unhashed'
}

/** A server's own proxy tries again only where the application cannot have seen the request. */
export const inboundRetries: RetryPolicy = { ...defaults, conditions: ['reset-before-request', 'connect-failure'] }

export const noRetries: RetryPolicy = { ...defaults, attempts: 0, conditions: [] }

/** retryRemoteLocalities chooses among localities, of which the mesh has one. */
export function compileRetries (spec: RetriesSpec | undefined, timeout = 0): RetryPolicy {
  if (spec === undefined) return defaults
  if ((spec.attempts ?? 0) <= 0) return noRetries
  const words = spec.retryOn?.split(',').map((word) => word.trim()).filter((word) => word !== '')
  const perTryTimeout = parseDuration(spec.perTryTimeout ?? '')
  return {
    attempts: spec.attempts ?? 0,
    conditions: words?.filter((word) => !/^\d+$/.test(word)) ?? defaults.conditions,
    statusCodes: words?.filter((word) => /^\d+$/.test(word)).map(Number) ?? [],
    backOff: parseDuration(spec.backoff ?? '') ?? defaultBackOff,
    avoidsTried: spec.retryIgnorePreviousHosts ?? 'unhashed',
    // One that is not shorter than the route's timeout does not count (measured).
    ...(perTryTimeout === undefined || (timeout > 0 && perTryTimeout >= timeout) ? {} : { perTryTimeout })
  }
}

/** Whether a policy asks for another try after a failure before an answer. */
export function retriesFailure (conditions: readonly string[], failure: Failure | 'timeout'): boolean {
  return conditions.some((condition) => {
    switch (condition) {
      case '5xx':
      case 'gateway-error':
      case 'reset': return true
      case 'connect-failure':
      case 'reset-before-request': return failure === 'connect'
      case 'refused-stream': return failure === 'refused'
      default: return false
    }
  })
}

const grpcConditions = new Map([['cancelled', 1], ['deadline-exceeded', 4], ['resource-exhausted', 8], ['internal', 13], ['unavailable', 14]])

/** Whether a policy asks for another try after an answer with that status and these fields (names in lower case and values in turn). */
export function retriesAnswer (policy: RetryPolicy, status: number, fields: readonly string[]): boolean {
  // Measured: who says that there are too many requests is not asked again unless the rule wants that.
  if (valueOf(fields, 'x-envoy-ratelimited') !== undefined) return policy.conditions.includes('envoy-ratelimited')
  if (retriesStatus(policy, status)) return true
  const grpc = valueOf(fields, 'grpc-status')
  return grpc !== undefined && policy.conditions.some((condition) => grpcConditions.get(condition) === Number(grpc))
}

function valueOf (fields: readonly string[], name: string): string | undefined {
  for (let index = 0; index < fields.length; index += 2) if (fields[index] === name) return fields[index + 1]
  return undefined
}

/** Whether a policy asks for another try after an answer of that status. */
export function retriesStatus (policy: { conditions: readonly string[], statusCodes: readonly number[] }, status: number): boolean {
  return policy.statusCodes.includes(status) || policy.conditions.some((condition) => {
    switch (condition) {
      case '5xx': return status >= 500
      case 'gateway-error': return status >= 502 && status <= 504
      case 'retriable-4xx': return status === 409
      default: return false
    }
  })
}

/** Milliseconds before retry number `retry` (from 1): full jitter, the base doubled each time, at most ten times the base. */
export function backOff (retry: number, base: number, random: () => number): number {
  return random() * Math.min(base * (2 ** retry - 1), 10 * base)
}
