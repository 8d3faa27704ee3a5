import type { MeshState, Namespace, Resource, Service, SocketAddress, Workload } from '@bankinfo/mesh'
import type { StoredNamespace, StoredPod, StoredService } from '../controllers/kinds.ts'
import { isReady } from '../controllers/replica-sets.ts'
import { hasSidecar, isGateway } from '../pods/injection.ts'
import { selectProtocol } from './protocol.ts'

export const systemNamespace = 'istio-system'

export interface ClusterView {
  readonly namespaces: readonly StoredNamespace[]
  readonly services: readonly StoredService[]
  readonly pods: readonly StoredPod[]
  readonly rules: readonly Resource[]
  /** Where the processes of a pod (by `namespace/name`) listen, by container port. */
  readonly portsOf: (id: string) => ReadonlyMap<number, SocketAddress>
}

/** What the mesh is told of the cluster. */
export function meshState (view: ClusterView): MeshState {
  return {
    config: { domain: 'cluster.local', rootNamespace: systemNamespace, outboundTrafficPolicy: 'ALLOW_ANY' },
    namespaces: view.namespaces.map(toNamespace),
    services: view.services.map(toService),
    workloads: view.pods.filter(isInNetwork).map((pod) => toWorkload(pod, view.portsOf)),
    rules: view.rules
  }
}

function toNamespace (namespace: StoredNamespace): Namespace {
  return { name: namespace.metadata.name, labels: namespace.metadata.labels ?? {} }
}

function toService ({ metadata, spec }: StoredService): Service {
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? 'default',
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    ...(spec.clusterIP === undefined || spec.clusterIP === 'None' ? {} : { clusterIP: spec.clusterIP }),
    ...(spec.selector === undefined ? {} : { selector: spec.selector }),
    ...(spec.externalName === undefined ? {} : { externalName: spec.externalName }),
    ports: (spec.ports ?? []).map((port) => ({
      number: port.port,
      name: port.name ?? '',
      protocol: selectProtocol(port),
      targetPort: port.targetPort ?? port.port
    }))
  }
}

function isInNetwork (pod: StoredPod): boolean {
  return pod.status?.podIP !== undefined && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed'
}

function toWorkload (pod: StoredPod, portsOf: ClusterView['portsOf']): Workload {
  const { metadata, spec } = pod
  const namespace = metadata.namespace ?? 'default'
  const id = `${namespace}/${metadata.name}`
  const addresses = portsOf(id)
  return {
    id,
    name: metadata.name,
    namespace,
    kind: isGateway(pod) ? 'gateway' : hasSidecar(pod) ? 'sidecar' : 'plain',
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    serviceAccount: spec.serviceAccountName ?? 'default',
    ip: pod.status?.podIP ?? '',
    ready: isReady(pod),
    ports: spec.containers.flatMap(({ ports }) => ports ?? []).map(({ containerPort, name }) => {
      const address = addresses.get(containerPort)
      return { containerPort, ...(name === undefined ? {} : { name }), ...(address === undefined ? {} : { address }) }
    })
  }
}
