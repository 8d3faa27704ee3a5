import { kinds, type Kind, type Subresource } from '../../resources/kinds.ts'
import { reviewResources } from '../reviews.ts'

export interface GroupVersions {
  readonly group: string
  /** Preferred first. */
  readonly versions: readonly string[]
}

/** All groups in the order of the table of kinds, each with every version that one of its kinds has. */
export function groupVersions (): readonly GroupVersions[] {
  const groups = new Map<string, Set<string>>()
  for (const { group, versions } of [...kinds, ...reviewResources.map(({ group, version }) => ({ group, versions: [version] }))]) {
    const known = groups.get(group) ?? new Set<string>()
    for (const version of versions) known.add(version)
    groups.set(group, known)
  }
  return [...groups].map(([group, versions]) => ({ group, versions: [...versions].sort(byPriority) }))
}

/** Stable versions before beta before alpha, higher numbers first: the order of Kubernetes. */
function byPriority (a: string, b: string): number {
  const parse = (version: string): readonly [number, number, number] => {
    const [, major = '0', level, minor = '0'] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? []
    return [level === undefined ? 2 : level === 'beta' ? 1 : 0, Number(major), Number(minor)]
  }
  const [x, y] = [parse(a), parse(b)]
  return y[0] - x[0] || y[1] - x[1] || y[2] - x[2]
}

/** The kinds of a group in one version. */
export function kindsOf (group: string, version: string): readonly Kind[] {
  return kinds.filter((kind) => kind.group === group && kind.versions.includes(version))
}

/** Verbs and kinds of the subresources. */
export const subresourceKinds: Readonly<Record<Subresource, { readonly verbs: readonly string[], readonly kind?: string, readonly group?: string, readonly version?: string }>> = {
  status: { verbs: ['get', 'patch', 'update'] },
  scale: { verbs: ['get', 'patch', 'update'], kind: 'Scale', group: 'autoscaling', version: 'v1' },
  log: { verbs: ['get'] },
  exec: { verbs: ['create', 'get'], kind: 'PodExecOptions', group: '', version: 'v1' },
  attach: { verbs: ['create', 'get'], kind: 'PodAttachOptions', group: '', version: 'v1' },
  portforward: { verbs: ['create', 'get'], kind: 'PodPortForwardOptions', group: '', version: 'v1' },
  finalize: { verbs: ['update'] }
}

/** `/apis`, form without aggregation. */
export function legacyGroups (): readonly object[] {
  return groupVersions().filter(({ group }) => group !== '').map(({ group }) => apiGroup(group))
}

/** `/apis/GROUP`. */
export function groupDiscovery (group: string): object {
  return { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group) }
}

function apiGroup (name: string): object {
  const versions = (groupVersions().find(({ group }) => group === name)?.versions ?? [])
    .map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions, preferredVersion: versions[0] }
}

/** `/api/v1` and `/apis/GROUP/VERSION`. */
export function resourceList (group: string, version: string): object {
  const reviews = reviewResources.filter((review) => review.group === group && review.version === version)
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: [
      ...kindsOf(group, version).flatMap((kind) => [resource(kind), ...kind.subresources.map((name) => subresource(kind, name))]),
      ...reviews.map(({ plural, kind }) => ({ name: plural, singularName: kind.toLowerCase(), namespaced: false, kind, verbs: ['create'] }))
    ]
  }
}

function resource (kind: Kind): object {
  return {
    name: kind.plural,
    singularName: kind.singular,
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs: kind.verbs,
    ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
    ...(kind.categories.length > 0 && { categories: kind.categories })
  }
}

function subresource (kind: Kind, name: Subresource): object {
  const { verbs, kind: responseKind = kind.kind, ...served } = subresourceKinds[name]
  return { name: `${kind.plural}/${name}`, singularName: '', namespaced: kind.namespaced, ...served, kind: responseKind, verbs }
}
