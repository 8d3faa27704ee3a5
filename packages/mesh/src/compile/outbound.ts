/** The table of a sidecar's outbound side: which virtual host answers for a Host on a port, and what takes raw connections. */
import { clustersOf, clusterName, specificity } from './cluster.ts'
import { lookup, remember } from './host-lookup.ts'
import { covers, domainsOf, fullName, hostOf } from './names.ts'
import { isHttp, isTls, type MeshHost, type Registry } from './registry.ts'
import { compileRetries } from '../filters/retry.ts'
import { compileRoutes, type RouteContext } from './route.ts'
import { buildView, type View } from './view.ts'
import type { Rule, VirtualServiceSpec } from './spec.ts'
import type { Cluster, Route, TcpTarget, VirtualHost } from '../table.ts'
import type { Labels } from '../model.ts'

export interface OutboundTable {
  readonly view: View
  /** Whether an HTTP listener exists on a port: some visible host has an HTTP port of that number. */
  readonly hasHttp: (port: number) => boolean
  /** Whether some visible host has a port of that number that is not HTTP. */
  readonly hasTcp: (port: number) => boolean
  /** The virtual host for a Host header; ALLOW_ANY's or REGISTRY_ONLY's catch-all for unknown ones. */
  readonly virtualHost: (port: number, authority: string) => VirtualHost
  readonly cluster: (name: string) => Cluster | undefined
  /** What takes a connection that is not HTTP, by the addresses of the destination and for TLS by SNI. */
  readonly tcp: (destination: { names: readonly string[], port: number, sni?: string | undefined }) => TcpTarget
  readonly isTls: (port: number) => boolean
}

/** Where the routes of a domain come from; they are compiled when first asked for. */
interface Claim {
  readonly rule?: Rule<VirtualServiceSpec>
  readonly host?: MeshHost
  compiled?: VirtualHost
}

export function buildOutboundTable (registry: Registry, namespace: string, labels: Labels): OutboundTable {
  const view = buildView(registry, namespace, labels)
  const byPort = new Map<number, MeshHost[]>()
  const tcpByPort = new Map<number, MeshHost[]>()
  const tlsPorts = new Set<number>()
  for (const host of view.hosts.values()) {
    for (const { number, protocol } of host.ports) {
      const ports = isHttp(protocol) ? byPort : tcpByPort
      const same = ports.get(number)
      if (same === undefined) ports.set(number, [host])
      else same.push(host)
      if (isTls(protocol)) tlsPorts.add(number)
    }
  }
  const lookups = new Map<number, (authority: string) => VirtualHost>()
  const unknown = catchAll(view)

  const lookupOf = (port: number): (authority: string) => VirtualHost => {
    const domains = claimDomains(registry, view, byPort.get(port) ?? [], port)
    return remember((authority) => {
      const claim = lookup(domains, hostOf(authority))
      if (claim === undefined) return unknown
      claim.compiled ??= compileClaim(registry, view, claim, port)
      return claim.compiled
    })
  }

  return {
    view,
    hasHttp: (port) => byPort.has(port),
    hasTcp: (port) => tcpByPort.has(port),
    virtualHost: (port, authority) => {
      let find = lookups.get(port)
      if (find === undefined) {
        find = lookupOf(port)
        lookups.set(port, find)
      }
      return find(authority)
    },
    isTls: (port) => tlsPorts.has(port),
    cluster: clustersOf(registry, view),
    tcp: ({ names, port, sni }) => {
      const hosts = tcpByPort.get(port) ?? []
      const match = hosts.find((host) => names.some((name) => host.addresses.includes(name) || host.hostname === name)) ??
        (sni === undefined ? undefined : hosts.find((host) => covers(host.hostname, sni))) ??
        hosts.find((host) => host.addresses.length === 0 && host.ports.some(({ number, protocol }) => number === port && !isTls(protocol)))
      if (match !== undefined) return { kind: 'cluster', cluster: clusterName(match.hostname, port) }
      return { kind: view.policy === 'ALLOW_ANY' ? 'passthrough' : 'blackhole' }
    }
  }
}

/**
 * Which rule or host owns each domain of a port. In the mesh rules for one host are never merged: the oldest owns it whole.
 * A rule for a host that no registry knows counts on port 80 alone, as in Istio.
 */
function claimDomains (registry: Registry, view: View, known: readonly MeshHost[], port: number): Map<string, Claim> {
  const { domain } = registry.state.config
  // Measured: a host that only a rule's destination makes seen has its cluster, and a virtual host on port 80 alone.
  const hosts = port === 80 ? known : known.filter(({ hostname }) => !view.opened.has(hostname))
  const domains = new Map<string, Claim>()
  if (hosts.length === 0) return domains
  const exact = new Map<string, Rule<VirtualServiceSpec>>()
  const wildcards: Array<{ pattern: string, rule: Rule<VirtualServiceSpec> }> = []
  for (const rule of view.virtualServices) {
    for (const host of rule.spec.hosts ?? []) {
      const name = fullName(host, rule.namespace, domain)
      if (name.startsWith('*')) wildcards.push({ pattern: name, rule })
      else if (!exact.has(name)) exact.set(name, rule)
    }
  }
  wildcards.sort((a, b) => specificity(b.pattern) - specificity(a.pattern))
  const owned = hosts.map((host) => ({ host, rule: exact.get(host.hostname) ?? wildcards.find(({ pattern }) => covers(pattern, host.hostname))?.rule }))
  const claim = (name: string, addresses: readonly string[], value: Claim): void => {
    for (const alias of [...domainsOf(name, view.namespace, domain), ...addresses]) if (!domains.has(alias)) domains.set(alias, value)
  }
  for (const { host, rule } of owned) if (rule !== undefined) claim(host.hostname, host.addresses, { rule, host })
  if (port === 80) {
    for (const [name, rule] of exact) if (!view.hosts.has(name)) claim(name, [], { rule })
    const names = [...view.hosts.keys()]
    for (const { pattern, rule } of wildcards) if (!names.some((name) => covers(pattern, name))) claim(pattern, [], { rule })
  }
  for (const { host, rule } of owned) if (rule === undefined) claim(host.hostname, host.addresses, { host })
  return domains
}

function compileClaim (registry: Registry, view: View, { rule, host }: Claim, port: number): VirtualHost {
  if (rule === undefined) {
    const hostname = host?.hostname ?? ''
    return { name: `${hostname}:${port}`, routes: [defaultRoute(hostname, port, host?.label ?? '')] }
  }
  const context: RouteContext = {
    domain: registry.state.config.domain,
    port,
    gateways: ['mesh'],
    namespace: view.namespace,
    labels: view.labels,
    defaultPort: () => port
  }
  return { name: `${host?.hostname ?? rule.name}:${port}`, rule: rule.label, routes: compileRoutes(rule, context) }
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
function catchAll (view: View): VirtualHost {
  const why = view.sidecar === undefined ? 'the mesh configuration' : view.sidecar
  return view.policy === 'ALLOW_ANY'
    ? { name: 'allow_any', routes: [{ name: 'allow_any', origin: `unknown host, ALLOW_ANY of ${why}`, matches: [], filters: [], action: { kind: 'passthrough' } }] }
    : { name: 'block_all', routes: [{ name: 'block_all', origin: `unknown host, REGISTRY_ONLY of ${why}`, matches: [], filters: [], action: { kind: 'direct', answer: { kind: 'directResponse', status: 502, body: '' } } }] }
}
