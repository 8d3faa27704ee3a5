import type { Resource } from '../model.ts'
import { findRuleKind } from './rule-kinds.ts'
import type { SchemaError } from './schema/field-error.ts'
import { validateSchema } from './schema/validate.ts'
import { unsupportedFields, type UnsupportedField } from './unsupported.ts'
import { validateRule } from './webhook/validate-rule.ts'

/**
 * What becomes of an object that somebody wants to write. A refusal has what a Kubernetes `Status` needs: `code`, `reason`,
 * `message` and `details.causes` (`field` is the path, `reason` and `message` as they are).
 */
export type Admission = Admitted | Refused

export interface Admitted {
  readonly allowed: true
  /** For `Warning` headers, in the API server's and Istio's words. */
  readonly warnings: readonly string[]
}

export interface Refused {
  readonly allowed: false
  /** 400 for fields that are not known (`BadRequest`) and what the webhooks refuse (no reason), 422 (`Invalid`) for wrong values. */
  readonly code: 400 | 422
  readonly reason: 'BadRequest' | 'Invalid' | ''
  /** `message` of the `Status`, complete. */
  readonly message: string
  /** Fields that are wrong, each with a hint of ours. Empty for what a webhook says about the rule as a whole. */
  readonly causes: readonly SchemaError[]
  /** Fields that a cluster would obey and the mesh does not. */
  readonly unsupported: readonly UnsupportedField[]
  readonly warnings: readonly string[]
}

export interface AdmitOptions {
  /**
   * What to do with unknown fields, as the query parameter of a write says: refuse the object, or let it pass with a warning for
   * each, or without. The fields themselves are to be dropped then, see {@link withoutUnknownFields}.
   */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
}

/**
 * Decides whether a rule may be stored, in the order of a real API server with Istio: unknown fields, the schema, Istio's webhook;
 * last, what the mesh does not carry out. Objects of other kinds are none of its business and pass.
 */
export function admit (resource: Resource, options: AdmitOptions = {}): Admission {
  const kind = findRuleKind(resource)
  if (kind === undefined) return { allowed: true, warnings: [] }
  const errors = validateSchema(resource)
  const unknown = errors.filter(({ type }) => type === 'unknownField')
  const wrong = errors.filter(({ type }) => type !== 'unknownField')
  const { fieldValidation = 'Strict' } = options
  if (unknown.length > 0 && fieldValidation === 'Strict') {
    const version = resource.apiVersion.slice(kind.group.length + 1)
    const message = `${kind.kind} in version "${version}" cannot be handled as a ${kind.kind}: strict decoding error: ${unknown.map(error => error.message).join(', ')}`
    return refuse({ code: 400, reason: 'BadRequest', message, causes: unknown })
  }
  const unknownWarnings = fieldValidation === 'Warn' ? unknown.map(({ message }) => message) : []
  if (wrong.length > 0) {
    const list = wrong.map(({ path, message }) => `${path}: ${message}`)
    const message = `${kind.kind}.${kind.group} "${resource.metadata.name}" is invalid: ${list.length === 1 ? list[0] : `[${list.join(', ')}]`}`
    return refuse({ code: 422, reason: 'Invalid', message, causes: wrong, warnings: unknownWarnings })
  }
  const { error, warnings: ruleWarnings } = validateRule(resource)
  const warnings = [...unknownWarnings, ...ruleWarnings]
  if (error !== undefined) {
    return refuse({ code: 400, reason: '', message: `admission webhook "validation.istio.io" denied the request: configuration is invalid: ${error}`, warnings })
  }
  const unknownPaths = new Set(unknown.map(({ path }) => path))
  const unsupported = unsupportedFields(resource).filter(({ path }) => !unknownPaths.has(path))
  if (unsupported.length > 0) {
    const list = unsupported.map(({ message }) => message)
    const message = `admission webhook "laptop.bankinfo" denied the request: ${list.length === 1 ? list[0] : `${list.length} fields are not carried out:\n\t${list.map(text => `* ${text}`).join('\n\t')}`}`
    return refuse({ code: 400, reason: '', message, unsupported, warnings })
  }
  return { allowed: true, warnings }
}

function refuse (refusal: Pick<Refused, 'code' | 'reason' | 'message'> & Partial<Refused>): Refused {
  return { allowed: false, causes: [], unsupported: [], warnings: [], ...refusal }
}

/** A copy of an object without the fields that its kind does not have, as the API server stores it. */
export function withoutUnknownFields (resource: Resource): Resource {
  const unknown = validateSchema(resource).filter(({ type }) => type === 'unknownField')
  if (unknown.length === 0) return resource
  const copy = structuredClone(resource)
  for (const { steps } of unknown) {
    let at: unknown = copy
    for (const step of steps.slice(0, -1)) at = Object(at)[step]
    Reflect.deleteProperty(Object(at), String(steps.at(-1)))
  }
  return copy
}
