import type { StoredPod } from '../controllers/kinds.ts'
import type { RecordEvent } from '../controllers/events.ts'
import type { Store } from '../store/store.ts'
import type { Images } from '../containers/image.ts'

/** A pod's place in the cluster's network. */
export interface PodConnection {
  /** The pod's own forward proxy with its credentials; absent for a gateway, whose one container is istio-proxy. */
  readonly proxyUrl?: string
  /** The same for commands that run in container istio-proxy. */
  readonly sidecarProxyUrl?: string
  close(): Promise<void>
}

/** What pods need of the network. */
export interface PodNetwork {
  join(pod: StoredPod): Promise<PodConnection>
  /** Resolves when the proxies know all that the store holds now. */
  update(): Promise<void>
}

/** What all pods of the one node share. */
export interface NodeContext {
  readonly store: Store
  readonly record: RecordEvent
  readonly images: Images
  readonly network: PodNetwork
  /** Each pod has a folder of its own in it while it runs. */
  readonly runFolder: string
  readonly compileCache: string
  /** Folders with the programs of the lab, for the pods' PATH. */
  readonly tools: readonly string[]
  /** Environment variables of every container, unless its manifest sets them. */
  readonly variables?: Readonly<Record<string, string>>
  readonly onError: (error: unknown) => void
}
