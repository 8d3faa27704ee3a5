import type { ExplainRequest } from './mesh.ts'
import type { Runtime } from './proxy/runtime.ts'

/** Why a request goes where it goes: the steps of the decision in order, told so that a person can follow them. */
export interface Explanation {
  /** Workload id of the caller or gateway. */
  readonly proxy: string
  readonly request: { readonly method: string, readonly url: string, readonly headers: readonly string[] }
  readonly outcome: ExplainedOutcome
  /** `VirtualService default/reviews`, absent when no rule took part. */
  readonly rule?: string
  /** Each route of the rule in order, with the reason why it did or did not match. */
  readonly routes: readonly ExplainedRoute[]
  readonly notes: readonly string[]
}

export type ExplainedOutcome =
  | { readonly kind: 'forward', readonly destinations: readonly ExplainedDestination[], readonly timeout?: number, readonly retries?: string }
  | { readonly kind: 'answer', readonly status: number, readonly flags: string, readonly details: string }
  | { readonly kind: 'reset', readonly flags: string, readonly cluster: string }

export interface ExplainedDestination {
  readonly cluster: string
  /** Per cent of the requests. */
  readonly share: number
  /** `default/reviews-v1 10.44.0.21:9080`; an address alone for what is no workload. */
  readonly endpoints: readonly string[]
  readonly loadBalancer: string
  /** What happens in place of forwarding, when it cannot: `503 NC cluster_not_found`. */
  readonly failure?: string
}

export interface ExplainedRoute {
  readonly route: string
  readonly matched: boolean
  readonly reasons: readonly string[]
}

export function explain (request: ExplainRequest, runtime: Runtime): Explanation {
  throw new Error(`cannot explain ${request.url} yet (${runtime.registry().hosts.length} hosts)`)
}

export function formatExplanation (explanation: Explanation): string {
  return JSON.stringify(explanation, undefined, 2)
}
