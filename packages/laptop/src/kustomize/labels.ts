import type { Resource } from '@bankinfo/mesh'
import { fieldOf, isRecord, recordOf, type JsonRecord } from '../resources/json.ts'
import type { LabelRule } from './kustomization.ts'

/** Kinds whose pods are made from `spec.template`, and that select them by `spec.selector.matchLabels`. */
const workloads = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'])

/** The object with the labels of all rules, in metadata, templates and selectors as each rule says. */
export function addLabels (resource: Resource, rules: readonly LabelRule[]): Resource {
  return rules.reduce(addRule, resource)
}

function addRule (resource: Resource, { pairs, includeSelectors, includeTemplates }: LabelRule): Resource {
  let object = labelled(resource as unknown as JsonRecord, ['metadata', 'labels'], pairs)
  const isWorkload = workloads.has(resource.kind)
  if (isWorkload && (includeTemplates || includeSelectors)) object = labelled(object, ['spec', 'template', 'metadata', 'labels'], pairs)
  if (includeSelectors) {
    if (isWorkload && (resource.kind !== 'Job' || isRecord(fieldOf(object, 'spec', 'selector')))) object = labelled(object, ['spec', 'selector', 'matchLabels'], pairs)
    if (resource.kind === 'Service' && resource.apiVersion === 'v1' && isRecord(fieldOf(object, 'spec', 'selector'))) object = labelled(object, ['spec', 'selector'], pairs)
    if (resource.kind === 'PodDisruptionBudget') object = labelled(object, ['spec', 'selector', 'matchLabels'], pairs)
    if (resource.kind === 'NetworkPolicy') object = labelled(object, ['spec', 'podSelector', 'matchLabels'], pairs)
  }
  return object as unknown as Resource
}

function labelled (object: JsonRecord, [field = '', ...rest]: readonly string[], pairs: Readonly<Record<string, string>>): JsonRecord {
  const below = recordOf(object[field])
  return { ...object, [field]: rest.length === 0 ? { ...below, ...pairs } : labelled(below, rest, pairs) }
}
