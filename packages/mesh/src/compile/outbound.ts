/** The table of a sidecar's outbound side: which virtual host answers for a Host on a port, and what takes raw connections. */
import { clustersOf, clusterName } from './cluster.ts'
import { remember } from './host-lookup.ts'
import { covers, hostOf } from './names.ts'
import { isHttp, isTls, type MeshHost, type Registry } from './registry.ts'
import { catchAll, claimDomains, compileClaim } from './routes/virtual-hosts.ts'
import { buildView, type View } from './view.ts'
import type { Cluster, TcpTarget, VirtualHost } from '../table.ts'
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
    const find = claimDomains(registry, view, port)
    return remember((authority) => {
      const claim = find(hostOf(authority))
      if (claim === undefined) return unknown
      claim.compiled ??= compileClaim(registry, view, { claim, port })
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
