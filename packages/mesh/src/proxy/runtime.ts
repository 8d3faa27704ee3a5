/** All that the proxies share: the state of the cluster, the tables made from it, the connections and the counts. */
import { randomUUID } from 'node:crypto'
import { createClusterStates, inboundRecord, outboundRecord, tcpRecord, type ClusterStates, type ClusterStatistics, type ProxyContext } from './context.ts'
import { buildDirectory, type Directory } from '../upstream/directory.ts'
import { createGate, type Gate } from '../upstream/connection-pool.ts'
import { clusterStatistics } from '../upstream/counters.ts'
import { createPools } from '../upstream/pools.ts'
import type { Pool } from '../upstream/balancer.ts'
import { buildGatewayTable, type GatewayTable } from '../compile/gateway.ts'
import { clusterNames } from '../compile/cluster.ts'
import { buildOutboundTable, type OutboundTable } from '../compile/outbound.ts'
import { inboundPort } from '../compile/inbound.ts'
import { selects } from '../compile/names.ts'
import { buildGatewayView } from '../compile/view.ts'
import { buildRegistry, containerPort, type Registry } from '../compile/registry.ts'
import type { Side } from './outbound-listener.ts'
import type { GatewaySide } from './gateway-listener.ts'
import type { MeshOptions } from '../mesh.ts'
import type { AccessRecord } from '../access-log.ts'
import type { Target } from './target.ts'
import type { Cluster } from '../table.ts'
import type { MeshState, SocketAddress, Workload } from '../model.ts'

export interface Runtime {
  readonly update: (state: MeshState) => void
  readonly registry: () => Registry
  readonly side: (workload: string, container: 'app' | 'istio-proxy') => Side
  readonly gatewaySide: (workload: string) => GatewaySide | undefined
  readonly close: () => Promise<void>
}

/** What belongs to one state: made when first needed, thrown away whole with the next. */
interface Epoch {
  readonly registry: Registry
  readonly directory: Directory
  /** By namespace and labels: pods of one Deployment share a table. */
  readonly outbound: Map<string, OutboundTable>
  readonly gateways: Map<string, GatewayTable>
  readonly sides: Map<string, Side>
}

const empty: MeshState = {
  config: { domain: 'cluster.local', rootNamespace: 'istio-system', outboundTrafficPolicy: 'ALLOW_ANY' },
  namespaces: [],
  services: [],
  workloads: [],
  rules: []
}

/** Undefined where nobody wants to know: then no record is made. */
function accessOf ({ onAccess, telemetry }: MeshOptions): ((record: AccessRecord) => void) | undefined {
  if (telemetry === undefined) return onAccess
  if (onAccess === undefined) return telemetry.observe
  return (record) => {
    telemetry.observe(record)
    onAccess(record)
  }
}

/** What programs call by name is an address by the time that Envoy sees it. Answers are kept while the cluster stays what it is. */
function addressesIn (directory: Directory, namespace: string): (target: Target) => string {
  const known = new Map<string, string>()
  return ({ host, port, text }) => {
    let address = known.get(text)
    if (address === undefined) {
      const [ip] = directory.resolve(host, namespace) ?? []
      address = ip === undefined ? text : `${ip}:${port}`
      if (known.size < maxAddresses) known.set(text, address)
    }
    return address
  }
}

const maxAddresses = 1000

export function createRuntime (options: MeshOptions, openGateways: (workload: string, servicePort: number) => readonly SocketAddress[]): Runtime {
  const random = options.random ?? Math.random
  const clock = options.clock ?? Date.now
  const pools = createPools()
  const states = new Map<string, ClusterStates>()
  const gates = new Map<string, Gate>()
  const { telemetry } = options
  const onAccess = accessOf(options)
  let epoch = begin(empty)

  function begin (state: MeshState): Epoch {
    const registry = buildRegistry(state)
    return { registry, directory: buildDirectory(registry, { external: options.external, gatewayAddress }, random), outbound: new Map(), gateways: new Map(), sides: new Map() }
  }

  /** Gateways are opened by the port of their Service. */
  function gatewayAddress (workload: Workload, port: number): SocketAddress | undefined {
    const { services } = epoch.registry.state
    for (const service of services) {
      if (service.namespace !== workload.namespace || service.selector === undefined || !selects(service.selector, workload.labels)) continue
      const servicePort = service.ports.find(({ targetPort }) => containerPort(workload, targetPort) === port)?.number
      const [address] = servicePort === undefined ? [] : openGateways(workload.id, servicePort)
      if (address !== undefined) return address
    }
    return undefined
  }

  function inboundGate (address: string): Gate {
    let gate = gates.get(address)
    if (gate === undefined) gates.set(address, gate = createGate())
    return gate
  }

  function inboundStatistics (workload: Workload): ClusterStatistics[] {
    return [...gates].filter(([address]) => address.startsWith(`${workload.ip}:`)).map(([address, gate]) => {
      const { cluster, limits } = inboundPort(epoch.registry, workload, Number(address.slice(workload.ip.length + 1)))
      return { cluster, values: clusterStatistics({ gate, limits, hosts: [], ejects: false }) }
    })
  }

  function contextOf (id: string, workload: Workload | undefined): ProxyContext {
    let clusters = states.get(id)
    if (clusters === undefined) states.set(id, clusters = createClusterStates(clock))
    const { poolFor } = clusters
    const known = (): Pool[] => workload === undefined ? [] : knownClusters(workload).map(poolFor)
    return {
      workload: id,
      namespace: workload?.namespace ?? id.slice(0, Math.max(id.indexOf('/'), 0)),
      ip: workload?.ip ?? '',
      directory: epoch.directory,
      pools,
      random,
      clock,
      requestId: randomUUID,
      addressOf: addressesIn(epoch.directory, workload?.namespace ?? ''),
      onAccess,
      telemetry,
      inboundGate,
      poolFor,
      clusters: known,
      statistics: () => [
        ...known().map((pool) => ({ cluster: pool.cluster.name, values: clusterStatistics({ gate: pool.gate, limits: pool.cluster.limits, hosts: pool.hosts, ejects: pool.cluster.outlierDetection !== undefined }) })),
        ...workload === undefined ? [] : inboundStatistics(workload)
      ],
      outboundRecord,
      inboundRecord,
      tcpRecord
    }
  }

  function knownClusters (workload: Workload): Cluster[] {
    const { registry } = epoch
    const gateway = workload.kind === 'gateway'
    const view = gateway ? buildGatewayView(registry, workload.namespace, workload.labels) : outboundTable(workload).view
    const table = gateway ? gatewayTable(workload) : outboundTable(workload)
    return clusterNames(registry, view).flatMap((name) => table.cluster(name) ?? [])
  }

  function gatewayTable (workload: Workload): GatewayTable {
    let table = epoch.gateways.get(workload.id)
    if (table === undefined) epoch.gateways.set(workload.id, table = buildGatewayTable(epoch.registry, workload))
    return table
  }

  function outboundTable (workload: Workload): OutboundTable {
    const key = `${workload.namespace}\n${JSON.stringify(Object.entries(workload.labels).sort())}`
    let table = epoch.outbound.get(key)
    if (table === undefined) epoch.outbound.set(key, table = buildOutboundTable(epoch.registry, workload.namespace, workload.labels))
    return table
  }

  return {
    registry: () => epoch.registry,
    update: (state) => {
      epoch = begin(state)
      telemetry?.update(epoch.registry)
      const ids = new Set(state.workloads.map(({ id }) => id))
      for (const id of states.keys()) if (!ids.has(id)) states.delete(id)
      const ips = new Set(state.workloads.map(({ ip }) => ip))
      for (const address of gates.keys()) if (!ips.has(address.slice(0, address.lastIndexOf(':')))) gates.delete(address)
      pools.retain(new Set(state.workloads.flatMap(({ ports }) => ports.flatMap(({ address }) => address === undefined ? [] : [`${address.host}:${address.port}`]))))
    },
    side: (id, container) => {
      const key = `${container}\n${id}`
      let side = epoch.sides.get(key)
      if (side === undefined) {
        const workload = epoch.registry.workloadById.get(id)
        const ruled = container === 'app' && workload !== undefined && workload.kind !== 'plain'
        side = { context: contextOf(id, workload), workload, table: ruled ? outboundTable(workload) : undefined }
        epoch.sides.set(key, side)
      }
      return side
    },
    gatewaySide: (id) => {
      const workload = epoch.registry.workloadById.get(id)
      if (workload === undefined) return undefined
      return { context: contextOf(id, workload), table: gatewayTable(workload) }
    },
    close: pools.close
  }
}
