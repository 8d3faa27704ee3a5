/**
 * The table of a gateway's pod: the ports of all Gateways that select it, and for each the virtual hosts of the
 * VirtualServices bound to them. https://istio.io/latest/docs/reference/config/networking/gateway/
 */
import { clustersOf } from './cluster.ts'
import { lookup, remember } from './host-lookup.ts'
import { fullName, hostOf, intersection, selects } from './names.ts'
import { compileRoutes, gatewayName, isCatchAll } from './routes/route.ts'
import { buildGatewayView } from './view.ts'
import type { Registry } from './registry.ts'
import type { Cluster, Route, VirtualHost } from '../table.ts'
import type { Workload } from '../model.ts'

export interface GatewayTable {
  /** Ports of the gateway's Service with an HTTP server. */
  readonly ports: readonly number[]
  readonly virtualHost: (port: number, authority: string) => VirtualHost
  readonly cluster: (name: string) => Cluster | undefined
}

interface GatewayServer {
  /** `namespace/name` of the Gateway. */
  readonly gateway: string
  readonly namespace: string
  readonly hosts: ReadonlyArray<{ readonly namespace: string, readonly pattern: string }>
  readonly httpsRedirect: boolean
}

const httpProtocols = new Set(['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB'])

/** What answers where no server and no rule knows the host. */
const nothing: VirtualHost = { name: 'blackhole', routes: [] }

export function buildGatewayTable (registry: Registry, workload: Workload): GatewayTable {
  const view = buildGatewayView(registry, workload.namespace, workload.labels)
  const servers = new Map<number, GatewayServer[]>()
  for (const rule of registry.gateways) {
    if (!selects(rule.spec.selector, workload.labels)) continue
    for (const server of rule.spec.servers ?? []) {
      const port = server.port?.number
      if (port === undefined || !httpProtocols.has(server.port?.protocol?.toUpperCase() ?? '')) continue
      const same = servers.get(port) ?? []
      servers.set(port, same)
      same.push({
        gateway: `${rule.namespace}/${rule.name}`,
        namespace: rule.namespace,
        hosts: (server.hosts ?? []).map((host) => serverHost(host, rule.namespace)),
        httpsRedirect: server.tls?.httpsRedirect ?? false
      })
    }
  }
  const lookups = new Map<number, (authority: string) => VirtualHost>()
  return {
    ports: [...servers.keys()],
    virtualHost: (port, authority) => {
      let find = lookups.get(port)
      if (find === undefined) {
        const domains = virtualHosts(registry, { view, servers: servers.get(port) ?? [], port, workload })
        find = remember((name) => lookup(domains, hostOf(name)) ?? nothing)
        lookups.set(port, find)
      }
      return find(authority)
    },
    cluster: clustersOf(registry, view)
  }
}

/** `namespace/host` or `host` of a server: which namespaces' rules may bind, and to what. */
function serverHost (host: string, namespace: string): { namespace: string, pattern: string } {
  const slash = host.indexOf('/')
  if (slash === -1) return { namespace: '*', pattern: host.toLowerCase() }
  const scope = host.slice(0, slash)
  return { namespace: scope === '.' ? namespace : scope, pattern: host.slice(slash + 1).toLowerCase() }
}

interface PortContext {
  readonly view: ReturnType<typeof buildGatewayView>
  readonly servers: readonly GatewayServer[]
  readonly port: number
  readonly workload: Workload
}

/** At a gateway rules for one host add up, oldest first; those that take everything go to the end. */
function virtualHosts (registry: Registry, { view, servers, port, workload }: PortContext): Map<string, VirtualHost> {
  const { domain } = registry.state.config
  const defaultPort = (host: string): number => {
    const ports = view.hosts.get(host)?.ports
    return ports?.length === 1 ? ports[0]?.number ?? port : port
  }
  const domains = new Map<string, { rules: string[], routes: Route[], httpsRedirect: boolean }>()
  for (const server of servers) {
    for (const rule of view.virtualServices) {
      if (!(rule.spec.gateways ?? []).some((name) => gatewayName(name, rule.namespace) === server.gateway)) continue
      const routes = compileRoutes(rule, { domain, port, gateways: [server.gateway], namespace: workload.namespace, labels: workload.labels, defaultPort })
      if (routes.length === 0) continue
      for (const { namespace, pattern } of server.hosts) {
        if (namespace !== '*' && namespace !== rule.namespace) continue
        for (const host of rule.spec.hosts ?? []) {
          const name = intersection(pattern, fullName(host, rule.namespace, domain))
          if (name === undefined) continue
          const entry = domains.get(name) ?? { rules: [], routes: [], httpsRedirect: server.httpsRedirect }
          domains.set(name, entry)
          entry.httpsRedirect ||= server.httpsRedirect
          if (entry.rules.includes(rule.label)) continue
          entry.rules.push(rule.label)
          entry.routes.push(...routes)
        }
      }
    }
    if (!server.httpsRedirect) continue
    for (const { pattern } of server.hosts) {
      const entry = domains.get(pattern)
      if (entry === undefined) domains.set(pattern, { rules: [], routes: [], httpsRedirect: true })
      else entry.httpsRedirect = true
    }
  }
  return new Map([...domains].map(([name, { rules, routes, httpsRedirect }]) => [name, {
    name: `${name}:${port}`,
    ...(rules.length === 0 ? {} : { rule: rules.join(', ') }),
    routes: catchAllsLast(routes),
    httpsRedirect
  }]))
}

/** Istio has one route for each block of a rule: a block that takes everything goes to the end, the others of its rule stay. */
function catchAllsLast (routes: readonly Route[]): Route[] {
  const each = routes.flatMap((route) => route.matches.length <= 1 ? [route] : route.matches.map((match) => ({ ...route, matches: [match] })))
  return [...each.filter((route) => !isCatchAll(route)), ...each.filter(isCatchAll)]
}
