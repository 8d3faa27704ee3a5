import { join } from 'node:path'
import type { Resource } from '@bankinfo/mesh'
import { ApiFailure, type Client } from '../cli/client.ts'
import { buildKustomization } from '../kustomize/build.ts'
import { canonical } from '../controllers/names.ts'
import { findKind, type Kind } from '../resources/kinds.ts'

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** What the base holds: what `kubectl apply -k` takes from k8s/ and istio/. @throws KustomizeError naming file and line */
export async function readBase (root: string): Promise<readonly Resource[]> {
  const documents = [...await buildKustomization(join(root, 'k8s')), ...await buildKustomization(join(root, 'istio'))]
  return documents.map(({ resource }) => placed(resource))
}

function placed (resource: Resource): Resource {
  const kind = kindOf(resource)
  return kind.namespaced ? { ...resource, metadata: { namespace: 'default', ...resource.metadata } } : resource
}

/**
 * Applies the base through the API: labels the namespace first, so that every pod gets its sidecar, then brings each object to
 * the form it has in its file.
 * @throws ApiFailure with the API's own words for what it refuses
 */
export async function applyBase (client: Client, base: readonly Resource[]): Promise<void> {
  await client.request('PATCH', '/api/v1/namespaces/default', {
    body: { metadata: { labels: { 'istio-injection': 'enabled' } } }, contentType: 'application/merge-patch+json'
  })
  const namespaces = base.filter(({ kind }) => kind === 'Namespace')
  for (const resource of [...namespaces, ...base.filter(({ kind }) => kind !== 'Namespace')]) await put(client, resource)
}

async function put (client: Client, resource: Resource): Promise<void> {
  const path = collectionPath(resource)
  const options = { body: withLastApplied(resource), query: { fieldManager: 'kubectl-client-side-apply', fieldValidation: 'Strict' } }
  try {
    await client.request('POST', path, options)
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.code !== 409) throw error
    await client.request('PUT', `${path}/${resource.metadata.name}`, options)
  }
}

// Written as kubectl writes it, to the letter (sorted keys, Go's escapes): applying the same file later then changes nothing.
function withLastApplied (resource: Resource): object {
  const annotations = resource.metadata.annotations ?? {}
  const json = canonical({ ...resource, metadata: { ...resource.metadata, annotations } })
  const text = json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`) + '\n'
  return { ...resource, metadata: { ...resource.metadata, annotations: { ...annotations, [lastApplied]: text } } }
}

/** Path of the collection that an object belongs to: `/apis/apps/v1/namespaces/default/deployments`. */
export function collectionPath (object: { readonly apiVersion: string, readonly kind: string, readonly metadata: { readonly namespace?: string } }): string {
  const kind = kindOf(object)
  const root = kind.group === '' ? `/api/${object.apiVersion}` : `/apis/${object.apiVersion}`
  return kind.namespaced ? `${root}/namespaces/${object.metadata.namespace ?? 'default'}/${kind.plural}` : `${root}/${kind.plural}`
}

function kindOf ({ apiVersion, kind }: { readonly apiVersion: string, readonly kind: string }): Kind {
  const found = findKind(apiVersion, kind)
  if (found === undefined) throw new Error(`${apiVersion} ${kind} is not a kind of this cluster`)
  return found
}
