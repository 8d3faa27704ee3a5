/** A server's inbound side: what its own proxy takes the connections of a container port for. */
import { containerPort, isHttp, type Registry } from './registry.ts'
import { effectivePolicy } from './cluster.ts'
import { destinationRulesFor } from './destination-rules.ts'
import { selects } from './names.ts'
import { sidecarFor } from './view.ts'
import { compileLimits, type Limits } from '../upstream/connection-pool.ts'
import type { Protocol, Workload } from '../model.ts'

export interface InboundPort {
  readonly containerPort: number
  /** `10.44.0.21:9080`. */
  readonly address: string
  readonly protocol: Protocol
  readonly http: boolean
  /** `inbound|9080||`; InboundPassthroughCluster for a port that no Service has. */
  readonly cluster: string
  /** x-envoy-decorator-operation in answers to callers without a proxy. */
  readonly operation?: string
  /** The DestinationRule for the Service limits the server's own proxy too. */
  readonly limits?: Limits
}

/**
 * The inbound port of a pod with a sidecar. A port that no Service has is passed through without a look at HTTP.
 */
export function inboundPort (registry: Registry, workload: Workload, port: number): InboundPort {
  for (const service of registry.state.services) {
    if (service.namespace !== workload.namespace || service.selector === undefined || !selects(service.selector, workload.labels)) continue
    const match = service.ports.find(({ targetPort }) => containerPort(workload, targetPort) === port)
    if (match === undefined) continue
    const hostname = `${service.name}.${service.namespace}.svc.${registry.state.config.domain}`
    const limits = limitsOf(registry, workload, { hostname, port: match.number })
    return {
      containerPort: port,
      address: `${workload.ip}:${port}`,
      protocol: match.protocol,
      http: isHttp(match.protocol),
      cluster: `inbound|${port}||`,
      operation: `${hostname}:${match.number}/*`,
      ...(limits === undefined ? {} : { limits })
    }
  }
  return { containerPort: port, address: `${workload.ip}:${port}`, protocol: 'TCP', http: false, cluster: 'InboundPassthroughCluster' }
}

/** A Sidecar's own word takes the place of the DestinationRule's. https://istio.io/latest/docs/reference/config/networking/sidecar/#Sidecar-inbound_connection_pool */
function limitsOf (registry: Registry, workload: Workload, { hostname, port }: { hostname: string, port: number }): Limits | undefined {
  const ofSidecar = sidecarFor(registry, workload.namespace, workload.labels)?.spec.inboundConnectionPool
  if (ofSidecar !== undefined) return compileLimits(ofSidecar)
  const host = registry.hostsByName.get(hostname)?.find(({ kubernetes }) => kubernetes)
  if (host === undefined) return undefined
  const policy = destinationRulesFor(registry, { namespace: workload.namespace, labels: undefined }, host).find(({ spec }) => spec.trafficPolicy !== undefined)?.spec.trafficPolicy
  return compileLimits(effectivePolicy([policy], port).connectionPool)
}
