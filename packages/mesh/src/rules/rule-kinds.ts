/** A kind of Istio's API, as discovery, tables and manifests name it. */
export interface RuleKind {
  readonly group: string
  /** Newest first; the API server stores and prefers the first. */
  readonly versions: readonly string[]
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: true
  /** Whether the mesh obeys resources of this kind; the others are refused by name. */
  readonly carried: boolean
}

const networking = { group: 'networking.istio.io', categories: ['istio-io', 'networking-istio-io'], namespaced: true } as const
const security = { group: 'security.istio.io', categories: ['istio-io', 'security-istio-io'], namespaced: true, versions: ['v1', 'v1beta1'] } as const
const extensions = { group: 'extensions.istio.io', categories: ['istio-io', 'extensions-istio-io'], namespaced: true, versions: ['v1alpha1'] } as const
const allVersions = ['v1', 'v1beta1', 'v1alpha3'] as const

/** The kinds of current Istio (1.30, 1.31) in the order of its API reference. */
export const ruleKinds: readonly RuleKind[] = [
  { ...networking, versions: allVersions, kind: 'DestinationRule', plural: 'destinationrules', singular: 'destinationrule', shortNames: ['dr'], carried: true },
  { ...networking, versions: ['v1alpha3'], kind: 'EnvoyFilter', plural: 'envoyfilters', singular: 'envoyfilter', shortNames: [], carried: false },
  { ...networking, versions: allVersions, kind: 'Gateway', plural: 'gateways', singular: 'gateway', shortNames: ['gw'], carried: true },
  { ...networking, versions: ['v1beta1'], kind: 'ProxyConfig', plural: 'proxyconfigs', singular: 'proxyconfig', shortNames: [], carried: false },
  { ...networking, versions: allVersions, kind: 'ServiceEntry', plural: 'serviceentries', singular: 'serviceentry', shortNames: ['se'], carried: true },
  { ...networking, versions: allVersions, kind: 'Sidecar', plural: 'sidecars', singular: 'sidecar', shortNames: [], carried: true },
  { ...networking, versions: allVersions, kind: 'VirtualService', plural: 'virtualservices', singular: 'virtualservice', shortNames: ['vs'], carried: true },
  { ...networking, versions: allVersions, kind: 'WorkloadEntry', plural: 'workloadentries', singular: 'workloadentry', shortNames: ['we'], carried: false },
  { ...networking, versions: allVersions, kind: 'WorkloadGroup', plural: 'workloadgroups', singular: 'workloadgroup', shortNames: ['wg'], carried: false },
  { ...security, kind: 'AuthorizationPolicy', plural: 'authorizationpolicies', singular: 'authorizationpolicy', shortNames: ['ap'], carried: false },
  { ...security, kind: 'PeerAuthentication', plural: 'peerauthentications', singular: 'peerauthentication', shortNames: ['pa'], carried: false },
  { ...security, kind: 'RequestAuthentication', plural: 'requestauthentications', singular: 'requestauthentication', shortNames: ['ra'], carried: false },
  { group: 'telemetry.istio.io', categories: ['istio-io', 'telemetry-istio-io'], namespaced: true, versions: ['v1', 'v1alpha1'], kind: 'Telemetry', plural: 'telemetries', singular: 'telemetry', shortNames: ['telemetry'], carried: false },
  { ...extensions, kind: 'TrafficExtension', plural: 'trafficextensions', singular: 'trafficextension', shortNames: [], carried: false },
  { ...extensions, kind: 'WasmPlugin', plural: 'wasmplugins', singular: 'wasmplugin', shortNames: [], carried: false }
]

const byKind = new Map(ruleKinds.map(kind => [`${kind.group}/${kind.kind}`, kind]))

/** Finds the kind of a resource; undefined when it is none of Istio's or the version is not served. */
export function findRuleKind (resource: { readonly apiVersion: string, readonly kind: string }): RuleKind | undefined {
  const slash = resource.apiVersion.indexOf('/')
  const found = byKind.get(`${resource.apiVersion.slice(0, Math.max(slash, 0))}/${resource.kind}`)
  return found?.versions.includes(resource.apiVersion.slice(slash + 1)) === true ? found : undefined
}

/** Whether an apiVersion belongs to Istio, today's groups and the ones that are gone (`config.istio.io`, `rbac.istio.io`) alike. */
export function isIstioGroup (apiVersion: string): boolean {
  return /(?:^|\.)istio\.io\//.test(apiVersion)
}
