/**
 * Why a request does not go where somebody thought it would: notes on what stands in the rules and takes no part in this request,
 * and what would change that. Each is certain; where nothing of the kind is there, nothing is said.
 */
import { covers, domainsOf, fullName, hostOf, isExported, selects } from '../compile/names.ts'
import { gatewayName } from '../compile/routes/route.ts'
import type { OutboundTable } from '../compile/outbound.ts'
import type { MeshHost, Registry } from '../compile/registry.ts'
import type { Rule, VirtualServiceSpec } from '../compile/spec.ts'
import type { Workload } from '../model.ts'
import type { ExplainedOutcome } from './explanation.ts'
import type { Way } from './way.ts'

export function tellStories (way: Way, outcome: ExplainedOutcome, registry: Registry): string[] {
  switch (way.kind) {
    case 'closed': return tellClosedPort(way, registry)
    case 'plain': return tellBarePod(way.workload, registry)
    case 'tcp': return way.tcp.kind === 'blackhole' ? tellBlocked(way, way.table, registry) : []
    case 'http': return [
      ...(way.table === undefined ? tellUnboundRules(way, registry) : [...(isBlocked(way) ? tellBlocked(way, way.table, registry) : []), ...tellIdleRules(way, way.table, registry)]),
      ...tellDestinations(outcome, way.workload, registry)
    ]
  }
}

/** Closed egress is a direct answer of a virtual host that no rule has made. */
function isBlocked ({ host }: Extract<Way, { kind: 'http' }>): boolean {
  return host.rule === undefined && host.routes[0]?.action.kind === 'direct'
}

/** The names that a pod's DNS search list would try for a host. */
function namesFor (host: string, namespace: string, domain: string): string[] {
  return [host, `${host}.${namespace}.svc.${domain}`, `${host}.svc.${domain}`, `${host}.${domain}`]
}

function tellBlocked ({ head, target, workload }: Way, { view }: OutboundTable, registry: Registry): string[] {
  const { domain } = registry.state.config
  const host = hostOf(head.authority)
  const known = namesFor(host, workload.namespace, domain).flatMap((name) => registry.hostsByName.get(name) ?? [])
  const shown = known.find(({ hostname }) => view.hosts.has(hostname) && !view.opened.has(hostname))
  const closes = view.sidecar ?? 'the mesh configuration'
  if (shown !== undefined) {
    return [`${shown.label} has this host with port ${portsOf(shown)} and not with ${target.port}, so the call is one to an unknown host, which ${closes} blocks. Call one of its ports, or add ${target.port} to them.`]
  }
  const [hidden] = known
  const why = hidden === undefined
    ? `No Service and no ServiceEntry has the host ${host}, and ${closes} lets only known hosts out (REGISTRY_ONLY).`
    : `${hidden.label} has this host, ${isExported(hidden.exportTo, hidden.namespace, workload.namespace) ? `and the egress hosts of ${closes} hide it` : 'and is not exported to this namespace'}.`
  return [`${why} This opens the way for namespace ${workload.namespace} (save it in a file, then "kubectl apply -f" it):\n${openingEntry(hidden?.hostname ?? host, { port: target.port, namespace: workload.namespace })}`]
}

/** A ServiceEntry that lets a host out. */
function openingEntry (host: string, { port, namespace }: { readonly port: number, readonly namespace: string }): string {
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':')
  return [
    'apiVersion: networking.istio.io/v1',
    'kind: ServiceEntry',
    'metadata:',
    `  name: ${isAddress ? `host-${host.replaceAll(/[.:]/g, '-')}` : host.replaceAll(/[^a-z0-9-]+/g, '-').replaceAll(/^-|-$/g, '').slice(0, 63)}`,
    `  namespace: ${namespace}`,
    'spec:',
    ...(isAddress ? ['  hosts: [host.invalid]', `  addresses: ["${host}"]`, '  resolution: NONE'] : [`  hosts: [${host}]`, '  resolution: DNS']),
    '  location: MESH_EXTERNAL',
    '  ports:',
    `    - {number: ${port}, name: http, protocol: HTTP}`
  ].map((line) => `  ${line}`).join('\n')
}

function portsOf ({ ports }: MeshHost): string {
  return ports.map(({ number }) => number).join(', ') || 'none'
}

type VirtualService = Rule<VirtualServiceSpec>

/** VirtualServices that somebody may have written for this request, and that do not decide it. */
function tellIdleRules ({ head, host, workload, port }: Extract<Way, { kind: 'http' }>, { view }: OutboundTable, registry: Registry): string[] {
  const { domain } = registry.state.config
  const asked = hostOf(head.authority)
  const names = namesFor(asked, workload.namespace, domain)
  const full = names.find((name) => registry.hostsByName.has(name)) ?? asked
  return registry.virtualServices.filter(({ label }) => label !== host.rule).flatMap((rule) => {
    // In the mesh "*" means nothing: such a rule is meant for gateways alone.
    const hosts = (rule.spec.hosts ?? []).filter((one) => one !== '*')
    const fits = hosts.some((one) => covers(fullName(one, rule.namespace, domain), full))
    if (fits) return [`${rule.label} is for this host, too, and takes no part: ${whyIdle(rule, { workload, view, decides: host.rule, port, known: view.hosts.has(full) })}`]
    return hosts.flatMap((one) => {
      const meant = fullName(one, rule.namespace, domain)
      if (meant !== full && one === full.split('.')[0] && full.endsWith(`.svc.${domain}`)) return [`${rule.label} is for ${meant}, not for ${full}: a host without a dot is one of the rule's own namespace.`]
      if (one !== asked && !domainsOf(full, workload.namespace, domain).includes(one)) return []
      return meant === one && one !== full && full.endsWith(`.svc.${domain}`) ? [`${rule.label} is for "${one}", taken as it stands: a host with a dot must be the full name, ${full}.`] : []
    })
  })
}

interface Idle {
  readonly workload: Workload
  readonly view: OutboundTable['view']
  readonly decides: string | undefined
  readonly port: number
  /** Whether a Service or ServiceEntry has the host. */
  readonly known: boolean
}

function whyIdle (rule: VirtualService, { workload, view, decides, port, known }: Idle): string {
  const { gateways, exportTo } = rule.spec
  if (gateways !== undefined && !gateways.includes('mesh')) return `its gateways (${gateways.join(', ') || 'none'}) do not name "mesh", so calls inside the mesh do not meet it.`
  if (!isExported(exportTo, rule.namespace, workload.namespace)) return `its exportTo (${(exportTo ?? []).join(', ')}) leaves out namespace ${workload.namespace}.`
  if (!view.virtualServices.some(({ label }) => label === rule.label)) return `the egress hosts of ${view.sidecar ?? 'the Sidecar'} leave it out.`
  if (decides !== undefined) return `in the mesh only one VirtualService of a host counts, and ${decides} is the older, or names the host more exactly. Put the routes of both into one.`
  return known ? 'nothing of it is for this port.' : `no Service or ServiceEntry has the host, and then a rule counts on port 80 alone, not on ${port}.`
}

/** What a gateway has open, and where the port that was asked for may have got lost. */
function tellClosedPort ({ workload, target }: Way, registry: Registry): string[] {
  const asks = registry.gateways.filter(({ spec }) => (spec.servers ?? []).some(({ port }) => port?.number === target.port || port?.number === target.port - 8000))
  const open = registry.gateways.filter(({ spec }) => selects(spec.selector, workload.labels)).flatMap(({ label, spec }) => (spec.servers ?? []).map(({ port }) => `${port?.number ?? '?'} (${label})`))
  return [
    ...asks.filter(({ spec }) => !selects(spec.selector, workload.labels)).map(({ label, spec }) => `${label} asks for this port, and its selector (${inLabels(spec.selector)}) is not met by ${workload.id} (${inLabels(workload.labels)}).`),
    `Open are ${open.join(', ') || 'none: apply a Gateway that selects this pod'}.`
  ]
}

function inLabels (labels: Readonly<Record<string, string>> = {}): string {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`).join(', ')
}

/** VirtualServices for a host that a gateway was asked for, and why they are not bound to it. */
function tellUnboundRules ({ head, host, workload, port }: Extract<Way, { kind: 'http' }>, registry: Registry): string[] {
  if (host.routes.length > 0 || host.httpsRedirect === true) return []
  const { domain } = registry.state.config
  const asked = hostOf(head.authority)
  const here = registry.gateways.filter(({ spec }) => selects(spec.selector, workload.labels) && (spec.servers ?? []).some((server) => server.port?.number === port))
  const served = here.flatMap(({ spec }) => (spec.servers ?? []).filter((server) => server.port?.number === port).flatMap(({ hosts = [] }) => hosts))
  const bare = (pattern: string): string => pattern.slice(pattern.indexOf('/') + 1)
  const unserved = served.some((pattern) => covers(bare(pattern), asked)) ? [] : [`The Gateways on port ${port} (${here.map(({ label }) => label).join(', ')}) serve ${served.join(', ')}, and not ${asked}: add it to their hosts.`]
  const rules = registry.virtualServices.filter(({ namespace, spec }) => (spec.hosts ?? []).some((one) => covers(fullName(one, namespace, domain), asked)))
  return [...unserved, ...rules.map((rule) => `${rule.label} is for this host, and not bound here: ${whyUnbound(rule, { here, registry, workload })}`)]
}

function whyUnbound ({ namespace, spec }: VirtualService, { here, registry, workload }: { readonly here: Registry['gateways'], readonly registry: Registry, readonly workload: Workload }): string {
  const labels = here.map((gateway) => `${gateway.namespace}/${gateway.name}`).join(' or ')
  if (spec.gateways === undefined || spec.gateways.every((name) => name === 'mesh')) return `it names no gateway, so it is for calls inside the mesh. Add "gateways: [${labels}]".`
  if (!isExported(spec.exportTo, namespace, workload.namespace)) return `its exportTo leaves out namespace ${workload.namespace}, where the gateway is.`
  const named = spec.gateways.filter((name) => name !== 'mesh').map((name) => gatewayName(name, namespace))
  const missing = named.filter((name) => !registry.gateways.some((gateway) => `${gateway.namespace}/${gateway.name}` === name))
  if (missing.length > 0) return `there is no Gateway ${missing.join(', ')}; here is ${labels}. A name without a namespace is one of the rule's own.`
  return named.some((name) => here.some((gateway) => `${gateway.namespace}/${gateway.name}` === name)) ? 'the hosts of that Gateway leave it out, or give it to another namespace.' : `it names ${named.join(', ')}; here is ${labels}.`
}

function tellBarePod ({ id, namespace }: Workload, registry: Registry): string[] {
  const labels = registry.state.namespaces.find(({ name }) => name === namespace)?.labels
  return labels?.['istio-injection'] === 'enabled'
    ? [`Namespace ${namespace} is labelled for injection: ${id} is older than the label, or opts out. "kubectl rollout restart" its Deployment to give it a sidecar.`]
    : [`Rules apply to its calls once its namespace has the label ("kubectl label namespace ${namespace} istio-injection=enabled") and the pod is restarted.`]
}

/** Why a destination cannot be served. */
function tellDestinations (outcome: ExplainedOutcome, { namespace }: Workload, registry: Registry): string[] {
  if (outcome.kind !== 'forward') return []
  return outcome.destinations.filter(({ failure }) => failure !== undefined).flatMap(({ cluster }) => {
    const [, port = '', subset = '', host = ''] = cluster.split('|')
    const [known] = registry.hostsByName.get(host) ?? []
    if (known === undefined) return [`No Service and no ServiceEntry has the host ${host}.${dottedHint(host, namespace, registry)}`]
    if (!known.ports.some(({ number }) => String(number) === port)) return [`${known.label} has port ${portsOf(known)}, and not ${port}: name one of them as the destination's port.`]
    const rules = registry.destinationRules.filter(({ namespace: own, spec }) => covers(fullName(spec.host, own, registry.state.config.domain), host))
    const subsets = rules.flatMap(({ label, spec }) => (spec.subsets ?? []).map(({ name, labels = {} }) => ({ name, labels, label })))
    const found = subsets.find(({ name }) => name === subset)
    if (subset !== '' && found === undefined) {
      return [subsets.length === 0
        ? `No DestinationRule names subsets of ${host}: apply one that has ${subset}.`
        : `No DestinationRule has a subset ${subset} of ${host}; there are ${[...new Set(subsets.map(({ name, label }) => `${name} (${label})`))].join(', ')}.`]
    }
    return [found === undefined ? `No ready pod serves ${known.label}.` : `No ready pod of ${known.label} has the labels of subset ${subset} (${inLabels(found.labels)}, ${found.label}).`]
  })
}

/** `reviews.default` is no Service: only names without a dot are completed. */
function dottedHint (host: string, namespace: string, registry: Registry): string {
  const { domain } = registry.state.config
  const meant = namesFor(host, namespace, domain).slice(1).find((name) => registry.hostsByName.has(name))
  return meant === undefined ? '' : ` A destination with a dot is taken as it stands: write ${meant}.`
}
