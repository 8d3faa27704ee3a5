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
  /** What the route does to the request before it is sent on, in order; absent: nothing. */
  readonly filters?: readonly string[]
  readonly notes: readonly string[]
}

export type ExplainedOutcome =
  | {
    readonly kind: 'forward'
    readonly destinations: readonly ExplainedDestination[]
    /** Milliseconds; absent: none. */
    readonly timeout?: number
    /** `2 on connect-failure, refused-stream`; absent: none. */
    readonly retries?: string
  }
  | { readonly kind: 'answer', readonly status: number, readonly flags: string, readonly details: string }
  | { readonly kind: 'reset', readonly flags: string, readonly cluster: string }

export interface ExplainedDestination {
  readonly cluster: string
  /** Per cent of the requests. */
  readonly share: number
  /** `default/reviews-v1 10.44.0.21:9080`; an address alone for what is no workload. */
  readonly endpoints: readonly string[]
  readonly loadBalancer: string
  /** What its DestinationRule says of connections and failing endpoints; absent: nothing. */
  readonly policies?: readonly string[]
  /** What happens in place of forwarding, when it cannot: `503 NC cluster_not_found`. */
  readonly failure?: string
}

export interface ExplainedRoute {
  readonly route: string
  readonly outcome: 'matched' | 'not matched' | 'not asked'
  readonly reasons: readonly string[]
}

/** The explanation as lines for a terminal, without a line feed at the end. */
export function formatExplanation (explanation: Explanation): string {
  const { request, outcome } = explanation
  const lines = [`${request.method} ${request.url} from ${explanation.proxy}`]
  for (let index = 0; index < request.headers.length; index += 2) lines.push(`  ${request.headers[index] ?? ''}: ${request.headers[index + 1] ?? ''}`)
  lines.push('', explanation.rule === undefined ? 'No rule takes part.' : `Rule: ${explanation.rule}`)
  for (const { route, outcome, reasons } of explanation.routes) {
    lines.push(`  ${{ matched: '✔', 'not matched': '✘', 'not asked': '·' }[outcome]} ${route}`)
    for (const reason of reasons) lines.push(`      ${reason}`)
  }
  if (explanation.filters !== undefined) lines.push('', 'On its way, in this order:', ...explanation.filters.map((line) => `  ${line}`))
  lines.push('', ...outcomeLines(outcome))
  if (explanation.notes.length > 0) lines.push('', ...explanation.notes)
  return lines.join('\n')
}

function outcomeLines (outcome: ExplainedOutcome): string[] {
  switch (outcome.kind) {
    case 'answer': return [`The proxy itself answers ${outcome.status} (${outcome.flags === '-' ? '' : `${outcome.flags}, `}${outcome.details}).`]
    case 'reset': return [`The proxy closes the connection without an answer (${outcome.flags}, ${outcome.cluster}).`]
    case 'forward': return [
      'Goes to:',
      ...outcome.destinations.flatMap(({ cluster, share, endpoints, loadBalancer, policies = [], failure }) => [
        `  ${Math.round(share * 100) / 100} % ${cluster}, ${loadBalancer}`,
        ...failure === undefined ? endpoints.map((endpoint) => `      ${endpoint}`) : [`      answers ${failure}`],
        ...policies.map((policy) => `      ${policy}`)
      ]),
      `Timeout: ${outcome.timeout === undefined ? 'none' : `${outcome.timeout} ms, all tries together`}. Retries: ${outcome.retries ?? 'none'}.`
    ]
  }
}
