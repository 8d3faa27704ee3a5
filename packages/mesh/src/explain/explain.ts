/** The live path's own decision for one request, told step by step. */
import { hostOf } from '../compile/names.ts'
import { inWords, mismatch, type RequestHead } from '../decide/match.ts'
import { matchingBlock } from '../decide/decide.ts'
import { tellAnswer, tellFilters } from '../filters/order.ts'
import { replies } from '../http/failure.ts'
import { tellConsistentHash } from '../upstream/consistent-hash.ts'
import { tellLimits } from '../upstream/connection-pool.ts'
import { tellWarmup } from '../upstream/weights.ts'
import { tellOutlierDetection } from '../upstream/outlier-detection.ts'
import { tellStories } from './stories.ts'
import { findWay, type Way } from './way.ts'
import type { ExplainedDestination, ExplainedOutcome, ExplainedRoute, Explanation } from './explanation.ts'
import type { OutboundTable } from '../compile/outbound.ts'
import type { ExplainRequest } from '../mesh.ts'
import type { Runtime } from '../proxy/runtime.ts'
import type { Cluster, ForwardAction, Route, RouteMatch, TcpTarget, VirtualHost } from '../table.ts'

export function explain (request: ExplainRequest, runtime: Runtime): Explanation {
  const way = findWay(request, runtime)
  const explanation = explainWay(request, way)
  return { ...explanation, notes: [...explanation.notes, ...tellStories(way, explanation.outcome, runtime.registry())] }
}

function explainWay (request: ExplainRequest, way: Way): Explanation {
  const { workload, head, target } = way
  const told = { proxy: workload.id, request: { method: head.method, url: request.url, headers: head.headers } }
  const destination = `${target.host}:${target.port}`
  switch (way.kind) {
    case 'closed':
      return { ...told, outcome: { kind: 'reset', flags: '-', cluster: '-' }, routes: [], notes: [`No Gateway opens port ${target.port} on ${workload.id}: the connection is refused.`] }
    case 'plain':
      return { ...told, outcome: passthrough(destination), routes: [], notes: [`${workload.id} has no sidecar: the cluster's DNS and Services alone decide.`] }
    case 'tcp': {
      const notes = [...visibility(way.table)]
      if (!way.table.hasHttp(target.port)) notes.push(`No host that ${workload.id} sees has an HTTP port ${target.port}, so the proxy sees only bytes.`)
      return { ...told, outcome: explainTcp(way.tcp, destination, way.table.cluster), routes: [], notes }
    }
    case 'http': {
      const { host, port, cluster, table } = way
      if (host.httpsRedirect === true) return { ...told, outcome: { kind: 'answer', status: 301, flags: '-', details: 'httpsRedirect of the Gateway' }, routes: [], notes: [] }
      const unbound = table === undefined && host.routes.length === 0
      const notes = table === undefined ? (unbound ? [`No VirtualService is bound to a Gateway of ${workload.id} for host ${hostOf(head.authority)} on port ${port}.`] : []) : visibility(table)
      return { ...told, ...explainHost(host, head, cluster), notes }
    }
  }
}

function visibility ({ view }: OutboundTable): readonly string[] {
  return [`${view.sidecar ?? 'No Sidecar resource'}; calls to hosts that the mesh does not know: ${view.policy}.`]
}

function explainHost (host: VirtualHost, head: RequestHead, cluster: (name: string) => Cluster | undefined): Pick<Explanation, 'filters' | 'outcome' | 'routes' | 'rule'> {
  const routes: ExplainedRoute[] = []
  let chosen: Route | undefined
  for (const route of host.routes) {
    if (chosen !== undefined) {
      routes.push({ route: route.origin, outcome: 'not asked', reasons: [] })
      continue
    }
    const block = matchingBlock(route, head)
    if (block === undefined) {
      routes.push({ route: route.origin, outcome: 'not matched', reasons: route.matches.map((match) => mismatch(match, head) ?? '') })
      continue
    }
    chosen = route
    routes.push({ route: route.origin, outcome: 'matched', reasons: [block === true ? 'takes every request' : blockInWords(block)] })
  }
  const lines = chosen === undefined ? [] : [...tellFilters(chosen.filters), ...(chosen.action.kind === 'direct' && host.rule !== undefined ? tellAnswer(chosen.action.answer) : [])]
  return {
    ...(host.rule === undefined ? {} : { rule: host.rule }),
    ...(lines.length === 0 ? {} : { filters: lines }),
    routes,
    outcome: outcomeOf(chosen, head, cluster)
  }
}

function outcomeOf (route: Route | undefined, head: RequestHead, cluster: (name: string) => Cluster | undefined): ExplainedOutcome {
  if (route === undefined) return { kind: 'answer', status: replies.noRoute.status, flags: replies.noRoute.flags, details: replies.noRoute.details }
  const { action } = route
  switch (action.kind) {
    case 'direct': return { kind: 'answer', status: action.answer.status, flags: '-', details: 'direct_response' }
    case 'passthrough': return passthrough(head.authority)
    case 'forward': return forwardOf(action, cluster)
  }
}

function forwardOf (action: ForwardAction, cluster: (name: string) => Cluster | undefined): ExplainedOutcome {
  const { retries, timeout } = action
  return {
    kind: 'forward',
    destinations: action.clusters.map(({ cluster: name, weight }) => destinationOf(name, weight / action.totalWeight * 100, cluster(name))),
    ...(timeout > 0 ? { timeout } : {}),
    ...(retries.attempts > 0
      ? { retries: `${retries.attempts} on ${[...retries.conditions, ...retries.statusCodes].join(', ')}${retries.perTryTimeout === undefined ? '' : `, each try at most ${retries.perTryTimeout} ms`}` }
      : {})
  }
}

function destinationOf (name: string, share: number, cluster: Cluster | undefined): ExplainedDestination {
  const failure = ({ status, flags, details }: { status: number, flags: string, details: string }): string => `${status} ${flags} ${details}`
  if (cluster === undefined) return { cluster: name, share, endpoints: [], loadBalancer: '-', failure: failure(replies.noCluster) }
  const endpoints = cluster.endpoints.map(({ address, port, workload }) => workload === undefined ? `${address}:${port}` : `${workload} ${address}:${port}`)
  const policies = [...tellConsistentHash(cluster.hash), ...tellWarmup(cluster.warmup), ...tellLimits(cluster.limits), ...tellOutlierDetection(cluster.outlierDetection, endpoints.length)]
  return {
    cluster: name,
    share,
    endpoints: cluster.discovery === 'ORIGINAL_DST' ? ['where the client dialled'] : endpoints,
    loadBalancer: cluster.loadBalancer,
    ...(policies.length === 0 ? {} : { policies }),
    ...(endpoints.length === 0 && cluster.discovery !== 'ORIGINAL_DST' ? { failure: failure(replies.noHealthyUpstream) } : {})
  }
}

function explainTcp (tcp: TcpTarget, destination: string, cluster: (name: string) => Cluster | undefined): ExplainedOutcome {
  switch (tcp.kind) {
    case 'blackhole': return { kind: 'reset', flags: 'UH', cluster: 'BlackHoleCluster' }
    case 'passthrough': return passthrough(destination)
    case 'cluster': return { kind: 'forward', destinations: [destinationOf(tcp.cluster, 100, cluster(tcp.cluster))] }
  }
}

function passthrough (destination: string): ExplainedOutcome {
  return { kind: 'forward', destinations: [{ cluster: 'PassthroughCluster', share: 100, endpoints: [destination], loadBalancer: 'PASSTHROUGH' }] }
}

function blockInWords (block: RouteMatch): string {
  const parts = [
    ...(['uri', 'method', 'scheme', 'authority'] as const).flatMap((field) => {
      const match = block[field]
      return match === undefined ? [] : [`${field} ${inWords(match)}`]
    }),
    ...block.headers.map(({ name, match, invert }) => `${invert ? 'without header' : 'header'} ${name} ${inWords(match)}`),
    ...block.queryParams.map(({ name, match }) => `query parameter ${name} ${inWords(match)}`)
  ]
  return parts.length === 0 ? 'takes every request' : parts.join(', ')
}
