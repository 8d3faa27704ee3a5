/** The live path's own decision for one request, told step by step. */
import { hostOf } from '../compile/names.ts'
import { inWords, mismatch, type RequestHead } from '../decide/match.ts'
import { matchingBlock } from '../decide/decide.ts'
import { tellAnswer, tellFilters } from '../filters/order.ts'
import { replies } from '../http/failure.ts'
import { tcpTarget } from '../proxy/sidecar.ts'
import { parseAbsoluteForm } from '../proxy/target.ts'
import { tellLimits } from '../upstream/connection-pool.ts'
import { tellOutlierDetection } from '../upstream/outlier-detection.ts'
import type { ExplainedDestination, ExplainedOutcome, ExplainedRoute, Explanation } from './explanation.ts'
import type { ExplainRequest } from '../mesh.ts'
import type { Runtime } from '../proxy/runtime.ts'
import type { Workload } from '../model.ts'
import type { Cluster, ForwardAction, Route, RouteMatch, TcpTarget, VirtualHost } from '../table.ts'

export function explain (request: ExplainRequest, runtime: Runtime): Explanation {
  const url = parseAbsoluteForm(request.url)
  if (url === undefined) throw new Error(`explain: expected a URL like http://reviews:9080/path, got ${JSON.stringify(request.url)}`)
  const workload = callerOf(request.from, runtime)
  const given = Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
  const authority = given.find(([name]) => name === 'host')?.[1] ?? url.authority
  const head: RequestHead = { method: request.method ?? 'GET', path: url.path, authority, scheme: 'http', headers: ['host', authority, ...given.filter(([name]) => name !== 'host').flat()] }
  const told = { proxy: workload.id, request: { method: head.method, url: request.url, headers: head.headers } }
  if (workload.kind === 'gateway') {
    const table = runtime.gatewaySide(workload.id)?.table
    const port = table?.ports.includes(url.target.port) === true ? url.target.port : table?.ports.find((candidate) => candidate === url.target.port - 8000)
    if (table === undefined || port === undefined) {
      return { ...told, outcome: { kind: 'reset', flags: '-', cluster: '-' }, routes: [], notes: [`No Gateway opens port ${url.target.port} on ${workload.id}: the connection is refused.`] }
    }
    const host = table.virtualHost(port, authority)
    const notes = host.routes.length === 0 && host.httpsRedirect !== true ? [`No VirtualService is bound to a Gateway of ${workload.id} for host ${hostOf(authority)} on port ${port}.`] : []
    if (host.httpsRedirect === true) return { ...told, outcome: { kind: 'answer', status: 301, flags: '-', details: 'httpsRedirect of the Gateway' }, routes: [], notes }
    return { ...told, ...explainHost(host, head, table.cluster), notes }
  }
  const { context, table } = runtime.side(workload.id, 'app')
  if (table === undefined) {
    return { ...told, outcome: passthrough(`${url.target.host}:${url.target.port}`), routes: [], notes: [`${workload.id} has no sidecar: the cluster's DNS and Services alone decide.`] }
  }
  const notes = [`${table.view.sidecar ?? 'No Sidecar resource'}; calls to hosts that the mesh does not know: ${table.view.policy}.`]
  const tcp = tcpTarget(context, table, url.target)
  if (tcp !== undefined) {
    if (!table.hasHttp(url.target.port)) notes.push(`No host that ${workload.id} sees has an HTTP port ${url.target.port}, so the proxy sees only bytes.`)
    return { ...told, outcome: explainTcp(tcp, `${url.target.host}:${url.target.port}`, table.cluster), routes: [], notes }
  }
  return { ...told, ...explainHost(table.virtualHost(url.target.port, authority), head, table.cluster), notes }
}

function callerOf (from: string | undefined, runtime: Runtime): Workload {
  const { state: { workloads } } = runtime.registry()
  const found = from === 'outside'
    ? workloads.find(({ kind }) => kind === 'gateway')
    : from === undefined
      ? workloads.find(({ kind, namespace }) => kind === 'sidecar' && namespace === 'default') ?? workloads.find(({ kind }) => kind === 'sidecar')
      : workloads.find(({ id, name, labels }) => id === from || name === from || labels['app'] === from)
  if (found === undefined) {
    throw new Error(`explain: no workload ${from ?? 'with a sidecar'}; known are ${workloads.map(({ id }) => id).join(', ') || 'none'}`)
  }
  return found
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
  const policies = [...tellLimits(cluster.limits), ...tellOutlierDetection(cluster.outlierDetection, endpoints.length)]
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
