import { asFields, asList, asText, isSet, type Fields } from '../value.ts'
import { checkExportTo, checkLabelSet, checkSubsetName, checkWildcardDomain, quote } from './names.ts'
import { checkTrafficPolicy } from './traffic-policy.ts'
import { Verdict } from './verdict.ts'

/** `spec` of a DestinationRule, in the order of Istio's own checks. */
export function checkDestinationRule (spec: Fields, namespace: string): Verdict {
  const verdict = new Verdict()
  const wrong = checkWildcardDomain(asText(spec['host']))
  if (wrong !== undefined) verdict.error(wrong)
  verdict.add(checkTrafficPolicy(spec['trafficPolicy']))
  const names = new Set<string>()
  for (const subset of asList(spec['subsets']).map(asFields)) {
    const name = asText(subset['name'])
    if (names.has(name)) verdict.error(`duplicate subset names: ${name}`)
    names.add(name)
    checkSubsetName(name, verdict)
    checkLabelSet(subset['labels'], verdict)
    verdict.addErrors(checkTrafficPolicy(subset['trafficPolicy']))
  }
  const selector = spec['workloadSelector']
  checkExportTo(spec['exportTo'], namespace, verdict, isSet(selector) ? 'ruleWithSelector' : 'rule')
  if (isSet(selector)) checkSelector(asFields(asFields(selector)['matchLabels']), verdict)
  return verdict
}

function checkSelector (labels: Fields, verdict: Verdict): void {
  for (const [name, value] of Object.entries(labels)) {
    if (name === '') verdict.error(`empty key is not supported in selector: ${quote(`${name}=${String(value)}`)}`)
    if (name.includes('*') || String(value).includes('*')) verdict.error(`wildcard is not supported in selector: ${quote(`${name}=${String(value)}`)}`)
  }
  if (Object.keys(labels).length === 0) verdict.warn('workload selector specified without labels')
}
