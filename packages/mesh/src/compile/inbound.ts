/** A server's inbound side: what its own proxy takes the connections of a container port for. */
import { containerPort, isHttp, type Registry } from './registry.ts'
import { selects } from './names.ts'
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
}

/**
 * The inbound port of a pod with a sidecar. A port that no Service has is passed through without a look at HTTP.
 */
export function inboundPort (registry: Registry, workload: Workload, port: number): InboundPort {
  for (const service of registry.state.services) {
    if (service.namespace !== workload.namespace || service.selector === undefined || !selects(service.selector, workload.labels)) continue
    const match = service.ports.find(({ targetPort }) => containerPort(workload, targetPort) === port)
    if (match === undefined) continue
    return {
      containerPort: port,
      address: `${workload.ip}:${port}`,
      protocol: match.protocol,
      http: isHttp(match.protocol),
      cluster: `inbound|${port}||`,
      operation: `${service.name}.${service.namespace}.svc.${registry.state.config.domain}:${match.number}/*`
    }
  }
  return { containerPort: port, address: `${workload.ip}:${port}`, protocol: 'TCP', http: false, cluster: 'InboundPassthroughCluster' }
}
