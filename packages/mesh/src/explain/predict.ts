/**
 * What becomes of a request, with every share exact: the live path's own route, filters and header operations, carried out without a
 * draw and without a network. For tests of rules.
 */
import { chooseRoute } from '../decide/decide.ts'
import { answerOf, passFilters } from '../filters/order.ts'
import { retriesStatus } from '../filters/retry.ts'
import { replies, type LocalReply } from '../http/failure.ts'
import { recordStream, withoutHost } from './recorded-stream.ts'
import { findWay, type Way } from './way.ts'
import type { ExplainRequest } from '../mesh.ts'
import type { HeaderOperations } from '../filters/headers/headers.ts'
import type { FilterConfig } from '../filters/order.ts'
import type { Runtime } from '../proxy/runtime.ts'
import type { Cluster, LoadBalancerPolicy, RetryPolicy, Route } from '../table.ts'

export interface PredictRequest extends ExplainRequest {
  /** What the server answers; 200 without fields when absent. */
  readonly upstream?: { readonly status?: number, readonly headers?: Readonly<Record<string, string>> }
}

export interface Prediction {
  /** Workload id of the proxy that decides. */
  readonly proxy: string
  /** `VirtualService default/reviews`; absent when no rule takes part. */
  readonly rule?: string
  /** The route that took the request; absent when none did, or no rule was asked. */
  readonly route?: { readonly origin: string, readonly name?: string }
  readonly delay?: { readonly milliseconds: number, readonly percentage: number }
  readonly abort?: { readonly status: number, readonly grpcStatus?: number, readonly percentage: number }
  readonly mirrors: ReadonlyArray<{ readonly cluster: string, readonly percentage: number }>
  /** Milliseconds, all tries together; absent: none. */
  readonly timeout?: number
  readonly retries?: RetryPolicy
  /** Set for a host that the proxy does not know. */
  readonly unknownHost?: 'passthrough' | 'blocked'
  /** What becomes of the requests that no abort ends; the shares sum up to 100. */
  readonly ends: readonly PredictedEnd[]
}

export interface PredictedEnd {
  /** Per cent. */
  readonly share: number
  readonly destination?: PredictedDestination
  /** What the server is sent; absent when nothing is. */
  readonly request?: { readonly path: string, readonly authority: string, readonly headers: readonly string[] }
  /** Absent when the connection ends without an answer. */
  readonly response?: { readonly status: number, readonly headers: readonly string[], readonly body?: string }
  /** Envoy's response flags, `-` for none. */
  readonly flags: string
  /** Requests sent at most, tries again included; 0 when the proxy answers itself. */
  readonly attempts: number
}

export interface PredictedDestination {
  readonly cluster: string
  readonly host: string
  readonly port: number
  readonly subset?: string
  /** `Service default/reviews`, `ServiceEntry default/external`; absent when nothing has the host. */
  readonly source?: string
  /** Ids of the workloads behind it, or addresses. */
  readonly endpoints: readonly string[]
  readonly loadBalancer?: LoadBalancerPolicy
}

/** @throws Error when the URL is none, or nobody is called as `from` says */
export function predict (request: PredictRequest, runtime: Runtime): Prediction {
  const way = findWay(request, runtime)
  const proxy = way.workload.id
  switch (way.kind) {
    case 'closed': return { proxy, mirrors: [], ends: [ended('-')] }
    case 'plain': return { proxy, mirrors: [], ends: [sentOn(way, request, plainDestination(way, runtime))] }
    case 'tcp': {
      if (way.tcp.kind === 'blackhole') return { proxy, mirrors: [], unknownHost: 'blocked', ends: [ended('UH')] }
      if (way.tcp.kind === 'passthrough') return { proxy, mirrors: [], unknownHost: 'passthrough', ends: [sentOn(way, request, undefined)] }
      const cluster = way.table.cluster(way.tcp.cluster)
      return { proxy, mirrors: [], ends: [cluster === undefined ? ended('NC') : sentOn(way, request, destinationOf(cluster.name, cluster, runtime))] }
    }
    case 'http': return { proxy, ...predictHttp(way, request, runtime) }
  }
}

/** The connection ends without an answer. */
function ended (flags: string): PredictedEnd {
  return { share: 100, flags, attempts: 0 }
}

function sentOn ({ head }: Way, request: PredictRequest, destination: PredictedDestination | undefined): PredictedEnd {
  const { status, headers } = answerOfUpstream(request)
  return {
    share: 100,
    ...(destination === undefined ? {} : { destination }),
    request: { path: head.path, authority: head.authority, headers: withoutHost(head) },
    response: { status, headers },
    flags: '-',
    attempts: 1
  }
}

function predictHttp (way: Extract<Way, { kind: 'http' }>, request: PredictRequest, runtime: Runtime): Omit<Prediction, 'proxy'> {
  const { host, head, table } = way
  const rule = host.rule === undefined ? {} : { rule: host.rule }
  if (host.httpsRedirect === true) {
    return { ...rule, mirrors: [], ends: [{ share: 100, response: { status: 301, headers: ['location', `https://${head.authority}${head.path}`] }, flags: '-', attempts: 0 }] }
  }
  const route = chooseRoute(host, head)
  if (route === undefined) return { ...rule, mirrors: [], ends: [answered(replies.noRoute, 100)] }
  const { action } = route
  const taken = {
    ...rule,
    ...(host.rule === undefined ? {} : { route: { origin: route.origin, ...(route.name === undefined ? {} : { name: route.name }) } }),
    ...faultOf(route.filters),
    mirrors: mirrorsOf(route.filters)
  }
  switch (action.kind) {
    case 'passthrough': return { ...taken, unknownHost: 'passthrough', ends: [sentOn(way, request, undefined)] }
    case 'direct': {
      const { stream, changeAnswer } = recordStream(head, { route, operations: route.headers, hasCluster: false })
      const reply = answerOf(action.answer, stream)
      // Closed egress is a direct answer of a virtual host that no rule has made.
      const blocked = table !== undefined && host.rule === undefined ? { unknownHost: 'blocked' as const } : {}
      return { ...taken, ...blocked, ends: [answered(reply, 100, changeAnswer)] }
    }
    case 'forward': return {
      ...taken,
      ...(action.timeout === 0 ? {} : { timeout: action.timeout }),
      retries: action.retries,
      ends: action.clusters.map(({ cluster: name, weight, headers }) => endAt({ way, route, name, operations: headers, share: weight / action.totalWeight * 100, retries: action.retries }, request, runtime))
    }
  }
}

interface Departure {
  readonly way: Extract<Way, { kind: 'http' }>
  readonly route: Route
  readonly name: string
  readonly operations: HeaderOperations | undefined
  readonly share: number
  readonly retries: RetryPolicy
}

function endAt ({ way, route, name, operations, share, retries }: Departure, request: PredictRequest, runtime: Runtime): PredictedEnd {
  const cluster = way.cluster(name)
  const destination = destinationOf(name, cluster, runtime)
  const { stream, sent, local, changeAnswer } = recordStream(way.head, { route, operations, hasCluster: cluster !== undefined })
  // Shares of faults and mirrors are told whole; what they draw is nothing that a prediction could hold.
  passFilters(route.filters.filter(({ kind }) => kind !== 'fault' && kind !== 'mirror'), stream, () => {})
  const early = local() ?? (cluster === undefined ? replies.noCluster : undefined)
  if (early !== undefined) return { ...answered(early, share, changeAnswer), destination }
  if (cluster !== undefined && cluster.endpoints.length === 0 && cluster.discovery !== 'ORIGINAL_DST') return { ...answered(replies.noHealthyUpstream, share, changeAnswer), destination, attempts: 1 }
  const { status, headers } = answerOfUpstream(request)
  const again = retries.attempts > 0 && retriesStatus(retries, status)
  return {
    share,
    destination,
    request: sent,
    response: { status, headers: changeAnswer(status, headers) },
    flags: again ? 'URX' : '-',
    attempts: again ? 1 + retries.attempts : 1
  }
}

function answered (reply: LocalReply, share: number, changeAnswer?: (status: number, headers: readonly string[]) => readonly string[]): PredictedEnd {
  const headers = reply.headers ?? []
  const body = reply.body.toString()
  return {
    share,
    response: { status: reply.status, headers: reply.untouched === true ? headers : changeAnswer?.(reply.status, headers) ?? headers, ...(body === '' ? {} : { body }) },
    flags: reply.flags,
    attempts: 0
  }
}

function faultOf (filters: readonly FilterConfig[]): Pick<Prediction, 'abort' | 'delay'> {
  const config = filters.find(({ kind }) => kind === 'fault')
  if (config?.kind !== 'fault') return {}
  const { delay, abort } = config
  return {
    ...(delay === undefined || delay.parts === 0 ? {} : { delay: { milliseconds: delay.milliseconds, percentage: percentOf(delay.parts) } }),
    ...(abort === undefined || abort.parts === 0
      ? {}
      : { abort: { status: abort.status, ...(abort.grpcStatus === undefined ? {} : { grpcStatus: abort.grpcStatus }), percentage: percentOf(abort.parts) } })
  }
}

function mirrorsOf (filters: readonly FilterConfig[]): Prediction['mirrors'] {
  return filters.flatMap((config) => config.kind === 'mirror' ? config.mirrors.map(({ cluster, parts }) => ({ cluster, percentage: percentOf(parts) })) : [])
}

function percentOf (parts: number): number {
  return Math.min(parts / 10_000, 100)
}

/** @param name in Envoy's form, `outbound|9080|v1|reviews.default.svc.cluster.local` */
function destinationOf (name: string, cluster: Cluster | undefined, runtime: Runtime): PredictedDestination {
  const [, port = '', subset = '', host = ''] = name.split('|')
  const source = runtime.registry().hostsByName.get(host)?.[0]?.label
  return {
    cluster: name,
    host,
    port: Number(port),
    ...(subset === '' ? {} : { subset }),
    ...(source === undefined ? {} : { source }),
    endpoints: (cluster?.endpoints ?? []).map(({ address, port: number, workload }) => workload ?? `${address}:${number}`),
    ...(cluster === undefined ? {} : { loadBalancer: cluster.loadBalancer })
  }
}

/** What the cluster's DNS makes of a name, for a pod without a proxy. */
function plainDestination ({ workload, target }: Way, runtime: Runtime): PredictedDestination | undefined {
  const { state: { config: { domain } }, hosts } = runtime.registry()
  const found = hosts.find(({ kubernetes, hostname, addresses }) => kubernetes && (
    addresses.includes(target.host) || [target.host, `${target.host}.${workload.namespace}.svc.${domain}`, `${target.host}.svc.${domain}`, `${target.host}.${domain}`].includes(hostname)
  ))
  const port = found?.ports.find(({ number }) => number === target.port)
  if (found === undefined || port === undefined) return undefined
  return {
    cluster: '-',
    host: found.hostname,
    port: target.port,
    source: found.label,
    endpoints: found.endpoints(port).map(({ address, port: number, workload: id }) => id ?? `${address}:${number}`)
  }
}

function answerOfUpstream ({ upstream }: PredictRequest): { status: number, headers: readonly string[] } {
  return { status: upstream?.status ?? 200, headers: Object.entries(upstream?.headers ?? {}).flatMap(([name, value]) => [name.toLowerCase(), value]) }
}
