/**
 * The parts of Istio's specs that the compiler reads. Rules reach it after validation, so these types are what a valid rule
 * has; fields that the mesh does not carry out are absent on purpose.
 * https://istio.io/latest/docs/reference/config/networking/
 */
import { parseDuration } from '../rules/duration.ts'
import type { CorsSpec } from '../filters/cors.ts'
import type { DirectResponseSpec } from '../filters/direct/direct-response.ts'
import type { FaultSpec } from '../filters/fault.ts'
import type { HeadersSpec } from '../filters/headers/headers.ts'
import type { MirrorSpec } from '../filters/mirror.ts'
import type { PercentSpec } from '../filters/percentage.ts'
import type { RedirectSpec } from '../filters/direct/redirect.ts'
import type { RewriteSpec } from '../filters/rewrite.ts'
import type { Resource } from '../model.ts'
import type { ConnectionPoolSpec } from '../upstream/connection-pool.ts'
import type { ConsistentHashSpec } from '../upstream/consistent-hash.ts'
import type { OutlierDetectionSpec } from '../upstream/outlier-detection.ts'
import type { WarmupSpec } from '../upstream/weights.ts'

export interface StringMatchSpec { exact?: string, prefix?: string, regex?: string }

export interface HttpMatchSpec {
  name?: string
  uri?: StringMatchSpec
  scheme?: StringMatchSpec
  method?: StringMatchSpec
  authority?: StringMatchSpec
  headers?: Record<string, StringMatchSpec>
  withoutHeaders?: Record<string, StringMatchSpec>
  queryParams?: Record<string, StringMatchSpec>
  port?: number
  sourceLabels?: Record<string, string>
  sourceNamespace?: string
  gateways?: string[]
  ignoreUriCase?: boolean
}

export interface DestinationSpec { host: string, subset?: string, port?: { number?: number } }

export interface RetriesSpec { attempts?: number, perTryTimeout?: string, retryOn?: string, backoff?: string, retryIgnorePreviousHosts?: boolean }

export interface HttpRouteSpec {
  /** Where it stands, if not in the rule that has it: `VirtualService default/child, http[0]`. */
  origin?: string
  name?: string
  match?: HttpMatchSpec[]
  route?: Array<{ destination: DestinationSpec, weight?: number, headers?: HeadersSpec }>
  timeout?: string
  retries?: RetriesSpec
  fault?: FaultSpec
  corsPolicy?: CorsSpec
  headers?: HeadersSpec
  rewrite?: RewriteSpec
  redirect?: RedirectSpec
  directResponse?: DirectResponseSpec
  mirror?: DestinationSpec
  mirrorPercentage?: PercentSpec
  mirrorPercent?: number
  mirror_percent?: number
  mirrors?: MirrorSpec[]
  delegate?: { name?: string, namespace?: string }
}

export interface TcpRouteSpec {
  match?: Array<{ port?: number, sourceLabels?: Record<string, string>, sourceNamespace?: string, gateways?: string[] }>
  route?: Array<{ destination: DestinationSpec, weight?: number }>
}

export interface VirtualServiceSpec {
  hosts?: string[]
  gateways?: string[]
  http?: HttpRouteSpec[]
  tcp?: TcpRouteSpec[]
  exportTo?: string[]
}

export interface LoadBalancerSpec {
  simple?: string
  consistentHash?: ConsistentHashSpec
  warmup?: WarmupSpec
  warmupDurationSecs?: string
}

export interface PolicyBlocks {
  loadBalancer?: LoadBalancerSpec
  connectionPool?: ConnectionPoolSpec
  outlierDetection?: OutlierDetectionSpec
}

export interface TrafficPolicySpec extends PolicyBlocks {
  portLevelSettings?: Array<PolicyBlocks & { port?: { number?: number } }>
}

export interface DestinationRuleSpec {
  host: string
  trafficPolicy?: TrafficPolicySpec
  subsets?: Array<{ name: string, labels?: Record<string, string>, trafficPolicy?: TrafficPolicySpec }>
  exportTo?: string[]
  workloadSelector?: { matchLabels?: Record<string, string> }
}

export interface ServiceEntrySpec {
  hosts?: string[]
  addresses?: string[]
  ports?: Array<{ number: number, name?: string, protocol?: string, targetPort?: number }>
  location?: string
  resolution?: string
  endpoints?: Array<{ address?: string, ports?: Record<string, number>, labels?: Record<string, string>, weight?: number }>
  workloadSelector?: { labels?: Record<string, string> }
  exportTo?: string[]
}

export interface SidecarSpec {
  workloadSelector?: { labels?: Record<string, string> }
  egress?: Array<{ hosts?: string[], port?: { number?: number } }>
  outboundTrafficPolicy?: { mode?: string }
  inboundConnectionPool?: ConnectionPoolSpec
}

export interface GatewaySpec {
  selector?: Record<string, string>
  servers?: Array<{
    port?: { number?: number, name?: string, protocol?: string }
    hosts?: string[]
    tls?: { httpsRedirect?: boolean, mode?: string }
  }>
}

/** A rule with its spec under the type of its kind. */
export interface Rule<Spec> {
  readonly kind: string
  readonly name: string
  readonly namespace: string
  /** `VirtualService default/reviews`. */
  readonly label: string
  readonly labels: Readonly<Record<string, string>>
  readonly spec: Spec
}

/** The rules of a kind of Istio's networking group, oldest first: the order in which Istio lets one of two rules count. */
export function rulesOfKind<Spec> (resources: readonly Resource[], kind: string): Array<Rule<Spec>> {
  return resources
    .filter((resource) => resource.kind === kind && resource.apiVersion.startsWith('networking.istio.io/'))
    .map((resource) => ({ resource, time: instant(resource) }))
    .sort(byAge)
    .map(({ resource }) => {
      const namespace = resource.metadata.namespace ?? 'default'
      return {
        kind,
        name: resource.metadata.name,
        namespace,
        label: `${kind} ${namespace}/${resource.metadata.name}`,
        labels: resource.metadata.labels ?? {},
        // Validation has checked the shape before the rule was let in.
        spec: (resource.spec ?? {}) as Spec
      }
    })
}

interface Aged {
  readonly resource: Resource
  readonly time: number
}

/** Older first; equal times: by name, then by namespace. A rule without a time counts as old as the files it came from: first. */
function byAge (a: Aged, b: Aged): number {
  const [one, other] = [a.resource.metadata, b.resource.metadata]
  return compare(a.time, b.time) || compare(one.name, other.name) || compare(one.namespace ?? 'default', other.namespace ?? 'default')
}

function instant (resource: Resource): number {
  const time = Date.parse(resource.metadata.creationTimestamp ?? '')
  return Number.isNaN(time) ? 0 : time
}

function compare<T extends string | number> (a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Milliseconds of a duration in Istio's form, `1m30s`. Undefined for anything else. */
export function milliseconds (duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration)
}
