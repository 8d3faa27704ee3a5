import type { Resource } from '../../model.ts'
import { findRuleKind } from '../rule-kinds.ts'
import { asFields, type Fields } from '../value.ts'
import { checkDestinationRule } from './destination-rule.ts'
import { checkGateway } from './gateway.ts'
import { checkServiceEntry } from './service-entry.ts'
import { checkSidecar } from './sidecar.ts'
import type { Verdict } from './verdict.ts'
import { checkVirtualService } from './virtual-service/virtual-service.ts'

/** What Istio's validation webhook says of a rule: why it is refused, if it is, and what it warns of. */
export interface RuleValidation {
  /** In Istio's words; several errors are one text, as Istio prints them. */
  readonly error?: string
  readonly warnings: readonly string[]
}

const checksByKind: Readonly<Record<string, (spec: Fields, metadata: { name: string, namespace: string, labels: Fields }) => Verdict>> = {
  DestinationRule: (spec, { namespace }) => checkDestinationRule(spec, namespace),
  Gateway: (spec, { name }) => checkGateway(spec, name),
  ServiceEntry: (spec, { namespace, labels }) => checkServiceEntry(spec, namespace, labels),
  Sidecar: (spec, { namespace }) => checkSidecar(spec, namespace),
  VirtualService: (spec, { namespace }) => checkVirtualService(spec, namespace)
}

/** Annotations that only Istio itself may write. */
const reservedAnnotations = ['internal.istio.io/parents', 'internal.istio.io/parent-namespace']

/**
 * Holds a rule against what Istio's webhook (`validation.istio.io`) checks beyond the schema. Reads a rule that breaks the schema
 * as far as it can, so that both can be reported. Kinds it does not know pass.
 */
export function validateRule (resource: Resource): RuleValidation {
  const { errorText, warnings } = checkRule(resource)
  return errorText === undefined ? { warnings } : { error: errorText, warnings }
}

/** The same with the errors one by one, as an analysis reports them. */
export function checkRule (resource: Resource): { errors: readonly string[], errorText: string | undefined, warnings: readonly string[] } {
  const check = findRuleKind(resource) === undefined ? undefined : checksByKind[resource.kind]
  if (check === undefined) return { errors: [], errorText: undefined, warnings: [] }
  const { name, namespace = 'default', annotations, labels } = resource.metadata
  const refused = checkAnnotations(asFields(annotations), `${namespace}/${name}`)
  if (refused !== undefined) return { errors: [refused], errorText: refused, warnings: [] }
  const { errors, text, warnings } = check(asFields(resource.spec), { name, namespace, labels: asFields(labels) })
  return { errors, errorText: text, warnings }
}

function checkAnnotations (annotations: Fields, id: string): string | undefined {
  if (Object.hasOwn(annotations, 'istio.io/dry-run')) return `${id} has unsupported annotation istio.io/dry-run, please remove the annotation`
  if (Object.hasOwn(annotations, 'internal.istio.io/webhook-always-reject')) return '"internal.istio.io/webhook-always-reject" annotation found, rejecting'
  const reserved = reservedAnnotations.find(annotation => Object.hasOwn(annotations, annotation))
  return reserved === undefined ? undefined : `${JSON.stringify(reserved)} annotation found, this may not be set by users`
}
