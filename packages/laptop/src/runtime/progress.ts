import { listKind } from '../controllers/kinds.ts'
import type { Store } from '../store/store.ts'

/** Deployments that are not as they should be, each with the reason that its pods give. */
export function unavailable (store: Store): readonly { readonly name: string, readonly reason: string }[] {
  return listKind(store, 'Deployment.apps')
    .filter(({ spec, status }) => (status?.availableReplicas ?? 0) < (spec.replicas ?? 1))
    .map((deployment) => ({ name: deployment.metadata.name, reason: reasonOf(store, deployment.metadata.namespace, deployment.metadata.name) }))
}

function reasonOf (store: Store, namespace: string | undefined, deployment: string): string {
  const pods = listKind(store, 'Pod').filter(({ metadata }) => metadata.namespace === namespace && metadata.name.startsWith(`${deployment}-`))
  for (const { state, lastState } of pods.flatMap(({ status }) => status?.containerStatuses ?? [])) {
    if (state?.waiting?.message !== undefined) return `${state.waiting.reason}: ${state.waiting.message}`
    const ended = state?.terminated ?? lastState?.terminated
    if (ended !== undefined) return `its process ended with exit code ${ended.exitCode}`
  }
  return pods.length === 0 ? 'it has no pod yet' : 'it is not ready yet'
}

export interface WaitOptions {
  readonly store: Store
  readonly timeoutMs: number
  readonly onReady: (name: string, missing: number) => void
  readonly signal: AbortSignal
}

/** Waits until every Deployment has all its pods; those that have not by then. */
export async function waitForDeployments ({ store, timeoutMs, onReady, signal }: WaitOptions): Promise<ReturnType<typeof unavailable>> {
  const told = new Set<string>()
  return await new Promise((resolve) => {
    const look = (): void => {
      const missing = unavailable(store)
      const waiting = new Set(missing.map(({ name }) => name))
      for (const { metadata } of listKind(store, 'Deployment.apps')) {
        if (waiting.has(metadata.name) || told.has(metadata.name)) continue
        told.add(metadata.name)
        onReady(metadata.name, missing.length)
      }
      if (missing.length === 0) end()
    }
    const end = (): void => {
      clearTimeout(timer)
      stop()
      signal.removeEventListener('abort', end)
      resolve(unavailable(store))
    }
    const timer = setTimeout(end, timeoutMs)
    const stop = store.watch(({ kindKey }) => { if (kindKey === 'Deployment.apps') look() })
    signal.addEventListener('abort', end)
    look()
  })
}
