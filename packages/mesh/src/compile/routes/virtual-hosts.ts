/**
 * Who owns each domain of a port of a sidecar. In the mesh rules for one host are never merged: the first that has a route for this
 * proxy and port owns it whole. Hosts without such a rule have a route of their own.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-hosts
 */
import { clusterName } from '../cluster.ts'
import { specificity } from '../destination-rules.ts'
import { lookup } from '../host-lookup.ts'
import { covers, fullName, wholeNames } from '../names.ts'
import { compileRetries } from '../../filters/retry.ts'
import { compileRoutes, hasRoutes, type RouteContext } from './route.ts'
import { isHttp, type MeshHost, type Registry } from '../registry.ts'
import type { Rule, VirtualServiceSpec } from '../spec.ts'
import type { View } from '../view.ts'
import type { Route, VirtualHost } from '../../table.ts'

/** Where the routes of a domain come from; they are compiled when first asked for. */
export interface Claim {
  readonly rule?: Rule<VirtualServiceSpec>
  readonly host?: MeshHost
  compiled?: VirtualHost
}

/** Of a rule's hosts those that are hosts with this port, and the others. */
interface Hosts {
  readonly known: readonly MeshHost[]
  readonly unknown: readonly string[]
}

/** Finds whose a host name is: of whole names, of the short forms of hosts that the cluster has, then of wildcards. */
export function claimDomains (registry: Registry, view: View, port: number): (name: string) => Claim | undefined {
  const { domain } = registry.state.config
  const hosts = new Map([...view.hosts].filter(([name, { ports }]) => !view.opened.has(name) && ports.some(({ number }) => number === port)))
  const context = contextOf(registry, view, port)
  const domains = new Map<string, Claim>()
  const owned = new Set<MeshHost>()
  const claim = (names: readonly string[], value: Claim): void => {
    for (const name of names) if (!domains.has(name)) domains.set(name, value)
  }
  const claimHost = (host: MeshHost, value: Claim): void => {
    if (owned.has(host)) return
    owned.add(host)
    claim([host.hostname, ...host.addresses], value)
  }
  const find = finder(view, hosts, domain)
  for (const rule of view.virtualServices) {
    if (!hasRoutes(rule, context)) continue
    const { known, unknown } = find(rule)
    const served = known.filter((host) => hasHttpPort(host, port))
    // A name that is no host of the port goes with those of its rule that are; alone it counts on port 80, by its whole name.
    if (served.length > 0 || port === 80) claim(unknown, { rule })
    for (const host of served) claimHost(host, { rule, host })
  }
  for (const host of hosts.values()) if (hasHttpPort(host, port)) claimHost(host, { host })
  // Short forms are completed when they are asked for: kept they would be most of the table.
  const ofShort = (name: string): Claim | undefined => {
    for (const whole of wholeNames(name, view.namespace, domain)) {
      const found = domains.get(whole)
      if (found?.host !== undefined) return found
    }
    return undefined
  }
  return (name) => domains.get(name) ?? ofShort(name) ?? lookup(domains, name)
}

/** A wildcard takes the hosts that it covers and no rule with a narrower host does. */
function finder (view: View, hosts: ReadonlyMap<string, MeshHost>, domain: string): (rule: Rule<VirtualServiceSpec>) => Hosts {
  const wildcards = new Set<string>()
  const exact = new Set<string>()
  for (const rule of view.virtualServices) {
    for (const host of rule.spec.hosts ?? []) {
      const name = fullName(host, rule.namespace, domain)
      if (name.startsWith('*')) wildcards.add(name)
      else exact.add(name)
    }
  }
  const byLength = [...wildcards].sort((a, b) => specificity(b) - specificity(a))
  const covered = new Map<string, MeshHost[]>()
  const touched = new Set<string>()
  for (const host of wildcards.size === 0 ? [] : hosts.values()) {
    const covering = byLength.filter((pattern) => covers(pattern, host.hostname))
    for (const pattern of covering) touched.add(pattern)
    const [narrowest] = covering
    if (narrowest === undefined || exact.has(host.hostname)) continue
    const same = covered.get(narrowest)
    if (same === undefined) covered.set(narrowest, [host])
    else same.push(host)
  }
  // The first rule of a wildcard has its hosts.
  const taken = new Set<string>()
  return (rule) => {
    const known: MeshHost[] = []
    const unknown: string[] = []
    for (const given of rule.spec.hosts ?? []) {
      const name = fullName(given, rule.namespace, domain)
      const host = hosts.get(name)
      if (host !== undefined) {
        known.push(host)
      } else if (!name.startsWith('*') || !touched.has(name)) {
        unknown.push(name)
      } else if (!taken.has(name)) {
        taken.add(name)
        known.push(...covered.get(name) ?? [])
      }
    }
    return { known, unknown }
  }
}

function hasHttpPort ({ ports }: MeshHost, port: number): boolean {
  return ports.some(({ number, protocol }) => number === port && isHttp(protocol))
}

function contextOf (registry: Registry, view: View, port: number): RouteContext {
  return {
    domain: registry.state.config.domain,
    port,
    gateways: ['mesh'],
    namespace: view.namespace,
    labels: view.labels,
    defaultPort: () => port
  }
}

export function compileClaim (registry: Registry, view: View, { claim: { rule, host }, port }: { claim: Claim, port: number }): VirtualHost {
  const hostname = host?.hostname ?? ''
  if (rule === undefined) return { name: `${hostname}:${port}`, routes: [defaultRoute(hostname, port, host?.label ?? '')] }
  return { name: `${host?.hostname ?? rule.name}:${port}`, rule: rule.label, routes: compileRoutes(rule, contextOf(registry, view, port)) }
}

function defaultRoute (host: string, port: number, origin: string): Route {
  return {
    name: 'default',
    origin: `${origin}, without a rule`,
    matches: [],
    filters: [],
    action: {
      kind: 'forward',
      clusters: [{ cluster: clusterName(host, port), weight: 1 }],
      totalWeight: 1,
      timeout: 0,
      retries: compileRetries(undefined),
      operation: `${host}:${port}`
    }
  }
}

/** https://istio.io/latest/docs/reference/config/networking/sidecar/#OutboundTrafficPolicy */
export function catchAll (view: View): VirtualHost {
  const why = view.sidecar === undefined ? 'the mesh configuration' : view.sidecar
  return view.policy === 'ALLOW_ANY'
    ? { name: 'allow_any', routes: [{ name: 'allow_any', origin: `unknown host, ALLOW_ANY of ${why}`, matches: [], filters: [], action: { kind: 'passthrough' } }] }
    : { name: 'block_all', routes: [{ name: 'block_all', origin: `unknown host, REGISTRY_ONLY of ${why}`, matches: [], filters: [], action: { kind: 'direct', answer: { kind: 'directResponse', status: 502, body: '' } } }] }
}
