/**
 * VirtualServices whose routes are told by others: a root's route takes in those of its delegate, so that matches are met on both and
 * the delegate's other fields count before the root's. https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate
 */
import { fullName, isExported } from '../names.ts'
import type { HttpMatchSpec, HttpRouteSpec, Rule, StringMatchSpec, VirtualServiceSpec } from '../spec.ts'

/** The rules that have hosts, with their delegates' routes in place. */
export function mergeDelegates (rules: ReadonlyArray<Rule<VirtualServiceSpec>>, domain: string): Array<Rule<VirtualServiceSpec>> {
  const delegates = new Map(rules.filter(({ spec }) => (spec.hosts ?? []).length === 0).map((rule) => [`${rule.namespace}/${rule.name}`, rule]))
  return rules
    .filter(({ spec }) => (spec.hosts ?? []).length > 0)
    .map((root) => {
      const { http } = root.spec
      if (http?.some(({ delegate }) => delegate !== undefined) !== true) return root
      const routes = http.flatMap((route, index) => {
        // Routes after it keep the number that they have in the file.
        const origin = `${root.label}, http[${index}]`
        if (route.delegate === undefined) return [{ ...route, origin }]
        const child = delegates.get(`${route.delegate.namespace ?? root.namespace}/${route.delegate.name ?? ''}`)
        // A delegate that is not there, or not shown to the root, leaves its root's route out.
        if (child === undefined || !isExported(child.spec.exportTo, child.namespace, root.namespace)) return []
        return (child.spec.http ?? []).flatMap((own, at) => merge(route, withFullNames(own, child.namespace, domain), `${child.label}, http[${at}], delegate of ${origin}`) ?? [])
      })
      return { ...root, spec: { ...root.spec, http: routes } }
    })
}

/** Names are the delegate's: they must not be completed by the root's namespace. */
function withFullNames (route: HttpRouteSpec, namespace: string, domain: string): HttpRouteSpec {
  const destination = <Destination extends { host: string }> (given: Destination): Destination => ({ ...given, host: fullName(given.host, namespace, domain) })
  return {
    ...route,
    ...(route.match === undefined
      ? {}
      : { match: route.match.map((block) => ({ ...block, ...(block.gateways === undefined ? {} : { gateways: block.gateways.map((name) => name === 'mesh' || name.includes('/') ? name : `${namespace}/${name}`) }) })) }),
    ...(route.route === undefined ? {} : { route: route.route.map((each) => ({ ...each, destination: destination(each.destination) })) }),
    ...(route.mirror === undefined ? {} : { mirror: destination(route.mirror) }),
    ...(route.mirrors === undefined ? {} : { mirrors: route.mirrors.map((each) => ({ ...each, destination: destination(each.destination) })) })
  }
}

const inherited = ['rewrite', 'directResponse', 'timeout', 'retries', 'fault', 'mirror', 'mirrorPercent', 'mirrorPercentage', 'mirrors', 'corsPolicy', 'headers'] as const

/** Undefined where no request could meet both. */
function merge (root: HttpRouteSpec, own: HttpRouteSpec, origin: string): HttpRouteSpec | undefined {
  const match = mergeMatches(root.match ?? [], own.match ?? [])
  if (match === undefined) return undefined
  const name = joinNames(root.name, own.name)
  const given = Object.fromEntries(inherited.flatMap((field) => own[field] === undefined && root[field] !== undefined ? [[field, root[field]]] : []))
  return { ...given, ...own, origin, ...(match.length === 0 ? {} : { match }), ...(name === undefined ? {} : { name }) }
}

/** Each block of the delegate with each block of the root that it can be met with. One that fits none drops the route. */
function mergeMatches (root: readonly HttpMatchSpec[], own: readonly HttpMatchSpec[]): HttpMatchSpec[] | undefined {
  if (root.length === 0) return [...own]
  if (own.length === 0) return [...root]
  const merged = own.map((block) => root.filter((outer) => !conflicts(outer, block)).map((outer) => mergeBlocks(outer, block)))
  return merged.some((blocks) => blocks.length === 0) ? undefined : merged.flat()
}

function mergeBlocks (outer: HttpMatchSpec, own: HttpMatchSpec): HttpMatchSpec {
  const name = joinNames(outer.name, own.name)
  const maps = Object.fromEntries((['headers', 'withoutHeaders', 'queryParams', 'sourceLabels'] as const)
    .flatMap((field) => outer[field] === undefined && own[field] === undefined ? [] : [[field, { ...outer[field], ...own[field] }]]))
  return { ...outer, ...own, ...maps, ...(name === undefined ? {} : { name }) }
}

function joinNames (outer: string | undefined, own: string | undefined): string | undefined {
  return outer === undefined || own === undefined ? own ?? outer : `${outer}-${own}`
}

function conflicts (outer: HttpMatchSpec, own: HttpMatchSpec): boolean {
  const differ = <Value> (a: Value | undefined, b: Value | undefined): boolean => a !== undefined && b !== undefined && a !== b
  const gateways = outer.gateways ?? []
  return (['uri', 'scheme', 'method', 'authority'] as const).some((field) => stringsConflict(outer[field], own[field])) ||
    (['headers', 'withoutHeaders', 'queryParams'] as const).some((field) => Object.entries(own[field] ?? {}).some(([name, match]) => stringsConflict(outer[field]?.[name], match))) ||
    (outer.ignoreUriCase ?? false) !== (own.ignoreUriCase ?? false) ||
    differ(outer.port, own.port) ||
    differ(outer.sourceNamespace, own.sourceNamespace) ||
    Object.entries(own.sourceLabels ?? {}).some(([name, value]) => differ(outer.sourceLabels?.[name], value)) ||
    (gateways.length > 0 && (own.gateways ?? []).some((name) => !gateways.includes(name)))
}

/** What the delegate asks for must lie within what the root asks for; regexes lie within nothing. */
function stringsConflict (outer: StringMatchSpec | undefined, own: StringMatchSpec | undefined): boolean {
  if (outer === undefined || own === undefined) return false
  const isSet = ({ exact, prefix, regex }: StringMatchSpec): boolean => (exact ?? prefix ?? regex ?? '') !== ''
  if ((outer.regex !== undefined && isSet(own)) || (own.regex !== undefined && isSet(outer))) return true
  if (outer.exact !== undefined) return own.exact !== outer.exact
  return outer.prefix !== undefined && isSet(own) && !(own.exact ?? own.prefix ?? '').startsWith(outer.prefix)
}
