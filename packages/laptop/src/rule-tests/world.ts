/** The cluster that tests of rules run in: manifests become pods and Services as data, through what the laptop itself tells its mesh. */
import type { MeshState, Resource, Workload } from '@bankinfo/mesh'
import { now, type StoredDeployment, type StoredNamespace, type StoredPod, type StoredService } from '../controllers/kinds.ts'
import { meshState } from '../network/mesh-state.ts'
import { injectGateway, injectSidecar, isGateway, wantsSidecar } from '../pods/injection.ts'
import { applyDefaults } from '../resources/defaults.ts'
import { findKind } from '../resources/kinds.ts'
import { assignAddresses } from '../resources/service-addresses.ts'
import { systemObjects } from '../runtime/system-objects.ts'
import type { NewObject, StoredObject } from '../store/store.ts'

export interface WorldOptions {
  /** In the order in which they would be applied: of two objects of one name the last counts. */
  readonly objects: readonly Resource[]
  /** Of objects that name none. */
  readonly namespace: string
  /** Namespaces with istio-injection=enabled beside those whose manifests have the label. */
  readonly injected: readonly string[]
  readonly outboundTrafficPolicy?: 'ALLOW_ANY' | 'REGISTRY_ONLY' | undefined
  /** Callers that no manifest has; they serve nothing. */
  readonly callers: readonly WorldCaller[]
}

export interface WorldCaller {
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly sidecar: boolean
}

export interface World {
  readonly state: MeshState
  /** Name of what made a pod (a Deployment), by the pod's id. */
  readonly owners: ReadonlyMap<string, string>
}

/** Kinds whose template makes pods. What runs on a cluster alone has its pods in the mesh there, too. */
const workloadKinds = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'])

export function buildWorld (options: WorldOptions): World {
  const objects = latest([...systemObjects(new Map()), ...options.objects.map((object) => placed(object, options.namespace))])
  const namespaces = namespacesOf(objects, options)
  const services: StoredObject[] = []
  for (const object of objects) if (object.kind === 'Service') services.push(stored(assignAddresses(applyDefaults(object), services)))
  const owners = new Map<string, string>()
  const pods = objects.flatMap((object) => podsOf(object, namespaces)).map((pod, index): StoredPod => {
    if (pod.owner !== undefined) owners.set(`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`, pod.owner)
    return running(pod, index)
  })
  const { config, workloads, ...state } = meshState({
    namespaces: [...namespaces.values()],
    services: services as unknown as readonly StoredService[],
    pods,
    rules: objects.filter(({ apiVersion }) => apiVersion.includes('.istio.io/')).map(aged),
    portsOf: () => new Map()
  })
  return {
    state: {
      ...state,
      config: { ...config, ...(options.outboundTrafficPolicy === undefined ? {} : { outboundTrafficPolicy: options.outboundTrafficPolicy }) },
      workloads: [...workloads, ...options.callers.map(callerOf)]
    },
    owners
  }
}

/** The order of the files is the order of creation, by which the older of two rules counts. */
function aged (rule: NewObject, index: number): Resource {
  return { ...rule, metadata: { ...rule.metadata, creationTimestamp: new Date(index * 1000).toISOString() } }
}

function placed (object: Resource, namespace: string): NewObject {
  const kind = findKind(object.apiVersion, object.kind)
  const inNamespace = kind?.namespaced ?? object.kind !== 'Namespace'
  return { ...object, metadata: { ...object.metadata, ...(inNamespace && { namespace: object.metadata.namespace ?? namespace }) } }
}

/** The last of each name, in the place of the first: as apply leaves an object's age alone. */
function latest (objects: readonly NewObject[]): readonly NewObject[] {
  return [...new Map(objects.map((object) => [`${object.apiVersion.split('/')[0] ?? ''}/${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`, object])).values()]
}

function namespacesOf (objects: readonly NewObject[], { namespace, injected, callers }: WorldOptions): ReadonlyMap<string, StoredNamespace> {
  const written = new Map(objects.filter(({ kind }) => kind === 'Namespace').map((object) => [object.metadata.name, object.metadata.labels ?? {}]))
  const names = new Set([namespace, ...written.keys(), ...objects.map((object) => object.metadata.namespace ?? ''), ...callers.map((caller) => caller.namespace)])
  names.delete('')
  return new Map([...names].map((name) => {
    const labels = { ...(injected.includes(name) && { 'istio-injection': 'enabled' }), ...written.get(name) }
    return [name, stored({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }) as unknown as StoredNamespace]
  }))
}

type PlannedPod = StoredPod & { readonly owner?: string }

function podsOf (object: NewObject, namespaces: ReadonlyMap<string, StoredNamespace>): readonly PlannedPod[] {
  if (object.kind !== 'Pod' && !workloadKinds.has(object.kind)) return []
  const namespace = object.metadata.namespace ?? 'default'
  const inject = (pod: StoredPod): StoredPod => {
    if (isGateway(pod)) return injectGateway(pod)
    return wantsSidecar(pod, namespaces.get(namespace)) ? injectSidecar(pod) : pod
  }
  if (object.kind === 'Pod') return [inject(stored(object) as unknown as StoredPod)]
  const { spec } = object as unknown as StoredDeployment
  const replicas = spec.replicas ?? 1
  return Array.from({ length: replicas }, (_, index) => ({
    ...inject(stored({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { labels: {}, annotations: {}, ...spec.template.metadata as object, name: replicas === 1 ? object.metadata.name : `${object.metadata.name}-${index + 1}`, namespace },
      spec: { containers: [], ...spec.template.spec }
    }) as unknown as StoredPod),
    owner: object.metadata.name
  }))
}

function running (pod: StoredPod, index: number): StoredPod {
  return {
    ...pod,
    status: { phase: 'Running', podIP: `10.44.${(index + 2) >> 8}.${(index + 2) & 255}`, conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: now() }] }
  }
}

function stored (object: object): StoredObject {
  const { metadata, ...rest } = object as NewObject
  return { ...rest, metadata: { ...metadata, uid: `${rest.kind}/${metadata.namespace ?? ''}/${metadata.name}`, resourceVersion: '1', creationTimestamp: new Date(0).toISOString() } } as StoredObject
}

function callerOf ({ name, namespace, labels, sidecar }: WorldCaller, index: number): Workload {
  return {
    id: `${namespace}/${name}`,
    name,
    namespace,
    kind: sidecar ? 'sidecar' : 'plain',
    labels,
    annotations: {},
    serviceAccount: 'default',
    ip: `10.44.255.${index + 1}`,
    // Labels that a Service selects must not make a caller one of its servers.
    ready: false,
    ports: []
  }
}
