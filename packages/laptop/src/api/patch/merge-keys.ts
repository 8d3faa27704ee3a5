/**
 * The field by which two items of a list are the same one, where Kubernetes merges lists (`x-kubernetes-patch-merge-key`).
 * An empty key: a set of plain values.
 */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  imagePullSecrets: 'name',
  secrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  ownerReferences: 'uid',
  conditions: 'type',
  addresses: 'type',
  taints: 'key',
  finalizers: ''
}

/** @param path field names from the top of the object to the list, without indices */
export function mergeKeyOf (path: readonly string[]): string | undefined {
  const field = path.at(-1) ?? ''
  // The ports of a container and those of a Service are told apart by different fields.
  if (field === 'ports') return path.includes('containers') || path.includes('initContainers') ? 'containerPort' : path[0] === 'spec' ? 'port' : undefined
  // Selectors and policies have lists of these names too, which are replaced as a whole.
  if (field === 'finalizers' || field === 'ownerReferences') return path[0] === 'metadata' ? mergeKeys[field] : undefined
  if (field === 'conditions' || field === 'addresses') return path[0] === 'status' ? mergeKeys[field] : undefined
  return mergeKeys[field]
}

/** Says by which field the items of a list are told apart; undefined where a list is one value. */
export type ListKeys = (path: readonly string[]) => string | undefined

/** The keys that hold for a kind: only Kubernetes' own lists have any. */
export function listKeysOf (apiVersion: string): ListKeys {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] ?? '' : ''
  return group === '' || !group.includes('.') || group.endsWith('.k8s.io') ? mergeKeyOf : () => undefined
}
