/** Retry policies. https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry */
import { milliseconds, type RetriesSpec } from './spec.ts'
import type { RetryPolicy } from '../table.ts'

/** What Istio does unless a route says otherwise. It does not retry an answer that the upstream gave, 503 neither (measured). */
const defaults: RetryPolicy = {
  attempts: 2,
  conditions: ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'],
  statusCodes: []
}

/** A server's own proxy tries again only where the application cannot have seen the request. */
export const inboundRetries: RetryPolicy = { attempts: 2, conditions: ['reset-before-request', 'connect-failure'], statusCodes: [] }

export const noRetries: RetryPolicy = { attempts: 0, conditions: [], statusCodes: [] }

export function compileRetries (spec: RetriesSpec | undefined): RetryPolicy {
  if (spec === undefined) return defaults
  if ((spec.attempts ?? 0) <= 0) return noRetries
  const words = spec.retryOn?.split(',').map((word) => word.trim()).filter((word) => word !== '')
  const perTryTimeout = milliseconds(spec.perTryTimeout)
  return {
    attempts: spec.attempts ?? 0,
    conditions: words?.filter((word) => !/^\d+$/.test(word)) ?? defaults.conditions,
    statusCodes: words?.filter((word) => /^\d+$/.test(word)).map(Number) ?? [],
    ...(perTryTimeout === undefined ? {} : { perTryTimeout })
  }
}
