import { asFields, asList, asNumber, asText, asTexts } from '../value.ts'
import type { Finding } from '../problem.ts'
import { findingAt, scopesOf, type Documents, type Subject } from './documents.ts'

/** IST0134: a TCP port without addresses; IST0177: one host and port with two protocols. */
export function findServiceEntryFaults (documents: Documents): Finding[] {
  return [...documents.of('ServiceEntry').flatMap(findMissingAddresses), ...findProtocolConflicts(documents.of('ServiceEntry'))]
}

function findMissingAddresses (entry: Subject): Finding[] {
  const allocated = asList(asFields(asFields(entry.document.resource)['status'])['addresses'])
  if (entry.spec['addresses'] !== undefined || allocated.length > 0) return []
  return asList(entry.spec['ports']).flatMap((port, index): Finding[] => {
    const protocol = asText(asFields(port)['protocol']).toUpperCase()
    if (protocol !== '' && protocol !== 'TCP') return []
    return [findingAt(entry, ['spec', 'ports', index, 'name'], {
      code: 'IST0134',
      level: 'Warning',
      message: 'ServiceEntry addresses are required for this protocol.',
      hint: 'Plain TCP carries no host name, so every connection to the port matches: add "addresses:", or name the protocol (HTTP, TLS).'
    })]
  })
}

interface Claim {
  readonly entry: Subject
  readonly protocol: string
}

function findProtocolConflicts (entries: readonly Subject[]): Finding[] {
  const claims = new Map<string, { scope: string, host: string, port: number, claims: Claim[] }>()
  for (const entry of entries) {
    for (const scope of scopesOf(entry)) {
      for (const host of asTexts(entry.spec['hosts'])) {
        for (const value of asList(entry.spec['ports']).map(asFields)) {
          const port = asNumber(value['number'])
          const key = `${scope}/${host}/${port}`
          const claim = { entry, protocol: asText(value['protocol']).toUpperCase() }
          const same = claims.get(key)
          if (same === undefined) claims.set(key, { scope, host, port, claims: [claim] })
          else same.claims.push(claim)
        }
      }
    }
  }
  const reported = new Set<string>()
  return [...claims.values()].flatMap(({ scope, host, port, claims: own }) => {
    const all = scope === '*' ? own : [...own, ...claims.get(`*/${host}/${port}`)?.claims ?? []]
    const protocols = [...new Set(all.map(({ protocol }) => protocol))].sort()
    if (protocols.length < 2) return []
    const names = [...new Set(all.map(({ entry }) => entry.id))].sort().join(', ')
    return all.flatMap(({ entry }) => {
      if (reported.has(entry.id)) return []
      reported.add(entry.id)
      return [findingAt(entry, ['metadata', 'name'], {
        code: 'IST0177',
        level: 'Warning',
        message: `Multiple ServiceEntries (${names}) define the same host "${host}" and port ${port} with conflicting protocols (${protocols.join(', ')}).`,
        hint: 'Give the port one protocol, or put the entries together.'
      })]
    })
  })
}
