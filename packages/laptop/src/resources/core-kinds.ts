import type { Kind } from './kinds.ts'

type CoreKind = Pick<Kind, 'group' | 'versions' | 'kind' | 'plural' | 'namespaced'> &
  Partial<Pick<Kind, 'shortNames' | 'categories' | 'subresources' | 'singular'>> & { readonly readOnly?: true }

const core = { group: '', versions: ['v1'], namespaced: true } as const
const apps = { group: 'apps', versions: ['v1'], namespaced: true, categories: ['all'], subresources: ['status', 'scale'] } as const

/** Kubernetes' own kinds that the laptop knows. Short names and categories are those of `kubectl api-resources`. */
export const coreKinds: readonly CoreKind[] = [
  { ...core, kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] },
  { ...core, kind: 'Endpoints', plural: 'endpoints', singular: 'endpoints', shortNames: ['ep'] },
  { ...core, kind: 'Event', plural: 'events', shortNames: ['ev'] },
  { ...core, kind: 'Namespace', plural: 'namespaces', namespaced: false, shortNames: ['ns'], subresources: ['status', 'finalize'] },
  { ...core, kind: 'Node', plural: 'nodes', namespaced: false, shortNames: ['no'], subresources: ['status'] },
  {
    ...core,
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    subresources: ['status', 'log', 'exec', 'portforward', 'attach']
  },
  { ...core, kind: 'Secret', plural: 'secrets' },
  { ...core, kind: 'Service', plural: 'services', shortNames: ['svc'], categories: ['all'], subresources: ['status'] },
  { ...core, kind: 'ServiceAccount', plural: 'serviceaccounts', shortNames: ['sa'] },
  {
    group: 'apiextensions.k8s.io',
    versions: ['v1'],
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    readOnly: true
  },
  { ...apps, kind: 'Deployment', plural: 'deployments', shortNames: ['deploy'] },
  { ...apps, kind: 'ReplicaSet', plural: 'replicasets', shortNames: ['rs'] },
  {
    group: 'autoscaling',
    versions: ['v2'],
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    namespaced: true,
    shortNames: ['hpa'],
    categories: ['all'],
    subresources: ['status']
  },
  { group: 'discovery.k8s.io', versions: ['v1'], kind: 'EndpointSlice', plural: 'endpointslices', namespaced: true },
  { group: 'networking.k8s.io', versions: ['v1'], kind: 'NetworkPolicy', plural: 'networkpolicies', namespaced: true, shortNames: ['netpol'] },
  {
    group: 'policy',
    versions: ['v1'],
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    namespaced: true,
    shortNames: ['pdb'],
    subresources: ['status']
  }
]
