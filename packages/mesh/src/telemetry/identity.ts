/**
 * Who a proxy or the other end of a request is, in the words of Istio's metrics.
 * https://istio.io/latest/docs/reference/config/metrics/#labels
 */
import type { Registry } from '../compile/registry.ts'
import type { Workload } from '../model.ts'

/** What Istio's metrics say of what they do not know. */
export const unknown = 'unknown'

export interface Identity {
  /** Name of the Deployment, or of the pod where it has none. */
  readonly workload: string
  readonly namespace: string
  readonly app: string
  readonly version: string
  readonly canonicalService: string
  readonly canonicalRevision: string
  /** Name of the cluster that it runs in, as Istio names a single one. */
  readonly cluster: string
}

export const nobody: Identity = {
  workload: unknown, namespace: unknown, app: unknown, version: unknown, canonicalService: unknown, canonicalRevision: unknown, cluster: unknown
}

/**
 * https://istio.io/latest/docs/ops/deployment/application-requirements/#pod-requirements for the canonical names. A pod without a proxy
 * tells nothing of itself: what istiod knows of it has no `app` and no `version`.
 */
export function identityOf (workload: Workload | undefined): Identity {
  if (workload === undefined) return nobody
  const { labels, namespace, kind } = workload
  const name = deploymentOf(workload)
  const known = kind === 'plain' ? {} : labels
  return {
    workload: name,
    namespace,
    app: known.app ?? unknown,
    version: known.version ?? unknown,
    canonicalService: labels['service.istio.io/canonical-name'] ?? labels['app.kubernetes.io/name'] ?? labels.app ?? name,
    canonicalRevision: labels['service.istio.io/canonical-revision'] ?? labels['app.kubernetes.io/version'] ?? labels.version ?? 'latest',
    cluster: 'Kubernetes'
  }
}

/** A pod's name is `DEPLOYMENT-HASH-SUFFIX`; the hash stands in a label of its own. */
function deploymentOf ({ name, labels }: Workload): string {
  const hash = labels['pod-template-hash']
  const end = hash === undefined ? -1 : name.lastIndexOf(`-${hash}-`)
  return end > 0 ? name.slice(0, end) : name
}

/** A service that was called. */
export interface ServiceIdentity {
  /** Host, `reviews.default.svc.cluster.local`. */
  readonly host: string
  readonly name: string
  readonly namespace: string
}

export function serviceOf (registry: Registry, host: string): ServiceIdentity {
  const known = registry.hostsByName.get(host)?.[0]
  if (known === undefined) return { host, name: host.split('.')[0] ?? host, namespace: unknown }
  return { host, name: known.kubernetes ? host.slice(0, host.indexOf('.')) : host, namespace: known.namespace }
}
