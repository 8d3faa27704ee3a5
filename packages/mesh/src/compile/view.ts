/**
 * What one proxy may see: the hosts and rules that `exportTo` shows to its namespace, narrowed by its Sidecar.
 * https://istio.io/latest/docs/reference/config/networking/sidecar/
 */
import { covers, fullName, intersection, isExported, selects, visibility } from './names.ts'
import type { MeshHost, Registry } from './registry.ts'
import type { Rule, SidecarSpec, VirtualServiceSpec } from './spec.ts'
import type { Labels } from '../model.ts'

export interface View {
  readonly namespace: string
  readonly labels: Labels
  readonly policy: 'ALLOW_ANY' | 'REGISTRY_ONLY'
  /** `Sidecar default/default`, when one decides. */
  readonly sidecar?: string
  /** One host per name. */
  readonly hosts: ReadonlyMap<string, MeshHost>
  /** Those of them that the Sidecar hides and only a rule's destination makes seen. */
  readonly opened: ReadonlySet<string>
  /** Those of the mesh (not of a gateway), in the order in which they count: those shown to this namespace alone before those for all, older before younger. */
  readonly virtualServices: ReadonlyArray<Rule<VirtualServiceSpec>>
}

export function buildView (registry: Registry, namespace: string, labels: Labels): View {
  const { config } = registry.state
  const sidecar = sidecarFor(registry, namespace, labels)
  const policy = sidecar?.spec.outboundTrafficPolicy?.mode ?? config.outboundTrafficPolicy
  // An empty list is none: everything is shown.
  const listeners = sidecar?.spec.egress ?? []
  const egress = listeners.length === 0 ? undefined : listeners.flatMap(({ hosts = [], port }) => hosts.map((pattern) => egressPattern(pattern, { own: namespace, port: port?.number })))
  const virtualServices = shownRules(registry, namespace).filter((rule) =>
    (rule.spec.gateways === undefined || rule.spec.gateways.length === 0 || rule.spec.gateways.includes('mesh')) &&
    (egress === undefined || egress.some((pattern) => pattern.namespace(rule.namespace) && (rule.spec.hosts ?? []).some((host) =>
      intersection(pattern.host, fullName(host, rule.namespace, config.domain)) !== undefined))))
  const hosts = new Map<string, MeshHost>()
  for (const host of registry.hosts) {
    if (!isExported(host.exportTo, host.namespace, namespace)) continue
    const shown = egress === undefined ? host : shownBy(egress, host)
    if (shown !== undefined) addHost(hosts, shown, namespace)
  }
  const shownNames = new Set(hosts.keys())
  if (egress !== undefined) openDestinations(registry, namespace, virtualServices, hosts)
  return {
    namespace,
    labels,
    policy: policy === 'REGISTRY_ONLY' ? 'REGISTRY_ONLY' : 'ALLOW_ANY',
    ...(sidecar === undefined ? {} : { sidecar: sidecar.label }),
    hosts,
    opened: new Set([...hosts.keys()].filter((name) => !shownNames.has(name))),
    virtualServices
  }
}

/** What a gateway of `namespace` may see: everything exported to it. */
export function buildGatewayView (registry: Registry, namespace: string, labels: Labels): View {
  const hosts = new Map<string, MeshHost>()
  for (const host of registry.hosts) if (isExported(host.exportTo, host.namespace, namespace)) addHost(hosts, host, namespace)
  return {
    namespace,
    labels,
    policy: 'REGISTRY_ONLY',
    hosts,
    opened: new Set(),
    virtualServices: shownRules(registry, namespace).filter(({ spec }) => (spec.gateways ?? []).length > 0)
  }
}

/** Rules that are shown to a namespace: to it alone, to it among others, to all, and by age in each of these. */
function shownRules (registry: Registry, namespace: string): Array<Rule<VirtualServiceSpec>> {
  const shown: Record<'private' | 'named' | 'public', Array<Rule<VirtualServiceSpec>>> = { private: [], named: [], public: [] }
  for (const rule of registry.virtualServices) {
    const how = visibility(rule.spec.exportTo, rule.namespace, namespace)
    if (how !== undefined) shown[how].push(rule)
  }
  return [...shown.private, ...shown.named, ...shown.public]
}

/** The oldest Sidecar that selects the workload, else the namespace's own, else the root namespace's. */
export function sidecarFor (registry: Registry, namespace: string, labels: Labels): Rule<SidecarSpec> | undefined {
  const own = registry.sidecars.filter((rule) => rule.namespace === namespace)
  const whole = (rule: Rule<SidecarSpec>): boolean => rule.spec.workloadSelector === undefined
  return own.find((rule) => !whole(rule) && selects(rule.spec.workloadSelector?.labels, labels)) ??
    own.find(whole) ??
    registry.sidecars.find((rule) => rule.namespace === registry.state.config.rootNamespace && whole(rule))
}

interface EgressPattern {
  readonly namespace: (name: string) => boolean
  readonly host: string
  /** An egress listener of one port shows no other. */
  readonly port: number | undefined
}

/** `namespace/dnsName` of a Sidecar's egress hosts. */
function egressPattern (pattern: string, { own, port }: { own: string, port: number | undefined }): EgressPattern {
  const slash = pattern.indexOf('/')
  const namespace = pattern.slice(0, slash)
  return {
    namespace: (name) => namespace === '*' || name === (namespace === '.' ? own : namespace),
    host: pattern.slice(slash + 1).toLowerCase(),
    port
  }
}

/** A host with the ports that the egress listeners show of it; undefined when they show nothing. A port that has a listener of its own has no other. */
function shownBy (egress: readonly EgressPattern[], host: MeshHost): MeshHost | undefined {
  const patterns = egress.filter((pattern) => pattern.namespace(host.namespace) && covers(pattern.host, host.hostname))
  const ports = host.ports.filter(({ number }) => {
    const own = egress.some(({ port }) => port === number)
    return patterns.some(({ port }) => port === (own ? number : undefined))
  })
  if (ports.length === host.ports.length && patterns.length > 0) return host
  return ports.length === 0 ? undefined : { ...host, ports }
}

/**
 * Of several hosts with one name the one in the proxy's own namespace counts, then a Kubernetes Service, then the oldest.
 * Measured: a ServiceEntry of the caller's namespace wins over another namespace's Service.
 */
function addHost (hosts: Map<string, MeshHost>, host: MeshHost, namespace: string): void {
  const present = hosts.get(host.hostname)
  if (present === undefined || (present.namespace !== namespace && host.namespace === namespace)) hosts.set(host.hostname, host)
  else if (isPartOf(host, present)) hosts.set(host.hostname, withPortsOf(present, host))
}

/** ServiceEntries of one namespace that differ in their ports alone are one host. */
function isPartOf (host: MeshHost, present: MeshHost): boolean {
  return !host.kubernetes && !present.kubernetes && host.namespace === present.namespace && host.discovery === present.discovery &&
    host.addresses.join() === present.addresses.join() && host.ports.some(({ number }) => present.ports.every((port) => port.number !== number))
}

function withPortsOf (first: MeshHost, second: MeshHost): MeshHost {
  const has = ({ ports }: MeshHost, wanted: number): boolean => ports.some(({ number }) => number === wanted)
  return {
    ...first,
    ports: [...first.ports, ...second.ports.filter(({ number }) => !has(first, number))],
    endpoints: (port) => has(first, port.number) ? first.endpoints(port) : second.endpoints(port)
  }
}

/** A VirtualService that is seen makes its destinations seen, though the Sidecar's egress hosts leave them out (measured). */
function openDestinations (registry: Registry, namespace: string, rules: ReadonlyArray<Rule<VirtualServiceSpec>>, hosts: Map<string, MeshHost>): void {
  for (const rule of rules) {
    const { http = [], tcp = [] } = rule.spec
    const destinations = [
      ...[...http, ...tcp].flatMap(({ route = [] }) => route.map(({ destination }) => destination)),
      ...http.flatMap(({ mirror, mirrors = [] }) => [...mirror === undefined ? [] : [mirror], ...mirrors.map(({ destination }) => destination)])
    ]
    for (const destination of destinations) {
      const name = fullName(destination.host, rule.namespace, registry.state.config.domain)
      if (hosts.has(name)) continue
      for (const host of registry.hostsByName.get(name) ?? []) {
        if (isExported(host.exportTo, host.namespace, namespace)) addHost(hosts, host, namespace)
      }
    }
  }
}
