import type { NewObjectMeta, Store } from '../store/store.ts'
import { controllerReference, listKind, selects, type StoredPod, type StoredService } from './kinds.ts'
import { canonical, randomSuffix } from './names.ts'
import { isReady } from './replica-sets.ts'

const serviceNameLabel = 'kubernetes.io/service-name'

/** Keeps one EndpointSlice and one Endpoints object for each Service with a selector. */
export async function reconcileEndpoints (store: Store): Promise<void> {
  const pods = listKind(store, 'Pod')
  const slices = listKind(store, 'EndpointSlice.discovery.k8s.io')
  for (const service of listKind(store, 'Service')) {
    if (service.spec.selector === undefined) continue
    const backends = pods.filter((pod) => pod.metadata.namespace === service.metadata.namespace &&
      pod.status?.podIP !== undefined && pod.status.phase === 'Running' && selects(service.spec.selector, pod.metadata.labels))
    await keepSlice({ store, service, backends }, slices.find((slice) =>
      slice.metadata.namespace === service.metadata.namespace && slice.metadata.labels?.[serviceNameLabel] === service.metadata.name))
    await keepEndpoints({ store, service, backends })
  }
}

interface Backends {
  readonly store: Store
  readonly service: StoredService
  readonly backends: readonly StoredPod[]
}

async function keepSlice ({ store, service, backends }: Backends, before: { readonly metadata: { readonly name: string } } | undefined): Promise<void> {
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: before?.metadata.name ?? `${service.metadata.name}-${randomSuffix()}`,
      ...namespaceOf(service),
      generateName: `${service.metadata.name}-`,
      labels: {
        ...service.metadata.labels,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        [serviceNameLabel]: service.metadata.name
      },
      ownerReferences: [controllerReference(service)]
    },
    addressType: 'IPv4',
    endpoints: backends.map((pod) => ({
      addresses: [pod.status?.podIP ?? ''],
      conditions: { ready: isReady(pod), serving: isReady(pod), terminating: pod.metadata.deletionTimestamp !== undefined },
      nodeName: 'bankinfo',
      targetRef: targetRef(pod)
    })),
    ports: portsOf(service, backends[0])
  }
  await write(store, slice)
}

async function keepEndpoints ({ store, service, backends }: Backends): Promise<void> {
  const address = (pod: StoredPod) => ({ ip: pod.status?.podIP ?? '', nodeName: 'bankinfo', targetRef: targetRef(pod) })
  const ready = backends.filter(isReady).map(address)
  const notReady = backends.filter((pod) => !isReady(pod)).map(address)
  await write(store, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: service.metadata.name,
      ...namespaceOf(service),
      ...(service.metadata.labels === undefined ? {} : { labels: service.metadata.labels }),
      ownerReferences: [controllerReference(service)]
    },
    ...(backends.length === 0
      ? {}
      : {
          subsets: [{
            ...(ready.length === 0 ? {} : { addresses: ready }),
            ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
            ports: portsOf(service, backends[0])
          }]
        })
  })
}

interface Written {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: NewObjectMeta
  readonly [field: string]: unknown
}

async function write (store: Store, object: Written): Promise<void> {
  const key = object.apiVersion === 'v1' ? object.kind : `${object.kind}.${object.apiVersion.split('/')[0]}`
  const before = store.get(key, object.metadata.namespace, object.metadata.name)
  if (before === undefined) {
    await store.create(object, { volatile: true })
    return
  }
  const comparable = (value: Written) => canonical({ ...value, metadata: value.metadata.labels ?? {} })
  if (comparable(before) === comparable(object)) return
  await store.update({ ...object, metadata: { ...before.metadata, ...object.metadata } }, { volatile: true })
}

function portsOf (service: StoredService, pod: StoredPod | undefined) {
  return (service.spec.ports ?? []).map((port) => ({
    ...(port.name === undefined ? {} : { name: port.name }),
    port: containerPort(pod, port.targetPort ?? port.port) ?? port.port,
    protocol: port.protocol ?? 'TCP',
    ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol })
  }))
}

/** The number of a target port: itself, or that of the container port of this name. */
export function containerPort (pod: StoredPod | undefined, target: number | string): number | undefined {
  if (typeof target === 'number') return target
  return pod?.spec?.containers.flatMap(({ ports }) => ports ?? []).find(({ name }) => name === target)?.containerPort
}

function targetRef (pod: StoredPod) {
  return { kind: 'Pod', name: pod.metadata.name, ...namespaceOf(pod), uid: pod.metadata.uid }
}

function namespaceOf (object: StoredPod | StoredService): { namespace?: string } {
  return object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }
}
