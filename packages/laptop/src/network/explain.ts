import { formatExplanation, type Explanation, type ExplainRequest, type SocketAddress } from '@bankinfo/mesh'
import { listKind, selects, type StoredPod } from '../controllers/kinds.ts'
import { hasSidecar, isGateway } from '../pods/injection.ts'
import type { Store } from '../store/store.ts'
import { isOwn } from './external.ts'

export interface ExplainContext {
  readonly store: Store
  readonly mesh: { readonly explain: (request: ExplainRequest) => Explanation }
  /** The real addresses that the gateway listens on, by port of its Service. */
  readonly gatewayAddresses: () => ReadonlyMap<number, readonly SocketAddress[]>
}

/**
 * What becomes of a request, and why. The caller (`from`) is a pod, a Deployment or a Service as `NAME`, `KIND/NAME` or `NAMESPACE/NAME`, or
 * `outside` for a client of the gateway. A URL with an address that the gateway listens on here is a request from outside; without a
 * caller, a pod with a sidecar asks that is not itself among those asked.
 * @throws Error naming the callers there are, or what is wrong with the URL
 */
export function explainRequest (context: ExplainContext, query: ExplainRequest): { readonly explanation: Explanation, readonly text: string } {
  const explanation = context.mesh.explain(resolved(context, query))
  return { explanation, text: formatExplanation(explanation) }
}

function resolved ({ store, gatewayAddresses }: ExplainContext, query: ExplainRequest): ExplainRequest {
  const url = URL.canParse(query.url) ? new URL(query.url) : undefined
  const servicePort = url === undefined ? undefined : gatewayServicePort(url, gatewayAddresses())
  if (query.from === 'outside' || (query.from === undefined && servicePort !== undefined)) {
    return { ...throughGateway(query, { url, servicePort }), from: 'outside' }
  }
  const from = query.from === undefined ? anyCaller(store, url?.hostname ?? '') : callerNamed(store, query.from)
  return from === undefined ? query : { ...query, from }
}

/** The mesh knows the port of the gateway's Service alone; the Host header stays what the client dialled. */
function throughGateway (query: ExplainRequest, { url, servicePort }: { readonly url: URL | undefined, readonly servicePort: number | undefined }): ExplainRequest {
  if (url === undefined || servicePort === undefined) return query
  const moved = new URL(url)
  moved.port = String(servicePort)
  return { ...query, url: moved.href, headers: { host: url.host, ...query.headers } }
}

function gatewayServicePort (url: URL, addresses: ReadonlyMap<number, readonly SocketAddress[]>): number | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (host !== 'localhost' && !isOwn(host)) return undefined
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  for (const [servicePort, listening] of addresses) if (listening.some((address) => address.port === port)) return servicePort
  return undefined
}

function anyCaller (store: Store, host: string): string | undefined {
  const [name = '', namespace = 'default'] = host.split('.')
  const called = listKind(store, 'Service', { namespace }).find(({ metadata }) => metadata.name === name)
  const pods = listKind(store, 'Pod', { namespace: 'default' }).filter(hasSidecar)
  const others = pods.filter(({ metadata }) => !selects(called?.spec.selector, metadata.labels))
  return idOf(others[0] ?? pods[0])
}

function callerNamed (store: Store, from: string): string {
  const parts = from.split('/')
  const name = parts.at(-1) ?? ''
  const [kind] = parts.length === 2 && /^(?:po|pods?|deploy|deployments?|svc|services?)$/i.test(parts[0] ?? '') ? parts : []
  const namespace = parts.length === 2 && kind === undefined ? parts[0] ?? '' : 'default'
  const pods = listKind(store, 'Pod').filter(({ status }) => status?.podIP !== undefined)
  const here = pods.filter(({ metadata }) => metadata.namespace === namespace)
  const service = listKind(store, 'Service', { namespace }).find(({ metadata }) => metadata.name === name)
  const found = here.find(({ metadata }) => metadata.name === name) ??
    here.find(({ metadata }) => deploymentOf(store, metadata) === name) ??
    here.find(({ metadata }) => selects(service?.spec.selector, metadata.labels))
  const id = idOf(found)
  if (id !== undefined) return id
  const known = [...new Set(pods.filter((pod) => !isGateway(pod)).map(({ metadata }) => {
    const short = deploymentOf(store, metadata) ?? metadata.name
    return metadata.namespace === 'default' ? short : `${metadata.namespace}/${short}`
  }))]
  throw new Error(`no pod, deployment or service "${name}" in namespace ${namespace}; known are ${[...known, 'outside'].join(', ')}`)
}

/** Name of the Deployment that a pod belongs to, by way of its ReplicaSet. */
function deploymentOf (store: Store, { namespace, ownerReferences }: StoredPod['metadata']): string | undefined {
  const owner = ownerReferences?.find(({ controller }) => controller === true)
  if (owner?.kind !== 'ReplicaSet') return undefined
  const set = listKind(store, 'ReplicaSet.apps', { namespace: namespace ?? 'default' }).find(({ metadata }) => metadata.uid === owner.uid)
  return set?.metadata.ownerReferences?.find(({ kind }) => kind === 'Deployment')?.name
}

function idOf (pod: StoredPod | undefined): string | undefined {
  return pod === undefined ? undefined : `${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`
}
