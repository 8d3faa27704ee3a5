/**
 * Every host that the cluster knows, from Services and ServiceEntries alike, and every rule by kind: made once per
 * {@link MeshState}, shared by all tables.
 */
import { mergeDelegates } from './routes/delegate.ts'
import { fullName, selects } from './names.ts'
import { rulesOfKind, type DestinationRuleSpec, type GatewaySpec, type Rule, type ServiceEntrySpec, type SidecarSpec, type VirtualServiceSpec } from './spec.ts'
import type { Labels, MeshState, Protocol, Service, Workload } from '../model.ts'

export interface HostPort {
  readonly number: number
  readonly name: string
  readonly protocol: Protocol
}

export interface LabelledEndpoint {
  readonly address: string
  readonly port: number
  readonly labels: Labels
  readonly workload?: string
  readonly weight?: number
}

export interface MeshHost {
  readonly hostname: string
  readonly namespace: string
  /** `Service default/reviews`, `ServiceEntry default/styletransfer`. */
  readonly label: string
  readonly kubernetes: boolean
  /** Virtual addresses. */
  readonly addresses: readonly string[]
  readonly ports: readonly HostPort[]
  readonly discovery: 'STATIC' | 'DNS' | 'ORIGINAL_DST'
  readonly exportTo: readonly string[]
  readonly endpoints: (port: HostPort) => LabelledEndpoint[]
}

export interface Registry {
  readonly state: MeshState
  /** Oldest ServiceEntry first, Services before them. */
  readonly hosts: readonly MeshHost[]
  readonly hostsByName: ReadonlyMap<string, readonly MeshHost[]>
  readonly workloadById: ReadonlyMap<string, Workload>
  readonly workloadByIp: ReadonlyMap<string, Workload>
  readonly serviceByIp: ReadonlyMap<string, Service>
  readonly virtualServices: ReadonlyArray<Rule<VirtualServiceSpec>>
  readonly destinationRules: ReadonlyArray<Rule<DestinationRuleSpec>>
  readonly sidecars: ReadonlyArray<Rule<SidecarSpec>>
  readonly gateways: ReadonlyArray<Rule<GatewaySpec>>
}

export function buildRegistry (state: MeshState): Registry {
  const serviceEntries = rulesOfKind<ServiceEntrySpec>(state.rules, 'ServiceEntry')
  const hosts = [
    ...state.services.map((service) => fromService(service, state)),
    ...serviceEntries.flatMap((entry) => fromServiceEntry(entry, state))
  ]
  const hostsByName = new Map<string, MeshHost[]>()
  for (const host of hosts) {
    const same = hostsByName.get(host.hostname)
    if (same === undefined) hostsByName.set(host.hostname, [host])
    else same.push(host)
  }
  return {
    state,
    hosts,
    hostsByName,
    workloadById: new Map(state.workloads.map((workload) => [workload.id, workload])),
    workloadByIp: new Map(state.workloads.map((workload) => [workload.ip, workload])),
    serviceByIp: new Map(state.services.flatMap((service) => virtualAddress(service).map((ip) => [ip, service] as const))),
    virtualServices: mergeDelegates(rulesOfKind<VirtualServiceSpec>(state.rules, 'VirtualService'), state.config.domain),
    destinationRules: rulesOfKind<DestinationRuleSpec>(state.rules, 'DestinationRule'),
    sidecars: rulesOfKind<SidecarSpec>(state.rules, 'Sidecar'),
    gateways: rulesOfKind<GatewaySpec>(state.rules, 'Gateway')
  }
}

/** The clusterIP of a Service as a list; headless Services have none. */
export function virtualAddress (service: Service): string[] {
  return service.clusterIP === undefined || service.clusterIP === '' || service.clusterIP === 'None' ? [] : [service.clusterIP]
}

/** Ready pods that a Service selects, with the port that each of them serves `targetPort` on. */
export function serviceEndpoints (service: Service, targetPort: number | string, workloads: readonly Workload[]): LabelledEndpoint[] {
  const { selector } = service
  if (selector === undefined || Object.keys(selector).length === 0) return []
  const endpoints: LabelledEndpoint[] = []
  for (const workload of workloads) {
    if (!workload.ready || workload.namespace !== service.namespace || !selects(selector, workload.labels)) continue
    const port = containerPort(workload, targetPort)
    if (port !== undefined) endpoints.push({ address: workload.ip, port, labels: workload.labels, workload: workload.id })
  }
  return endpoints
}

/** The container port that a targetPort names; a number need not be declared by the container. */
export function containerPort (workload: Workload, targetPort: number | string): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  return workload.ports.find((port) => port.name === targetPort)?.containerPort
}

function fromService (service: Service, state: MeshState): MeshHost {
  const exportTo = service.annotations['networking.istio.io/exportTo']?.split(',').map((name) => name.trim())
  const { externalName } = service
  return {
    hostname: `${service.name}.${service.namespace}.svc.${state.config.domain}`,
    namespace: service.namespace,
    label: `Service ${service.namespace}/${service.name}`,
    kubernetes: true,
    addresses: virtualAddress(service),
    ports: service.ports,
    discovery: externalName === undefined ? 'STATIC' : 'DNS',
    exportTo: exportTo ?? ['*'],
    endpoints: (port) => {
      if (externalName !== undefined) return [{ address: externalName, port: port.number, labels: {} }]
      const target = service.ports.find((candidate) => candidate.number === port.number)?.targetPort ?? port.number
      return serviceEndpoints(service, target, state.workloads)
    }
  }
}

/** https://istio.io/latest/docs/reference/config/networking/service-entry/ */
function fromServiceEntry (entry: Rule<ServiceEntrySpec>, state: MeshState): MeshHost[] {
  const { spec } = entry
  const ports = (spec.ports ?? []).map((port) => ({
    number: port.number,
    name: port.name ?? '',
    protocol: protocolOf(port.protocol),
    targetPort: port.targetPort
  }))
  const resolution = spec.resolution ?? 'NONE'
  const discovery = resolution.startsWith('DNS') ? 'DNS' : resolution === 'STATIC' ? 'STATIC' : 'ORIGINAL_DST'
  return (spec.hosts ?? []).map((host) => ({
    hostname: fullName(host, entry.namespace, state.config.domain),
    namespace: entry.namespace,
    label: entry.label,
    kubernetes: false,
    addresses: (spec.addresses ?? []).filter((address) => !address.includes('/')),
    ports,
    discovery,
    exportTo: spec.exportTo ?? ['*'],
    endpoints: (port) => {
      const targetPort = ports.find((candidate) => candidate.number === port.number)?.targetPort ?? port.number
      if (spec.workloadSelector !== undefined) {
        return state.workloads
          .filter((workload) => workload.ready && workload.namespace === entry.namespace && selects(spec.workloadSelector?.labels, workload.labels))
          .map((workload) => ({ address: workload.ip, port: targetPort, labels: workload.labels, workload: workload.id }))
      }
      if (spec.endpoints === undefined || spec.endpoints.length === 0) {
        return discovery === 'DNS' ? [{ address: host.toLowerCase(), port: targetPort, labels: {} }] : []
      }
      return spec.endpoints.map((endpoint) => {
        const address = endpoint.address ?? host
        const workload = state.workloads.find((candidate) => candidate.ip === address)
        return {
          address,
          port: endpoint.ports?.[port.name] ?? targetPort,
          labels: endpoint.labels ?? {},
          ...(endpoint.weight === undefined || endpoint.weight === 0 ? {} : { weight: endpoint.weight }),
          ...(workload === undefined ? {} : { workload: workload.id })
        }
      })
    }
  }))
}

const protocols: Readonly<Record<string, Protocol>> = {
  http: 'HTTP',
  http2: 'HTTP2',
  grpc: 'GRPC',
  'grpc-web': 'GRPC-Web',
  https: 'HTTPS',
  tls: 'TLS',
  mongo: 'Mongo',
  redis: 'Redis',
  mysql: 'MySQL',
  udp: 'UDP'
}

function protocolOf (name: string | undefined): Protocol {
  return protocols[name?.toLowerCase() ?? ''] ?? 'TCP'
}

export function isHttp (protocol: Protocol): boolean {
  return protocol === 'HTTP' || protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'GRPC-Web'
}

/** Whose servers are spoken to in HTTP/2. */
export function isHttp2 (protocol: Protocol): boolean {
  return protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'GRPC-Web'
}

export function isTls (protocol: Protocol): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS'
}
