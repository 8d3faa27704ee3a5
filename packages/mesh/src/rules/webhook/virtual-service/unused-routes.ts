import { asFields, asList, asNumber, asText, isSet, type Fields } from '../../value.ts'

/** A rule or a match that no request can reach, by the code that `istioctl analyze` gives it. */
export interface UnusedRoute {
  readonly code: 'IST0130' | 'IST0131'
  readonly message: string
  /** Index of the rule within its protocol's list, and of the match within the rule. */
  readonly rule: number
  readonly match?: number
}

/** Finds the rules of one protocol (`spec.http`, `spec.tls` or `spec.tcp`) that come after one that already takes their requests. */
export function findUnusedRoutes (routes: readonly unknown[]): UnusedRoute[] {
  const found: UnusedRoute[] = []
  const seen = new Map<string, number>()
  const prefixes: PrefixMatch[] = []
  let catchAll = false
  routes.map(asFields).forEach((route, rule) => {
    const name = nameOf(route, rule)
    const unreachable = (reason: string, match?: number): void => {
      found.push({ code: 'IST0130', message: `virtualService rule ${name} not used (${reason})`, rule, ...(match !== undefined && { match }) })
    }
    const matches = asList(route['match']).map(asFields)
    if (matches.length === 0) {
      if (catchAll) unreachable('only the last rule can have no matches')
      catchAll = true
      return
    }
    let duplicates = 0
    matches.forEach((match, index) => {
      if (catchAll) {
        unreachable('route without matches defined before', index)
        return
      }
      const { name: _, ...conditions } = match
      const key = canonical(conditions)
      const earlier = seen.get(key)
      if (earlier !== undefined) {
        found.push(ineffective(name, nameOf(match, index), nameOf(asFields(routes[earlier]), earlier), { rule, match: index }))
        duplicates++
        return
      }
      seen.set(key, rule)
      const prefix = asText(asFields(match['uri'])['prefix'])
      if (prefix !== '') prefixes.push({ prefix, match, rule, index, routeName: name, matchName: nameOf(match, index) })
    })
    if (duplicates === matches.length) unreachable('all matches used by prior rules')
  })
  return [...found, ...findCovered(prefixes)]
}

interface PrefixMatch {
  readonly prefix: string
  readonly match: Fields
  readonly rule: number
  readonly index: number
  readonly routeName: string
  readonly matchName: string
}

function findCovered (prefixes: readonly PrefixMatch[]): UnusedRoute[] {
  return prefixes.flatMap((earlier, position) => prefixes.slice(position + 1)
    .filter(later => later.prefix !== earlier.prefix && later.prefix.startsWith(earlier.prefix) && covers(earlier.match, later.match))
    .map(later => ineffective(later.routeName, `${later.matchName} of prefix ${later.prefix}`,
      `${earlier.matchName} of prefix ${earlier.prefix} on ${earlier.routeName}`, { rule: later.rule, match: later.index })))
}

/** Whether the conditions beside the URI of one match are no stricter than those of another. */
function covers (earlier: Fields, later: Fields): boolean {
  if (asNumber(earlier['port']) !== asNumber(later['port'])) return false
  // Without a method Istio assumes GET here.
  if (!narrows(conditionOf(earlier['method']) || 'exact:GET', conditionOf(later['method']) || 'exact:GET')) return false
  if (!narrows(conditionOf(earlier['authority']), conditionOf(later['authority']))) return false
  return ['headers', 'queryParams', 'withoutHeaders'].every(field => {
    const a = asFields(earlier[field])
    const b = asFields(later[field])
    const names = Object.keys(a)
    return names.length === Object.keys(b).length && names.every(name => Object.hasOwn(b, name) && narrows(conditionOf(a[name]), conditionOf(b[name])))
  })
}

function narrows (earlier: string, later: string): boolean {
  return earlier.startsWith(later)
}

function conditionOf (value: unknown): string {
  const { exact, prefix } = asFields(value)
  if (asText(exact) !== '') return `exact:${asText(exact)}`
  return asText(prefix) === '' ? '' : `prefix:${asText(prefix)}`
}

function ineffective (rule: string, match: string, other: string, place: { rule: number, match: number }): UnusedRoute {
  return { code: 'IST0131', message: `virtualService rule ${rule} match ${match} is not used (duplicate/overlapping match in rule ${other})`, ...place }
}

function nameOf (value: Fields, index: number): string {
  const name = asText(value['name'])
  return name === '' ? `#${index}` : JSON.stringify(name)
}

/** A text that is the same for equal values, whatever the order of their keys. */
function canonical (value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  return `{${Object.entries(value).filter(([, field]) => isSet(field)).sort(([a], [b]) => a < b ? -1 : 1).map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`
}
