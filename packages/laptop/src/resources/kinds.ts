import { ruleKinds, type RuleKind } from '@bankinfo/mesh/rule-kinds'
import { coreKinds } from './core-kinds.ts'

/** A kind that the API serves; its group is empty for the core group, its versions begin with the one that objects are stored in. */
export interface Kind extends Omit<RuleKind, 'namespaced' | 'carried'> {
  /** Under which the store keeps it, see `kindKey`. */
  readonly key: string
  readonly namespaced: boolean
  readonly subresources: readonly Subresource[]
  /** `rule`: Istio's, checked by the mesh; `core`: Kubernetes' own, which alone take strategic merge patches. */
  readonly origin: 'core' | 'rule'
  readonly verbs: readonly string[]
}

export type Subresource = 'status' | 'scale' | 'log' | 'exec' | 'portforward' | 'attach' | 'finalize'

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const readVerbs = ['get', 'list', 'watch']

/** Every kind that the API serves: Kubernetes' own first, as discovery lists them. */
export const kinds: readonly Kind[] = [
  ...coreKinds.map((kind): Kind => ({
    key: kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`,
    singular: kind.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    subresources: [],
    origin: 'core',
    ...kind,
    verbs: kind.readOnly === true ? readVerbs : allVerbs
  })),
  ...ruleKinds.map((kind): Kind => ({
    key: `${kind.kind}.${kind.group}`,
    group: kind.group,
    versions: kind.versions,
    kind: kind.kind,
    plural: kind.plural,
    singular: kind.singular,
    shortNames: kind.shortNames,
    categories: kind.categories,
    namespaced: kind.namespaced,
    subresources: ['status'],
    origin: 'rule',
    verbs: allVerbs
  }))
]

/** `deployments.apps`, as the API server names a resource in messages. */
export function resourceName (kind: Kind): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`
}

/** `networking.istio.io/v1`, or `v1` for the core group. */
export function apiVersionOf (kind: Kind, version: string = preferredVersion(kind)): string {
  return kind.group === '' ? version : `${kind.group}/${version}`
}

export function preferredVersion (kind: Kind): string {
  return kind.versions[0] ?? 'v1'
}

const byKind = new Map(kinds.map((kind) => [`${kind.group}/${kind.kind}`, kind]))
const byResource = new Map(kinds.map((kind) => [`${kind.group}/${kind.plural}`, kind]))

/** The kind of an object; undefined when the group, kind or version is not served. */
export function findKind (apiVersion: string, kind: string): Kind | undefined {
  const { group, version } = groupVersion(apiVersion)
  const found = byKind.get(`${group}/${kind}`)
  return found?.versions.includes(version) === true ? found : undefined
}

/** The kind behind a path such as `/apis/apps/v1/deployments`. */
export function findResource (apiVersion: string, plural: string): Kind | undefined {
  const { group, version } = groupVersion(apiVersion)
  const found = byResource.get(`${group}/${plural}`)
  return found?.versions.includes(version) === true ? found : undefined
}

/**
 * The kinds that somebody means by a word on a command line: plural, singular, kind, short name (`vs`), any of them with the
 * group (`virtualservices.networking.istio.io`, also cut short: `gateways.networking`), or a category (`all`, `istio-io`).
 */
export function kindsNamed (word: string): readonly Kind[] {
  const wanted = word.toLowerCase()
  const dot = wanted.indexOf('.')
  const name = dot === -1 ? wanted : wanted.slice(0, dot)
  const rest = dot === -1 ? undefined : wanted.slice(dot + 1)
  const named = kinds.find((kind) => [kind.plural, kind.singular, kind.kind.toLowerCase(), ...kind.shortNames].includes(name) &&
    (rest === undefined || groupMatches(kind, rest)))
  if (named !== undefined) return [named]
  return kinds.filter((kind) => kind.categories.includes(wanted))
}

/** `apps`, `v1.apps`, and a group cut short at a dot. */
function groupMatches (kind: Kind, text: string): boolean {
  const group = kind.versions.reduce((rest, version) => rest.startsWith(`${version}.`) ? rest.slice(version.length + 1) : rest, text)
  return kind.group === group || kind.group.startsWith(`${group}.`) || (kind.group === '' && kind.versions.includes(text))
}

/** Splits an apiVersion; the core group is the empty string. */
export function groupVersion (apiVersion: string): { readonly group: string, readonly version: string } {
  const slash = apiVersion.indexOf('/')
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1) }
}
