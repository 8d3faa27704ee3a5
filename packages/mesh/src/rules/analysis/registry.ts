import { asFields, asList, asNumber, asText, asTexts, type Fields } from '../value.ts'
import { fullHost, scopesOf, type Documents, type Subject } from './documents.ts'

/** A host that Services or ServiceEntries of the documents make known. */
export interface HostEntry {
  readonly ports: readonly number[]
  /** Labels of the pods behind it; undefined when it has none of its own. */
  readonly selector: Fields | undefined
  readonly namespace: string
}

export interface Registry {
  /** What serves a host, as a rule sees it; looks at wildcards last. */
  readonly find: (host: string, rule: Subject) => HostEntry | undefined
  /** Whether the documents show enough to say that a host does not exist. */
  readonly isJudged: (fullHost: string) => boolean
}

/**
 * Collects the hosts. Files seldom show all of a cluster: a host is only held to be missing when the documents have Services of its
 * namespace, or, with `complete`, always.
 */
export function collectHosts (documents: Documents, complete: boolean): Registry {
  const entries = new Map<string, HostEntry>()
  for (const entry of documents.of('ServiceEntry')) {
    const ports = asList(entry.spec['ports']).map(port => asNumber(asFields(port)['number']))
    const selector = entry.spec['workloadSelector'] === undefined ? undefined : asFields(asFields(entry.spec['workloadSelector'])['labels'])
    for (const scope of scopesOf(entry)) {
      for (const host of asTexts(entry.spec['hosts'])) entries.set(`${scope}/${fullHost(host, entry.namespace)}`, { ports, selector, namespace: entry.namespace })
    }
  }
  const namespaces = new Set<string>()
  for (const service of documents.of('Service')) {
    namespaces.add(service.namespace)
    const ports = asList(service.spec['ports']).map(port => asNumber(asFields(port)['port']))
    const selector = service.spec['selector'] === undefined ? undefined : asFields(service.spec['selector'])
    const annotation = asText(asFields(service.document.resource.metadata.annotations)['networking.istio.io/exportTo'])
    const scopes = annotation === '' ? ['*'] : annotation.split(',').map(scope => scope.trim() === '.' ? service.namespace : scope.trim())
    for (const scope of scopes) entries.set(`${scope}/${fullHost(service.name, service.namespace)}`, { ports, selector, namespace: service.namespace })
  }
  const wildcards = [...entries].filter(([key]) => key.includes('/*'))
  return {
    find: (host, rule) => {
      const full = fullHost(host, rule.namespace)
      const scopes = ['*', rule.namespace, ...scopesOf(rule)]
      const exact = scopes.map(scope => entries.get(`${scope}/${full}`)).find(entry => entry !== undefined)
      return exact ?? wildcards.find(([key]) => {
        const slash = key.indexOf('/')
        return scopes.slice(0, 2).includes(key.slice(0, slash)) && full.replace(/^\*/, '').endsWith(key.slice(slash + 2))
      })?.[1]
    },
    isJudged: full => {
      if (complete) return true
      const [, namespace] = /^[^.]+\.([^.]+)\.svc\.cluster\.local$/.exec(full) ?? []
      return namespace !== undefined && namespaces.has(namespace)
    }
  }
}
