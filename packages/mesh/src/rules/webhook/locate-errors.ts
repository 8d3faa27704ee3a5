import type { Resource } from '../../model.ts'
import type { FieldPath } from '../problem.ts'
import { checkRule } from './validate-rule.ts'

/** An error of Istio's webhook, and the field it is about. */
export interface LocatedError {
  /** In Istio's words. */
  readonly message: string
  readonly steps: FieldPath
}

/** Errors beyond this number get the place of the rule: looking for one costs a few dozen checks. */
const mostLocated = 20

/** Lists up to this length are tried item by item, longer ones by halves. */
const shortList = 8

/**
 * Istio says what is wrong with a rule, not where. The place is found by experiment: the deepest field without which the
 * error is not said. Fields whose loss brings no other error go before those that hide this one by breaking something else.
 */
export function locateErrors (resource: Resource): LocatedError[] {
  const { errors } = checkRule(resource)
  const places = new Map<string, FieldPath>()
  for (const message of new Set(errors)) places.set(message, places.size < mostLocated ? narrow(resource, message) : ['spec'])
  return errors.map((message) => ({ message, steps: places.get(message) ?? ['spec'] }))
}

function narrow (resource: Resource, message: string): FieldPath {
  const before = checkRule(resource).errors
  const said = occurrences(before, message)
  const isFixed = (copy: unknown): 'clean' | 'hidden' | undefined => {
    const { errors } = checkRule(copy as Resource)
    if (occurrences(errors, message) >= said) return undefined
    return errors.every((error) => before.includes(error)) ? 'clean' : 'hidden'
  }
  const inAnnotations = resource.metadata.annotations !== undefined && isFixed(without(resource, ['metadata'], ['annotations'])) !== undefined
  let steps: FieldPath = inAnnotations ? ['metadata', 'annotations'] : ['spec']
  for (;;) {
    const next = blamed(valueAt(resource, steps), (keys) => isFixed(without(resource, steps, keys)))
    if (next === undefined) return steps
    steps = [...steps, next]
  }
}

/** The key of a list or mapping that makes the difference. */
function blamed (value: unknown, tryWithout: (keys: readonly (string | number)[]) => 'clean' | 'hidden' | undefined): string | number | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  let keys: readonly (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  while (keys.length > shortList && Array.isArray(value)) {
    const middle = keys.length >> 1
    const half = [keys.slice(0, middle), keys.slice(middle)].find((some) => tryWithout(some) !== undefined)
    if (half === undefined) return undefined
    keys = half
  }
  let hiding: string | number | undefined
  for (const key of keys) {
    const fixed = tryWithout([key])
    if (fixed === 'clean') return key
    if (fixed === 'hidden') hiding ??= key
  }
  return hiding
}

function occurrences (errors: readonly string[], message: string): number {
  return errors.filter((error) => error === message).length
}

function valueAt (value: unknown, steps: FieldPath): unknown {
  return steps.reduce<unknown>((at, step) => Reflect.get(Object(at), step), value)
}

/** A copy of a value without some keys of what stands at a path; what is not on the way there is shared. */
function without (value: unknown, [step, ...rest]: FieldPath, keys: readonly (string | number)[]): unknown {
  const gone = new Set(keys)
  if (step === undefined) {
    if (Array.isArray(value)) return value.filter((_, index) => !gone.has(index))
    return Object.fromEntries(Object.entries(Object(value)).filter(([key]) => !gone.has(key)))
  }
  const inner = without(Reflect.get(Object(value), step), rest, keys)
  return Array.isArray(value) ? value.with(Number(step), inner) : { ...Object(value), [step]: inner }
}
