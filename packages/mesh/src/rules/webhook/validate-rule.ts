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

const checksByKind: Readonly<Record<string, (spec: Fields, namespace: string, name: string) => Verdict>> = {
  DestinationRule: checkDestinationRule,
  Gateway: (spec, _, name) => checkGateway(spec, name),
  ServiceEntry: checkServiceEntry,
  Sidecar: checkSidecar,
  VirtualService: checkVirtualService
}

/** Annotations that only Istio itself may write. */
const reservedAnnotations = ['internal.istio.io/parents', 'internal.istio.io/parent-namespace']

/**
 * Holds a rule against what Istio's webhook (`validation.istio.io`) checks beyond the schema. Reads a rule that breaks the schema
 * as far as it can, so that both can be reported. Kinds it does not know pass.
 */
export function validateRule (resource: Resource): RuleValidation {
  const check = findRuleKind(resource) === undefined ? undefined : checksByKind[resource.kind]
  if (check === undefined) return { warnings: [] }
  const { name, namespace = 'default' } = resource.metadata
  const annotations = asFields(resource.metadata.annotations)
  if (Object.hasOwn(annotations, 'istio.io/dry-run')) return { error: `${namespace}/${name} has unsupported annotation istio.io/dry-run, please remove the annotation`, warnings: [] }
  if (Object.hasOwn(annotations, 'internal.istio.io/webhook-always-reject')) return { error: '"internal.istio.io/webhook-always-reject" annotation found, rejecting', warnings: [] }
  const reserved = reservedAnnotations.find(annotation => Object.hasOwn(annotations, annotation))
  if (reserved !== undefined) return { error: `${JSON.stringify(reserved)} annotation found, this may not be set by users`, warnings: [] }
  const { text, warnings } = check(asFields(resource.spec), namespace, name)
  return text === undefined ? { warnings } : { error: text, warnings }
}
