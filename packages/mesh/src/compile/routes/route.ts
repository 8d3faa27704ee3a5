/** VirtualService http routes, as one proxy carries them out on one port. */
import { clusterName } from '../cluster.ts'
import { fullName, selects } from '../names.ts'
import { compileRetries } from '../../filters/retry.ts'
import { compileOperations } from '../../filters/headers/headers.ts'
import { compileAnswer, compileFilters } from '../../filters/order.ts'
import { milliseconds, type DestinationSpec, type HttpMatchSpec, type HttpRouteSpec, type Rule, type StringMatchSpec, type VirtualServiceSpec } from '../spec.ts'
import type { NamedMatch, Route, RouteMatch, StringMatch } from '../../table.ts'
import type { Labels } from '../../model.ts'

export interface RouteContext {
  readonly domain: string
  /** The port that the request comes in on. */
  readonly port: number
  /** `mesh`, or `namespace/name` of the gateways that this server belongs to. */
  readonly gateways: readonly string[]
  readonly namespace: string
  readonly labels: Labels
  /** The port of a destination that names none. */
  readonly defaultPort: (host: string) => number
}

/** The routes that count here, in order, up to the first that takes every request. */
export function compileRoutes (rule: Rule<VirtualServiceSpec>, context: RouteContext): Route[] {
  const routes: Route[] = []
  for (const [index, spec] of (rule.spec.http ?? []).entries()) {
    const blocks = spec.match === undefined || spec.match.length === 0
      ? undefined
      : spec.match.filter((block) => appliesHere(block, rule.namespace, context))
    if (blocks !== undefined && blocks.length === 0) continue
    const matches = blocks?.map(compileMatch) ?? []
    const catchAll = matches.findIndex(takesAll)
    const counting = catchAll === -1 ? matches : matches.slice(0, catchAll + 1)
    // A block's name becomes part of the route's, so blocks with names are routes of their own.
    if (counting.some(({ name }) => name !== undefined)) for (const match of counting) routes.push(compileRoute(rule, { spec, index, matches: [match] }, context))
    else routes.push(compileRoute(rule, { spec, index, matches: counting }, context))
    if (blocks === undefined || catchAll !== -1) break
  }
  return routes
}

/** Whether any route counts here at all; a rule without one leaves its hosts to others. */
export function hasRoutes (rule: Rule<VirtualServiceSpec>, context: RouteContext): boolean {
  return (rule.spec.http ?? []).some(({ match = [] }) => match.length === 0 || match.some((block) => appliesHere(block, rule.namespace, context)))
}

/** Whether a route takes every request that reaches it: no rule behind it is ever asked. */
export function isCatchAll (route: Route): boolean {
  return route.matches.length === 0 || route.matches.some(takesAll)
}

function takesAll (match: RouteMatch): boolean {
  const anyPath = match.uri === undefined || match.uri.kind === 'present' || (match.uri.kind === 'prefix' && match.uri.value === '/') || (match.uri.kind === 'regex' && match.uri.value === '.*')
  return anyPath && match.headers.length === 0 && match.queryParams.length === 0 &&
    match.method === undefined && match.authority === undefined && match.scheme === undefined
}

/** Port, gateways and source are settled when the table is made: they are the same for all that comes in here. */
function appliesHere (block: HttpMatchSpec, namespace: string, context: RouteContext): boolean {
  if (block.port !== undefined && block.port !== 0 && block.port !== context.port) return false
  if (block.gateways !== undefined && block.gateways.length > 0) {
    return block.gateways.some((name) => context.gateways.includes(gatewayName(name, namespace)))
  }
  return selects(block.sourceLabels, context.labels) &&
    (block.sourceNamespace === undefined || block.sourceNamespace === '' || block.sourceNamespace === context.namespace)
}

/** `namespace/name`; a bare name is of the rule's namespace, and `mesh` stays what it is. */
export function gatewayName (name: string, namespace: string): string {
  return name === 'mesh' || name.includes('/') ? name : `${namespace}/${name}`
}

function compileRoute (rule: Rule<VirtualServiceSpec>, source: { spec: HttpRouteSpec, index: number, matches: RouteMatch[] }, context: RouteContext): Route {
  const { spec, index, matches } = source
  const block = matches[0]?.name
  const name = block === undefined ? spec.name : `${spec.name ?? ''}.${block}`
  const head = { ...(name === undefined ? {} : { name }), origin: `${spec.origin ?? `${rule.label}, http[${index}]`}${spec.name === undefined ? '' : ` (${spec.name})`}`, matches }
  const clusterOf = ({ host, subset, port }: DestinationSpec): string => {
    const name = fullName(host, rule.namespace, context.domain)
    return clusterName(name, port?.number ?? context.defaultPort(name), subset)
  }
  const filterContext = { port: context.port, clusterOf }
  const answer = compileAnswer(spec, filterContext)
  if (answer !== undefined) {
    const operations = compileOperations(spec)
    return { ...head, filters: [], ...(operations === undefined ? {} : { headers: operations }), action: { kind: 'direct', answer } }
  }
  const destinations = spec.route ?? []
  const clusters = destinations
    // A single destination gets everything, whatever its weight.
    .filter(({ weight }) => destinations.length === 1 || (weight ?? 0) > 0)
    .map(({ destination, weight, headers }) => {
      const host = fullName(destination.host, rule.namespace, context.domain)
      return {
        host,
        port: destination.port?.number ?? context.defaultPort(host),
        cluster: clusterOf(destination),
        weight: destinations.length === 1 ? 1 : weight ?? 0,
        headers: compileOperations(spec, headers)
      }
    })
  const [only] = clusters
  return {
    ...head,
    filters: compileFilters(spec, filterContext),
    action: {
      kind: 'forward',
      clusters: clusters.map(({ cluster, weight, headers }) => ({ cluster, weight, ...(headers === undefined ? {} : { headers }) })),
      totalWeight: clusters.reduce((total, { weight }) => total + weight, 0),
      timeout: milliseconds(spec.timeout) ?? 0,
      retries: compileRetries(spec.retries, milliseconds(spec.timeout)),
      operation: destinations.length === 1 && only !== undefined ? `${only.host}:${only.port}` : `${rule.name}:${context.port}`
    }
  }
}

function compileMatch (spec: HttpMatchSpec): RouteMatch {
  const uri = stringMatch(spec.uri)
  const scheme = stringMatch(spec.scheme)
  const method = stringMatch(spec.method)
  const authority = stringMatch(spec.authority)
  return {
    ...(spec.name === undefined ? {} : { name: spec.name }),
    ...(uri === undefined ? {} : { uri }),
    ignoreUriCase: spec.ignoreUriCase ?? false,
    ...(scheme === undefined ? {} : { scheme }),
    ...(method === undefined ? {} : { method }),
    ...(authority === undefined ? {} : { authority }),
    headers: [...namedMatches(spec.headers, false), ...namedMatches(spec.withoutHeaders, true)]
      .map((header) => ({ ...header, name: header.name.toLowerCase() })),
    queryParams: namedMatches(spec.queryParams, false)
  }
}

function namedMatches (spec: Record<string, StringMatchSpec> | undefined, invert: boolean): NamedMatch[] {
  return Object.entries(spec ?? {}).map(([name, match]) => ({ name, match: stringMatch(match) ?? { kind: 'present' }, invert }))
}

/** An empty match, and the regex `*`, ask only that the value be there. */
function stringMatch (spec: StringMatchSpec | undefined): StringMatch | undefined {
  if (spec === undefined) return undefined
  if (spec.exact !== undefined) return { kind: 'exact', value: spec.exact }
  if (spec.prefix !== undefined) return { kind: 'prefix', value: spec.prefix }
  if (spec.regex !== undefined && spec.regex !== '*') return { kind: 'regex', value: spec.regex }
  return { kind: 'present' }
}
