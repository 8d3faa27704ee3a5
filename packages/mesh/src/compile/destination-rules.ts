/**
 * The DestinationRules that count for a host and a proxy: whose namespace is asked first, the narrowest host, which of several merge.
 * https://istio.io/latest/docs/reference/config/networking/destination-rule/#DestinationRule
 */
import { covers, fullName, selects } from './names.ts'
import type { MeshHost, Registry } from './registry.ts'
import type { DestinationRuleSpec, Rule } from './spec.ts'
import type { Labels } from '../model.ts'

type DestinationRule = Rule<DestinationRuleSpec>

export interface Asking {
  readonly namespace: string
  /** Of the caller; undefined for a server's own side, for which rules with a workloadSelector don't count. */
  readonly labels: Labels | undefined
}

/**
 * Oldest first; their subsets add up, and the first traffic policy counts. The caller's namespace is asked first, then the host's, then the
 * root namespace; a caller of the root namespace finds its own there only with rules that are for that namespace alone.
 */
export function destinationRulesFor (registry: Registry, asking: Asking, host: MeshHost): DestinationRule[] {
  const { rootNamespace } = registry.state.config
  const { namespace } = asking
  const own = namespace === rootNamespace ? isPrivate : isLocal
  const steps: ReadonlyArray<readonly [namespace: string, counts: (rule: DestinationRule) => boolean]> = [
    [namespace, own],
    [host.namespace, (rule) => isShown(rule, namespace)],
    [rootNamespace, (rule) => isShown(rule, namespace)]
  ]
  for (const [owner, counts] of steps) {
    const rules = narrowest(registry, owner, { host: host.hostname, counts })
    if (rules.length > 0) return choose(consolidate(rules), asking)
  }
  return []
}

function exportsOf ({ spec: { workloadSelector, exportTo = [] } }: DestinationRule): readonly string[] {
  return workloadSelector === undefined ? exportTo : ['.']
}

/** For its own namespace, whoever else may see it. */
function isLocal (rule: DestinationRule): boolean {
  const exports = exportsOf(rule)
  return exports.length === 0 || exports.some((target) => target === '*' || target === '.' || target === rule.namespace)
}

function isPrivate (rule: DestinationRule): boolean {
  const exports = exportsOf(rule)
  return exports.length === 1 && (exports[0] === '.' || exports[0] === rule.namespace)
}

/** To another namespace. */
function isShown (rule: DestinationRule, namespace: string): boolean {
  const exports = exportsOf(rule)
  return !isPrivate(rule) && (exports.length === 0 || exports.some((target) => target === '*' || target === namespace || (target === '.' && rule.namespace === namespace)))
}

/** Of a namespace's rules that count those with the narrowest host; those with a workloadSelector before the others. */
function narrowest (registry: Registry, namespace: string, { host, counts }: { host: string, counts: (rule: DestinationRule) => boolean }): DestinationRule[] {
  const matching = registry.destinationRules.flatMap((rule) => {
    if (rule.namespace !== namespace || !counts(rule)) return []
    const pattern = fullName(rule.spec.host, rule.namespace, registry.state.config.domain)
    return covers(pattern, host) ? [{ rule, width: specificity(pattern) }] : []
  })
  const most = matching.reduce((found, { width }) => Math.max(found, width), 0)
  const rules = matching.filter(({ width }) => width === most).map(({ rule }) => rule)
  return [...rules.filter(hasSelector), ...rules.filter((rule) => !hasSelector(rule))]
}

/** Exact names before wildcards, longer wildcards before shorter ones. */
export function specificity (pattern: string): number {
  return pattern.startsWith('*') ? pattern.length : Infinity
}

function hasSelector (rule: DestinationRule): boolean {
  return rule.spec.workloadSelector !== undefined
}

/** Rules that are one: shown to the same namespaces, and for the same workloads. A rule shown to more is part of those and stands alone too. */
function consolidate (rules: readonly DestinationRule[]): DestinationRule[][] {
  const groups: DestinationRule[][] = []
  for (const rule of rules) {
    let alone = true
    for (const group of groups) {
      const [first] = group
      if (first === undefined) continue
      const [theirs, ours] = [new Set(exportsOf(first)), new Set(exportsOf(rule))]
      const superset = [...theirs].every((target) => ours.has(target))
      const same = superset && theirs.size === ours.size
      if (same) alone = false
      else if (theirs.size > 0 && superset) alone = true
      else continue
      if (hasSelector(first) && hasSelector(rule) && !sameSelector(first, rule)) {
        alone = true
        continue
      }
      if (hasSelector(first) === hasSelector(rule)) alone = false
      group.push(rule)
    }
    if (alone) groups.push([rule])
  }
  return groups
}

function sameSelector (a: DestinationRule, b: DestinationRule): boolean {
  const labels = ({ spec }: DestinationRule): string => JSON.stringify(Object.entries(spec.workloadSelector?.matchLabels ?? {}).sort())
  return labels(a) === labels(b)
}

/** The first for this very workload, else the last for all. */
function choose (groups: readonly DestinationRule[][], { namespace, labels }: Asking): DestinationRule[] {
  const own = groups.find(([first]) => first !== undefined && hasSelector(first) && labels !== undefined && first.namespace === namespace && selects(first.spec.workloadSelector?.matchLabels, labels))
  return own ?? groups.findLast(([first]) => first !== undefined && !hasSelector(first)) ?? []
}
