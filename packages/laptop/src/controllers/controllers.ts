import type { Store, StoreEvent } from '../store/store.ts'
import { deleteOrphans, finishNamespaces } from './garbage.ts'
import { reconcileDeployments } from './deployments.ts'
import type { RecordEvent } from './events.ts'
import { getKind, listKind } from './kinds.ts'
import { reconcileReplicaSets } from './replica-sets.ts'
import { reconcileEndpoints } from './services.ts'

export interface ControllersOptions {
  readonly store: Store
  readonly record: RecordEvent
  /** Told of what ought never to happen: a controller that failed. It is tried again at the next change. */
  readonly onError: (error: unknown) => void
}

export interface Controllers {
  /** Resolves when nothing is left to do for what the store holds now. */
  settled(): Promise<void>
  stop(): void
}

const watched = new Set(['Deployment.apps', 'ReplicaSet.apps', 'Pod', 'Service', 'Namespace'])
const minute = 60_000

/**
 * Kubernetes' controllers, in one loop: each change of a kind they look at has the whole small cluster looked at again, so that
 * what a controller missed is made good by the next change.
 */
export function startControllers ({ store, record, onError }: ControllersOptions): Controllers {
  const gone = new Set<string>()
  let dirty = true
  let running: Promise<void> | undefined
  const stopping = new AbortController()

  const changed = (event: StoreEvent): void => {
    if (event.type === 'DELETED') gone.add(event.object.metadata.uid)
    else if (!watched.has(event.kindKey)) return
    dirty = true
    running ??= run()
  }
  const run = async (): Promise<void> => {
    await new Promise(setImmediate)
    try {
      while (dirty && !stopping.signal.aborted) {
        dirty = false
        await pass()
      }
    } catch (error) {
      onError(error)
    } finally {
      running = undefined
    }
  }
  const pass = async (): Promise<void> => {
    const uids = new Set(gone)
    gone.clear()
    if (uids.size > 0) await deleteOrphans(store, uids)
    await finishNamespaces(store)
    await ensureServiceAccounts(store)
    await reconcileDeployments(store, record)
    await reconcileReplicaSets(store, record)
    await reconcileEndpoints(store)
  }

  const stopWatching = store.watch(changed)
  running = run()
  // Deadlines (progressDeadlineSeconds, minReadySeconds) pass without any change.
  const timer = setInterval(() => {
    dirty = true
    running ??= run()
  }, minute / 12)
  timer.unref()
  return {
    settled: async () => {
      await running
      if (dirty && !stopping.signal.aborted) await (running ??= run())
    },
    stop: () => {
      stopping.abort()
      stopWatching()
      clearInterval(timer)
    }
  }
}

async function ensureServiceAccounts (store: Store): Promise<void> {
  for (const namespace of listKind(store, 'Namespace')) {
    const key = { namespace: namespace.metadata.name, name: 'default' }
    if (namespace.metadata.deletionTimestamp !== undefined || getKind(store, 'ServiceAccount', key) !== undefined) continue
    await store.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: key })
  }
}
