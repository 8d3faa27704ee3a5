import type { Resource } from '../model.ts'
import { formatPath, type FieldPath } from './problem.ts'
import { findRuleKind } from './rule-kinds.ts'
import { carriedOut, carriedOutTexts, carriedOutValues } from './supported.ts'
import { isFields } from './value.ts'

/** A field of Istio's that a cluster obeys and the mesh does not. */
export interface UnsupportedField {
  /** `spec.http[0].fault`; `kind` when it is the kind as a whole. */
  readonly path: string
  readonly steps: FieldPath
  /** What is not carried out and what to do; names the path. */
  readonly message: string
}

/** The paths of a kind as a tree; a node without branches stands for all below it. */
interface Branch {
  readonly branches: Map<string, Branch>
  values?: readonly string[]
  /** What in a text is not carried out. */
  problem?: (text: string) => string | undefined
}

const trees = new Map(Object.entries(carriedOut).map(([kind, paths]) => [kind, grow(paths, carriedOutValues[kind] ?? {}, carriedOutTexts[kind] ?? {})]))

/**
 * Names what the mesh does not carry out of a rule: fields, values of fields, or the kind. Empty when it obeys all of it; also for
 * fields that Istio does not have, which are {@link validateSchema}'s to refuse.
 */
export function unsupportedFields (resource: Resource): UnsupportedField[] {
  const kind = findRuleKind(resource)
  if (kind === undefined) return []
  const tree = trees.get(kind.kind)
  if (!kind.carried || tree === undefined) {
    const known = [...trees.keys()].sort().join(', ')
    return [{ path: 'kind', steps: ['kind'], message: `kind: ${kind.kind} runs on a cluster, not on the laptop yet, which carries out ${known}; leave the object out here, or apply it to a cluster` }]
  }
  const found: UnsupportedField[] = []
  visit(resource.spec, tree, ['spec'], found)
  return found
}

function visit (value: unknown, tree: Branch, path: FieldPath, found: UnsupportedField[]): void {
  if (tree.values !== undefined && typeof value === 'string' && !tree.values.includes(value.toUpperCase())) {
    found.push(unsupported(path, `${formatPath(path)}: ${value} runs on a cluster, not on the laptop yet, which carries out ${tree.values.join(', ')}; use one of these, or apply the rule to a cluster`))
  }
  const problem = typeof value === 'string' ? tree.problem?.(value) : undefined
  if (problem !== undefined) found.push(unsupported(path, `${formatPath(path)}: ${problem} runs on a cluster, not on the laptop yet; leave it out here, or apply the rule to a cluster`))
  if (tree.branches.size === 0) return
  if (Array.isArray(value)) {
    const items = tree.branches.get('[]')
    if (items !== undefined) value.forEach((item: unknown, index) => { visit(item, items, [...path, index], found) })
  } else if (isFields(value)) {
    for (const [key, field] of Object.entries(value)) {
      const branch = tree.branches.get(key) ?? tree.branches.get('*')
      const at = [...path, key]
      if (branch !== undefined) visit(field, branch, at, found)
      else found.push(unsupported(at, `${formatPath(at)}: ${key} runs on a cluster, not on the laptop yet; remove it here, or apply the rule to a cluster`))
    }
  }
}

function unsupported (steps: FieldPath, message: string): UnsupportedField {
  return { path: formatPath(steps), steps, message }
}

function grow (paths: readonly string[], values: Readonly<Record<string, readonly string[]>>, texts: typeof carriedOutTexts[string]): Branch {
  const root: Branch = { branches: new Map() }
  const reach = (path: string): Branch => path.replaceAll('[]', '.[]').split('.').reduce((at, step) => {
    const next = at.branches.get(step) ?? { branches: new Map() }
    at.branches.set(step, next)
    return next
  }, root)
  for (const path of paths) reach(path)
  for (const [path, allowed] of Object.entries(values)) {
    const branch = reach(path)
    branch.values = allowed
    // The fields beside it are carried out as a whole.
    const parent = paths.find(whole => path.startsWith(`${whole}.`))
    if (parent !== undefined) reach(`${parent}.*`)
  }
  for (const [path, problem] of Object.entries(texts)) reach(path).problem = problem
  return root
}
