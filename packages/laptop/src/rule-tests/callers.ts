/** Who sends a test's request. */
import type { World, WorldCaller } from './world.ts'
import type { TestFile, TestRequest } from './schema.ts'

/** The caller of a test that names none: a pod with a sidecar, without labels. */
const anybody = 'client'

/** Callers that tests describe instead of naming one that the manifests have. */
export function describedCallers ({ tests, namespace = 'default' }: TestFile): readonly WorldCaller[] {
  return [
    { name: anybody, namespace, labels: {}, sidecar: true },
    ...tests.flatMap(({ request: { from } }, index) => typeof from === 'object'
      ? [{ name: callerName(index), namespace: from.namespace ?? namespace, labels: from.labels ?? {}, sidecar: from.sidecar ?? true }]
      : [])
  ]
}

function callerName (index: number): string {
  return `${anybody}-of-tests[${index}]`
}

/**
 * Id of the workload that sends the request of a test.
 * @returns undefined with the names that there are when nobody is called so
 */
export function findCaller (from: TestRequest['from'], { index, namespace, world: { state: { workloads, services }, owners } }: { readonly index: number, readonly namespace: string, readonly world: World }): { readonly id: string } | { readonly known: readonly string[] } {
  if (from === undefined) return { id: `${namespace}/${anybody}` }
  if (typeof from === 'object') return { id: `${from.namespace ?? namespace}/${callerName(index)}` }
  if (from === 'outside') return { id: 'outside' }
  const parts = from.split('/')
  const name = parts.at(-1) ?? ''
  const place = parts.length > 1 ? parts[0] : namespace
  const here = workloads.filter((workload) => workload.namespace === place)
  const service = services.find((one) => one.name === name && one.namespace === place)
  const found = here.find((workload) => workload.name === name) ?? here.find(({ id }) => owners.get(id) === name) ??
    here.find(({ labels, ready }) => ready && service?.selector !== undefined && Object.entries(service.selector).every(([key, value]) => labels[key] === value))
  if (found !== undefined) return { id: found.id }
  const known = new Set(workloads.filter(({ name: own }) => !own.startsWith(anybody)).map(({ id, namespace: own, name: pod }) => {
    const short = owners.get(id) ?? pod
    return own === namespace ? short : `${own}/${short}`
  }))
  return { known: [...known, 'outside'] }
}
