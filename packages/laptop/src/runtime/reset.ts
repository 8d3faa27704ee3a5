import type { Resource } from '@bankinfo/mesh'
import type { StoredDeployment } from '../controllers/kinds.ts'
import { apiVersionOf, kinds, type Kind } from '../resources/kinds.ts'
import { ApiFailure, type Client } from '../cli/client.ts'
import { applyBase, collectionPath } from './base.ts'
import { systemLabel } from './system-objects.ts'

interface Listed {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly unknown[]
  }
}

/** What the cluster makes by itself: it follows from the rest, or tells what happened. */
const made = new Set(['Pod', 'ReplicaSet.apps', 'Endpoints', 'EndpointSlice.discovery.k8s.io', 'Event', 'Node'])

/**
 * Brings the base back: whatever is not part of it, or of the cluster itself, is deleted, and each object of the base is given
 * the form of its file again.
 * @returns what was deleted, as `kind/name`
 * @throws ApiFailure with the API's own words
 */
export async function reset (client: Client, base: readonly Resource[]): Promise<readonly string[]> {
  const wanted = new Set(base.map((resource) => keyOf(resource)))
  const deleted: string[] = []
  const found = (await Promise.all(kinds.filter(isUsers).map(async (kind) => await listAll(client, kind)))).flat()
  const namespaces = new Set(found.filter((object) => object.kind === 'Namespace' && !isKept(object, wanted)).map(({ metadata }) => metadata.name))
  for (const object of found) {
    // What lies in a namespace that goes, goes with it.
    if (isKept(object, wanted) || namespaces.has(object.metadata.namespace ?? '')) continue
    await exists(client, 'DELETE', `${collectionPath(object)}/${object.metadata.name}`)
    deleted.push(`${object.kind.toLowerCase()}/${object.metadata.name}`)
  }
  for (const name of namespaces) await untilGone(client, `/api/v1/namespaces/${name}`)
  await applyBase(client, base)
  await untilAvailable(client, base.filter(({ kind }) => kind === 'Deployment'))
  return deleted
}

function isUsers (kind: Kind): boolean {
  return !made.has(kind.key) && kind.verbs.includes('delete')
}

function isKept (object: Listed, wanted: ReadonlySet<string>): boolean {
  const { name, labels, ownerReferences } = object.metadata
  return wanted.has(keyOf(object)) || labels?.[systemLabel] !== undefined || (ownerReferences?.length ?? 0) > 0 ||
    (object.kind === 'ServiceAccount' && name === 'default')
}

function keyOf ({ apiVersion, kind, metadata }: { readonly apiVersion: string, readonly kind: string, readonly metadata: { readonly name: string, readonly namespace?: string } }): string {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : ''
  return `${group}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`
}

async function listAll (client: Client, kind: Kind): Promise<readonly Listed[]> {
  const apiVersion = apiVersionOf(kind)
  const { items } = await client.request('GET', `/${kind.group === '' ? 'api' : 'apis'}/${apiVersion}/${kind.plural}`)
  const objects = Array.isArray(items) ? items as Omit<Listed, 'apiVersion' | 'kind'>[] : []
  // Items of a list do not repeat what kind they are.
  return objects.map((item) => ({ ...item, apiVersion, kind: kind.kind }))
}

/** @throws Error naming what has not come up */
async function untilAvailable (client: Client, deployments: readonly Resource[]): Promise<void> {
  const deadline = Date.now() + 60_000
  for (const deployment of deployments) {
    const path = `${collectionPath(deployment)}/${deployment.metadata.name}`
    while (!isAvailable(await client.request('GET', path))) {
      if (Date.now() > deadline) throw new Error(`the base is back, but ${deployment.metadata.name} has not come up within 60 s; "pnpm bankinfo get pods -A" says more`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

function isAvailable (deployment: { readonly [field: string]: unknown }): boolean {
  const { metadata, spec, status } = deployment as unknown as StoredDeployment
  const wanted = spec.replicas ?? 1
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1) && status?.replicas === wanted &&
    status.updatedReplicas === wanted && status.availableReplicas === wanted
}

async function untilGone (client: Client, path: string): Promise<void> {
  const deadline = Date.now() + 30_000
  while (await exists(client, 'GET', path)) {
    if (Date.now() > deadline) throw new Error(`${path} is still there after 30 s`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Sends a request about one object; false when it is not there (any more). */
async function exists (client: Client, method: string, path: string): Promise<boolean> {
  try {
    await client.request(method, path)
    return true
  } catch (error) {
    if (error instanceof ApiFailure && error.code === 404) return false
    throw error
  }
}
