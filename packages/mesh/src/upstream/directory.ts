/**
 * From the cluster's names and addresses to real sockets: the cluster's DNS, kube-proxy's choice behind a cluster IP, and
 * where a pod's process really listens. Nothing is dialled that this file has not answered for.
 */
import { inboundPort, type InboundPort } from '../compile/inbound.ts'
import { serviceEndpoints, type Registry } from '../compile/registry.ts'
import { isLoopback } from '../proxy/target.ts'
import type { Host } from './balancer.ts'
import type { ExternalTarget } from '../mesh.ts'
import type { SocketAddress, Workload } from '../model.ts'

/** The other end of a connection. */
export interface Peer {
  /** `10.44.0.21:9080`, or `host:port` for what is outside. */
  readonly virtual: string
  readonly workload?: Workload
  /** Its own proxy takes part; absent for pods without one and for what is outside. */
  readonly inbound?: InboundPort
  /** Absent: nothing listens there. */
  readonly address?: SocketAddress
}

export type External = (target: ExternalTarget) => Promise<SocketAddress | undefined> | SocketAddress | undefined

export interface Directory {
  readonly registry: Registry
  /** IPs of the cluster that a name stands for in a pod of `namespace`; undefined for names of the outside. */
  readonly resolve: (name: string, namespace: string) => readonly string[] | undefined
  /** Who answers at a name or address; undefined when the name does not resolve. */
  readonly dial: (host: string, port: number, namespace: string) => Peer | undefined | Promise<Peer | undefined>
  /** Who answers at an endpoint of a cluster. */
  readonly dialEndpoint: (host: Host, namespace: string) => Peer | undefined | Promise<Peer | undefined>
  readonly peer: (workload: Workload, containerPort: number) => Peer
}

export interface Outside {
  readonly external: External
  /** Where a gateway's pod listens for a container port, as far as it is open now. */
  readonly gatewayAddress: (workload: Workload, port: number) => SocketAddress | undefined
}

export function buildDirectory (registry: Registry, { external, gatewayAddress }: Outside, random: () => number): Directory {
  const { state } = registry
  const services = new Map(state.services.map((service) => [`${service.name}.${service.namespace}`, service]))
  const peers = new Map<string, Peer>()

  const peer = (workload: Workload, port: number): Peer => {
    const virtual = `${workload.ip}:${port}`
    if (workload.kind === 'gateway') {
      // Its ports open and close while the state stays what it is.
      const address = gatewayAddress(workload, port) ?? workload.ports.find(({ containerPort }) => containerPort === port)?.address
      return { virtual, workload, ...(address === undefined ? {} : { address }) }
    }
    let known = peers.get(virtual)
    if (known === undefined) {
      const address = workload.ports.find(({ containerPort }) => containerPort === port)?.address
      known = {
        virtual,
        workload,
        ...(workload.kind === 'sidecar' ? { inbound: inboundPort(registry, workload, port) } : {}),
        ...(address === undefined ? {} : { address })
      }
      peers.set(virtual, known)
    }
    return known
  }

  const resolve = (name: string, namespace: string): readonly string[] | undefined => {
    if (registry.workloadByIp.has(name) || registry.serviceByIp.has(name)) return [name]
    for (const candidate of searched(name, namespace, state.config.domain)) {
      const service = services.get(candidate)
      if (service === undefined) continue
      if (service.externalName !== undefined) return resolve(service.externalName, namespace)
      if (service.clusterIP !== undefined && service.clusterIP !== '' && service.clusterIP !== 'None') return [service.clusterIP]
      return serviceEndpoints(service, service.ports[0]?.targetPort ?? 0, state.workloads).map(({ address }) => address)
    }
    return undefined
  }

  const at = (ip: string, port: number): Peer | undefined => {
    const workload = registry.workloadByIp.get(ip)
    if (workload !== undefined) return peer(workload, port)
    const service = registry.serviceByIp.get(ip)
    if (service === undefined) return undefined
    const virtual = `${ip}:${port}`
    const target = service.ports.find(({ number }) => number === port)?.targetPort
    const endpoints = target === undefined ? [] : serviceEndpoints(service, target, state.workloads)
    const chosen = endpoints[Math.floor(random() * endpoints.length)]
    const behind = chosen === undefined ? undefined : registry.workloadByIp.get(chosen.address)
    // A Service without endpoints refuses, as kube-proxy's REJECT does.
    return chosen === undefined || behind === undefined ? { virtual } : { ...peer(behind, chosen.port), virtual }
  }

  const directory: Directory = {
    registry,
    resolve,
    peer,
    dialEndpoint: (host, namespace) => {
      if (host.known?.directory === directory) return host.known.peer
      const { address, port } = host.endpoint
      const workload = registry.workloadByIp.get(address)
      if (workload === undefined) return directory.dial(address, port, namespace)
      const found = peer(workload, port)
      if (workload.kind !== 'gateway') host.known = { directory, peer: found }
      return found
    },
    dial: (host, port, namespace) => {
      const addresses = resolve(host, namespace)
      if (addresses !== undefined) {
        const ip = addresses.length > 1 ? addresses[Math.floor(random() * addresses.length)] : addresses[0]
        return ip === undefined ? undefined : at(ip, port)
      }
      // Nothing of this machine is reached by an address in a rule.
      if (isLoopback(host)) return { virtual: `${host}:${port}` }
      const answer = external({ host, port })
      const outside = (address: SocketAddress | undefined): Peer | undefined => address === undefined ? undefined : { virtual: `${host}:${port}`, address }
      return answer instanceof Promise ? answer.then(outside) : outside(answer)
    }
  }
  return directory
}

/** A pod's search list (`default.svc.cluster.local svc.cluster.local cluster.local`), as `name.namespace` of a Service. */
function searched (name: string, namespace: string, domain: string): string[] {
  const lower = name.toLowerCase().replace(/\.$/, '')
  const suffix = `.svc.${domain}`
  if (lower.endsWith(suffix)) return [lower.slice(0, -suffix.length)]
  if (lower.endsWith('.svc')) return [lower.slice(0, -'.svc'.length)]
  return lower.includes('.') ? [lower] : [`${lower}.${namespace}`]
}
