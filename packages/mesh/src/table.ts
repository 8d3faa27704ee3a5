/**
 * What the rules come to for one proxy: plain data, made by compile/, read by decide/ and by the proxies. Nothing here knows
 * a rule file's spelling any more: names are whole, defaults are filled in, precedence is settled.
 */
import type { HeaderOperations } from './filters/headers/headers.ts'
import type { AnswerConfig, FilterConfig } from './filters/order.ts'
import type { Protocol } from './model.ts'
import type { Limits } from './upstream/connection-pool.ts'
import type { ConnectionSettings } from './upstream/pools.ts'
import type { ConsistentHash } from './upstream/consistent-hash.ts'
import type { OutlierDetection } from './upstream/outlier-detection.ts'
import type { Warmup } from './upstream/weights.ts'

/** How one string is compared. `regex` is RE2 and must match the whole value. */
export type StringMatch =
  | { readonly kind: 'exact', readonly value: string }
  | { readonly kind: 'prefix', readonly value: string }
  | { readonly kind: 'regex', readonly value: string }
  | { readonly kind: 'present' }

export interface NamedMatch {
  /** Header names are lower case. */
  readonly name: string
  readonly match: StringMatch
  /** `withoutHeaders`: true when the match must fail. */
  readonly invert: boolean
}

/** One block of `match`: all that it names must hold. */
export interface RouteMatch {
  readonly name?: string
  readonly uri?: StringMatch
  readonly ignoreUriCase: boolean
  readonly scheme?: StringMatch
  readonly method?: StringMatch
  readonly authority?: StringMatch
  readonly headers: readonly NamedMatch[]
  readonly queryParams: readonly NamedMatch[]
}

/** Where a route's requests may go: `cluster` is the name in Envoy's form, known or not. */
export interface WeightedCluster {
  readonly cluster: string
  readonly weight: number
  readonly headers?: HeaderOperations
}

export interface RetryPolicy {
  /** Retries, so one less than the requests sent at most. 0: none. */
  readonly attempts: number
  readonly conditions: readonly string[]
  readonly statusCodes: readonly number[]
  /** Milliseconds on which the time before a retry is built. */
  readonly backOff: number
  /** Prefers endpoints that this request has not been to; `unhashed`: but where consistent hashing has chosen. */
  readonly avoidsTried: boolean | 'unhashed'
  /** Milliseconds; absent: the route's timeout alone counts. */
  readonly perTryTimeout?: number
}

export interface Route {
  /** Name in the access log; Istio names only the routes it makes itself and those that a rule names. */
  readonly name?: string
  /** One sentence for a person: `VirtualService default/reviews, http[0]`. */
  readonly origin: string
  /** Blocks of which one must hold; none: every request. */
  readonly matches: readonly RouteMatch[]
  /** What the request passes before the action, in order. */
  readonly filters: readonly FilterConfig[]
  /** Of a route that goes to no destination. */
  readonly headers?: HeaderOperations
  readonly action: RouteAction
}

export type RouteAction =
  | ForwardAction
  | { readonly kind: 'direct', readonly answer: AnswerConfig }
  | { readonly kind: 'passthrough' }

export interface ForwardAction {
  readonly kind: 'forward'
  readonly clusters: readonly WeightedCluster[]
  readonly totalWeight: number
  /** Milliseconds, 0: none. Covers all attempts. */
  readonly timeout: number
  readonly retries: RetryPolicy
  /** x-envoy-decorator-operation. */
  readonly operation: string
}

export interface VirtualHost {
  readonly name: string
  /** `VirtualService default/reviews`; absent where no rule takes part. */
  readonly rule?: string
  readonly routes: readonly Route[]
  /** Answer 301 to https for everything (a Gateway server's httpsRedirect). */
  readonly httpsRedirect?: boolean
}

export type LoadBalancerPolicy = 'LEAST_REQUEST' | 'ROUND_ROBIN' | 'RANDOM' | 'PASSTHROUGH' | 'RING_HASH' | 'MAGLEV'

/** One address that a cluster sends to, by the addresses of the cluster (not of this machine). */
export interface Endpoint {
  /** An IP, or for `DNS` a name that is resolved when it is dialled. */
  readonly address: string
  readonly port: number
  /** Workload id, where the address is a pod's. */
  readonly workload?: string
  /** Beside those of the others; 1 where it is absent. */
  readonly weight?: number
}

export interface Cluster {
  /** `outbound|9080|v1|reviews.default.svc.cluster.local`. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly protocol: Protocol
  readonly subset?: string
  /** `DNS` endpoints are names; `ORIGINAL_DST` goes where the client dialled. */
  readonly discovery: 'STATIC' | 'DNS' | 'ORIGINAL_DST'
  readonly loadBalancer: LoadBalancerPolicy
  readonly endpoints: readonly Endpoint[]
  /** Not all weights of the endpoints are alike. */
  readonly weighted?: true
  readonly hash?: ConsistentHash
  readonly warmup?: Warmup
  /** Its servers speak HTTP/2: to everybody, or to who speaks it to the proxy. */
  readonly http2?: 'always' | 'as the client'
  /** How connections are made and kept. */
  readonly connection?: ConnectionSettings
  readonly limits?: Limits
  readonly outlierDetection?: OutlierDetection
}

/** What listens on a port of the caller's view, for connections that are not HTTP. */
export type TcpTarget =
  | { readonly kind: 'cluster', readonly cluster: string }
  | { readonly kind: 'passthrough' }
  | { readonly kind: 'blackhole' }
