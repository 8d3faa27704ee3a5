import type { ParsedDocument } from '@bankinfo/mesh/rules'

/** kustomize's order: what others need comes first, what stands in the way of others last. */
const first = [
  'Namespace', 'ResourceQuota', 'StorageClass', 'CustomResourceDefinition', 'ServiceAccount', 'PodSecurityPolicy', 'Role', 'ClusterRole',
  'RoleBinding', 'ClusterRoleBinding', 'ConfigMap', 'Secret', 'Endpoints', 'Service', 'LimitRange', 'PriorityClass', 'PersistentVolume',
  'PersistentVolumeClaim', 'Deployment', 'StatefulSet', 'CronJob', 'PodDisruptionBudget'
]
const last = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

/** The objects in the order in which `kubectl apply -k` applies them. */
export function inOrder (documents: readonly ParsedDocument[]): readonly ParsedDocument[] {
  return documents.toSorted((a, b) => rank(a) - rank(b) || compare(kindOf(a), kindOf(b)) || compare(idOf(a), idOf(b)))
}

function rank ({ resource: { kind } }: ParsedDocument): number {
  if (first.includes(kind)) return first.indexOf(kind) - first.length
  return last.includes(kind) ? 1 + last.indexOf(kind) : 0
}

function kindOf ({ resource: { apiVersion, kind } }: ParsedDocument): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['~G', apiVersion]
  return `${group ?? ''}_${version ?? ''}_${kind}`
}

/** An object without a namespace sorts behind those that have one. */
function idOf ({ resource: { metadata } }: ParsedDocument): string {
  return `${metadata.namespace ?? '~X'}|${metadata.name}`
}

function compare (a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
