import { asTexts } from '../value.ts'
import type { Finding } from '../problem.ts'
import { hostsOverlap } from '../webhook/names.ts'
import { findingAt, fullHost, scopesOf, type Documents, type Subject } from './documents.ts'

/** IST0109: two VirtualServices of the mesh for one host. Each is reported once, for the first host it shares. */
export function findSharedHosts (documents: Documents): Finding[] {
  const rulesByHost = new Map<string, Subject[]>()
  for (const rule of documents.of('VirtualService')) {
    const gateways = asTexts(rule.spec['gateways'])
    if (gateways.length > 0 && !gateways.includes('mesh')) continue
    for (const scope of scopesOf(rule)) {
      for (const host of asTexts(rule.spec['hosts'])) {
        const key = `${scope}/${fullHost(host, rule.namespace)}`
        const same = rulesByHost.get(key)
        if (same === undefined) rulesByHost.set(key, [rule])
        else same.push(rule)
      }
    }
  }
  const forAll = [...rulesByHost].filter(([key]) => key.startsWith('*/'))
  const reported = new Set<string>()
  return [...rulesByHost].flatMap(([key, own]) => {
    const host = key.slice(key.indexOf('/') + 1)
    const rules = key.startsWith('*/') ? own : [...own, ...forAll.filter(([other]) => hostsOverlap(host, other.slice(2))).flatMap(([, others]) => others)]
    if (rules.length < 2) return []
    const names = rules.map(({ id }) => id).sort().join(',')
    return rules.filter(({ id }) => !reported.has(id)).flatMap(rule => {
      if (reported.has(rule.id)) return []
      reported.add(rule.id)
      return [findingAt(rule, ['metadata', 'name'], {
        code: 'IST0109',
        level: 'Error',
        message: `The VirtualServices ${names} associated with mesh gateway define the same host ${key} which can lead to undefined behavior. This can be fixed by merging the conflicting VirtualServices into a single resource.`,
        hint: 'In the mesh only the oldest of them counts, whole: put all routes of the host into one VirtualService; give step files for one host the same metadata.name, so that they replace each other.'
      })]
    })
  })
}
