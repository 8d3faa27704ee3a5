import { arrayOf, fieldOf, isRecord, recordOf, textOf, type JsonRecord } from '../resources/json.ts'

/** Asks the API server for a path; undefined when there is nothing (404). @throws Error when it refuses or does not answer */
export type ReadPath = (path: string) => Promise<unknown>

/** What the checks look at. A list that the cluster does not serve, or that the user may not read, is empty. */
export interface ClusterFacts {
  readonly context: string
  readonly namespace: string
  /** `v1.36.3` */
  readonly version: string
  /** API groups with their versions, `networking.istio.io/v1`. */
  readonly groupVersions: ReadonlySet<string>
  /** undefined when the namespace does not exist. */
  readonly namespaceObject: JsonRecord | undefined
  readonly nodes: readonly JsonRecord[]
  readonly pods: readonly JsonRecord[]
  /** Of namespace `external`, outside the mesh. */
  readonly externalPods: readonly JsonRecord[]
  readonly deployments: readonly JsonRecord[]
  /** Of the namespace, and of `external`. */
  readonly autoscalers: readonly JsonRecord[]
  readonly services: readonly JsonRecord[]
  readonly events: readonly JsonRecord[]
  readonly gateways: readonly JsonRecord[]
  readonly virtualServices: readonly JsonRecord[]
  readonly destinationRules: readonly JsonRecord[]
  readonly hasSessionKey: boolean
  readonly system: {
    readonly deployments: readonly JsonRecord[]
    readonly services: readonly JsonRecord[]
    readonly pods: readonly JsonRecord[]
    readonly telemetries: readonly JsonRecord[]
    /** Istio's mesh configuration, YAML; undefined where it lies elsewhere, as with a managed mesh. */
    readonly meshConfig: string | undefined
  }
}

/** Reads all that the checks need, at once. @throws Error when the API server does not answer */
export async function readFacts ({ read, context, namespace }: { readonly read: ReadPath, readonly context: string, readonly namespace: string }): Promise<ClusterFacts> {
  const version = textOf(fieldOf(await read('/version'), 'gitVersion'))
  const list = async (path: string): Promise<readonly JsonRecord[]> =>
    arrayOf(fieldOf(await read(path).catch(() => undefined), 'items')).filter(isRecord)
  const own = `namespaces/${namespace}`
  const system = 'namespaces/istio-system'
  const rules = '/apis/networking.istio.io/v1'
  const [groups, namespaceObject, nodes, pods, externalPods, deployments, autoscalers, externalAutoscalers, services, events, gateways, virtualServices, destinationRules,
    sessionKey, systemDeployments, systemServices, systemPods, telemetries, meshConfigMap] = await Promise.all([
    read('/apis'),
    read(`/api/v1/${own}`).catch(() => undefined),
    list('/api/v1/nodes'),
    list(`/api/v1/${own}/pods`),
    list('/api/v1/namespaces/external/pods'),
    list(`/apis/apps/v1/${own}/deployments`),
    list(`/apis/autoscaling/v2/${own}/horizontalpodautoscalers`),
    list('/apis/autoscaling/v2/namespaces/external/horizontalpodautoscalers'),
    list(`/api/v1/${own}/services`),
    list(`/api/v1/${own}/events`),
    list(`${rules}/${own}/gateways`),
    list(`${rules}/${own}/virtualservices`),
    list(`${rules}/${own}/destinationrules`),
    read(`/api/v1/${own}/secrets/productpage-session`).catch(() => undefined),
    list(`/apis/apps/v1/${system}/deployments`),
    list(`/api/v1/${system}/services`),
    list(`/api/v1/${system}/pods`),
    list(`/apis/telemetry.istio.io/v1/${system}/telemetries`),
    read(`/api/v1/${system}/configmaps/istio`).catch(() => undefined)
  ])
  const meshConfig = fieldOf(meshConfigMap, 'data', 'mesh')
  return {
    context,
    namespace,
    version,
    groupVersions: new Set(arrayOf(fieldOf(groups, 'groups')).flatMap((group) => arrayOf(recordOf(group).versions).map((one) => textOf(recordOf(one).groupVersion)))),
    namespaceObject: isRecord(namespaceObject) ? namespaceObject : undefined,
    nodes,
    pods,
    externalPods,
    deployments,
    autoscalers: [...autoscalers, ...externalAutoscalers],
    services,
    events,
    gateways,
    virtualServices,
    destinationRules,
    hasSessionKey: sessionKey !== undefined,
    system: { deployments: systemDeployments, services: systemServices, pods: systemPods, telemetries, meshConfig: typeof meshConfig === 'string' ? meshConfig : undefined }
  }
}

/** The object's name. */
export function nameOf (object: unknown): string {
  return textOf(fieldOf(object, 'metadata', 'name'))
}

export function labelsOf (object: unknown): JsonRecord {
  return recordOf(fieldOf(object, 'metadata', 'labels'))
}
