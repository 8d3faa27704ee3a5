import type { Kind, Subresource } from '../../resources/kinds.ts'
import { reviewResources } from '../reviews.ts'
import { groupVersions, kindsOf, subresourceKinds } from './legacy.ts'

/**
 * All kinds in one answer.
 * @see https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery
 */
export function aggregatedDiscovery (root: '/api' | '/apis', version: 'v2' | 'v2beta1'): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groupVersions().filter(({ group }) => (group === '') === (root === '/api')).map(({ group, versions }) => ({
      metadata: { ...(group !== '' && { name: group }), creationTimestamp: null },
      versions: versions.map((one) => ({ version: one, resources: resources(group, one), freshness: 'Current' }))
    }))
  }
}

function resources (group: string, version: string): readonly object[] {
  const reviews = reviewResources.filter((review) => review.group === group && review.version === version)
  return [
    ...kindsOf(group, version).map((kind) => ({
      resource: kind.plural,
      responseKind: { group, version, kind: kind.kind },
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      singularResource: kind.singular,
      verbs: kind.verbs,
      ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
      ...(kind.categories.length > 0 && { categories: kind.categories }),
      ...(kind.subresources.length > 0 && { subresources: kind.subresources.map((name) => subresource(kind, version, name)) })
    })),
    ...reviews.map(({ plural, kind }) => ({
      resource: plural,
      responseKind: { group, version, kind },
      scope: 'Cluster',
      singularResource: kind.toLowerCase(),
      verbs: ['create']
    }))
  ]
}

function subresource (kind: Kind, kindVersion: string, name: Subresource): object {
  const { verbs, kind: responseKind = kind.kind, group = kind.group, version = kindVersion } = subresourceKinds[name]
  return { subresource: name, responseKind: { group, version, kind: responseKind }, verbs }
}
