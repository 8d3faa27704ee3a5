import { asFields, asList, asNumber, asText, isSet, type Fields } from '../../value.ts'
import type { FieldPath, Finding } from '../../problem.ts'
import { findingAt, isSelected, type Documents } from '../documents.ts'
import type { Registry } from '../registry.ts'

/** Per cent of the endpoints that may be ejected where a rule does not say. */
const defaultMaxEjectionPercent = 10

/** BI0011 */
export function findEmptyEntries (documents: Documents): Finding[] {
  return documents.of('ServiceEntry').flatMap((entry): Finding[] => {
    const { resolution, endpoints, workloadSelector } = entry.spec
    if (resolution !== 'STATIC' || asList(endpoints).length > 0 || isSet(workloadSelector)) return []
    return [findingAt(entry, ['spec', 'resolution'], {
      code: 'BI0011',
      level: 'Warning',
      message: 'A static ServiceEntry without endpoints has nobody to send to: requests get 503 "no healthy upstream".',
      hint: 'Add "endpoints:" with an address each, or write "resolution: DNS" to find the host by name.'
    })]
  })
}

/** BI0012: Envoy never ejects more than the percentage, and a part of an endpoint is none. */
export function findIdleOutlierDetection (documents: Documents, registry: Registry): Finding[] {
  return documents.of('DestinationRule').flatMap(rule => {
    const entry = registry.find(asText(rule.spec['host']), rule)
    const { selector } = entry ?? {}
    if (entry === undefined || selector === undefined) return []
    const pods = documents.workloads.filter(({ subject, labels }) => subject.namespace === entry.namespace && isSelected(labels, selector))
    const check = (policy: Fields, labels: Fields, path: FieldPath): Finding[] => {
      const detection = policy['outlierDetection']
      if (!isSet(detection)) return []
      const count = pods.filter(pod => isSelected(pod.labels, labels)).reduce((sum, { subject }) => sum + replicasOf(subject.spec), 0)
      const percent = isSet(asFields(detection)['maxEjectionPercent']) ? asNumber(asFields(detection)['maxEjectionPercent']) : defaultMaxEjectionPercent
      if (count === 0 || Math.floor(count * percent / 100) >= 1) return []
      return [findingAt(rule, [...path, 'outlierDetection'], {
        code: 'BI0012',
        level: 'Info',
        message: `Outlier detection ejects nobody: ${percent} % of ${count} ${count === 1 ? 'pod is' : 'pods is'} less than one.`,
        hint: `Add "maxEjectionPercent: ${Math.min(100, Math.ceil(100 / count))}" or more${isSet(asFields(detection)['maxEjectionPercent']) ? '' : '; without it 10 counts'}.`
      })]
    }
    return [
      ...check(asFields(rule.spec['trafficPolicy']), {}, ['spec', 'trafficPolicy']),
      ...asList(rule.spec['subsets']).map(asFields).flatMap((subset, index) => check(asFields(subset['trafficPolicy']), asFields(subset['labels']), ['spec', 'subsets', index, 'trafficPolicy']))
    ]
  })
}

function replicasOf (spec: Fields): number {
  return typeof spec['replicas'] === 'number' ? spec['replicas'] : 1
}
