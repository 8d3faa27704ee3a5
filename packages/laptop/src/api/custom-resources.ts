import { openApiSchema } from '@bankinfo/mesh/rules'
import { kinds, resourceName } from '../resources/kinds.ts'
import type { Store } from '../store/store.ts'

/** Puts the CustomResourceDefinitions of Istio's kinds into the store, so that `kubectl get crd` shows what an Istio brings along. */
export async function registerCustomResources (store: Store): Promise<void> {
  for (const kind of kinds) {
    const name = resourceName(kind)
    if (kind.origin !== 'rule' || store.get('CustomResourceDefinition.apiextensions.k8s.io', undefined, name) !== undefined) continue
    const openAPIV3Schema = openApiSchema(kind.kind) ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    const names = {
      kind: kind.kind,
      listKind: `${kind.kind}List`,
      plural: kind.plural,
      singular: kind.singular,
      ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
      categories: kind.categories
    }
    await store.create({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name, labels: { app: 'istio-pilot', istio: 'pilot' } },
      spec: {
        conversion: { strategy: 'None' },
        group: kind.group,
        names,
        scope: 'Namespaced',
        versions: kind.versions.map((version, index) => ({ name: version, served: true, storage: index === 0, schema: { openAPIV3Schema }, subresources: { status: {} } }))
      },
      status: {
        acceptedNames: names,
        conditions: ['NamesAccepted', 'Established'].map((type) => ({ type, status: 'True' })),
        storedVersions: kind.versions.slice(0, 1)
      }
    })
  }
}
