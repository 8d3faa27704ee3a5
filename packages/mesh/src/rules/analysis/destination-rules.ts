import { asFields, asList, asNumber, asText, isSet } from '../value.ts'
import type { FieldPath, Finding } from '../problem.ts'
import { findingAt, fullHost, isSelected, type Documents, type Subject } from './documents.ts'
import type { Registry } from './registry.ts'

/** IST0128, IST0129: TLS to a server whose certificate nobody checks. */
export function findUncheckedServers (documents: Documents): Finding[] {
  return documents.of('DestinationRule').flatMap(rule => {
    const policy = asFields(rule.spec['trafficPolicy'])
    const host = asText(rule.spec['host'])
    const check = (tls: unknown, path: FieldPath, port: string | undefined): Finding[] => {
      const settings = asFields(tls)
      const mode = asText(settings['mode'])
      const trusted = asText(settings['caCertificates']) !== '' || (asText(settings['credentialName']) !== '' && isSet(rule.spec['workloadSelector']))
      if ((mode !== 'SIMPLE' && mode !== 'MUTUAL') || trusted) return []
      return [findingAt(rule, path, {
        code: port === undefined ? 'IST0128' : 'IST0129',
        level: 'Warning',
        message: `DestinationRule ${rule.id} in namespace ${rule.namespace} has TLS mode set to ${mode} but no caCertificates are set to validate server identity for host: ${host}${port === undefined ? '' : ` at port ${port}`}`,
        hint: 'Add "caCertificates:" (and "subjectAltNames:"), or the connection is encrypted to whoever answers.'
      })]
    }
    return [
      ...check(policy['tls'], ['spec', 'trafficPolicy', 'tls'], undefined),
      ...asList(policy['portLevelSettings']).map(asFields).flatMap((settings, index) =>
        check(settings['tls'], ['spec', 'trafficPolicy', 'portLevelSettings', index, 'tls'], `number:${asNumber(asFields(settings['port'])['number'])}`))
    ]
  })
}

/** IST0174: a rule for a host that nobody serves; IST0173: a subset that none of the host's pods belongs to. */
export function findUnusedSubsets (documents: Documents, registry: Registry, complete: boolean): Finding[] {
  return documents.of('DestinationRule').flatMap(rule => {
    const host = asText(rule.spec['host'])
    const entry = registry.find(host, rule)
    if (entry === undefined) {
      if (host.startsWith('*') || !registry.isJudged(fullHost(host, rule.namespace))) return []
      return [findingAt(rule, ['spec', 'host'], {
        code: 'IST0174',
        level: 'Warning',
        message: `The host ${host} defined in the DestinationRule does not match any services in the mesh.`,
        hint: `Check the name, or add the Service or a ServiceEntry for ${fullHost(host, rule.namespace)}; until then the rule does nothing.`
      })]
    }
    const { selector } = entry
    if (selector === undefined) return []
    const pods = documents.workloads.filter(({ subject, labels }) => subject.namespace === entry.namespace && isSelected(labels, selector))
    // Without any of the host's pods the documents show only half, and nothing can be said.
    if (pods.length === 0 && !complete) return []
    return findEmptySubsets(rule, pods.map(({ labels }) => labels))
  })
}

function findEmptySubsets (rule: Subject, pods: readonly ReturnType<typeof asFields>[]): Finding[] {
  return asList(rule.spec['subsets']).map(asFields).flatMap((subset, index): Finding[] => {
    if (pods.some(labels => isSelected(labels, asFields(subset['labels'])))) return []
    const name = asText(subset['name'])
    return [findingAt(rule, ['spec', 'subsets', index], {
      code: 'IST0173',
      level: 'Error',
      message: `The Subset ${name} defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).`,
      hint: 'Give the subset labels that the pods have, or deploy pods with these labels.'
    })]
  })
}
