import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { SocketAddress } from '@bankinfo/mesh'
import type { NodeAgent } from '../api/node-agent.ts'
import { startControllers, type Controllers } from '../controllers/controllers.ts'
import { createEventRecorder } from '../controllers/events.ts'
import { listKind, writeStatus } from '../controllers/kinds.ts'
import { findImages } from '../containers/image.ts'
import { endCommands } from '../containers/exec.ts'
import { createClusterNetwork, type ClusterNetwork } from '../network/cluster-network.ts'
import type { PortOverrides } from '../network/gateway-ports.ts'
import { startKubelet, type Kubelet } from '../pods/kubelet.ts'
import { createNodeAgent } from '../pods/node-agent.ts'
import { openStore, type Store } from '../store/store.ts'
import { keepSessionKey } from './session-key.ts'
import { writeSystemObjects } from './system-objects.ts'

export interface ClusterOptions {
  /** Root of the workspace: its `services/` are the images. */
  readonly root: string
  /** The state folder, `.bankinfo`. */
  readonly directory: string
  readonly overrides: PortOverrides
  /** Base address of an OTLP/HTTP collector that the spans of proxies and services go to. */
  readonly collector?: string | undefined
  /** Lines for the user. */
  readonly say: (line: string) => void
  readonly onPods: (pids: readonly number[]) => void
}

export interface Cluster {
  readonly store: Store
  readonly network: ClusterNetwork
  readonly node: NodeAgent
  /** Starts pods: not before what they run is compiled. */
  startPods(): void
  /** Starts the containers anew that run from these package folders; the ids of their pods. */
  restart(directories: ReadonlySet<string>): readonly string[]
  /** Ends pods, proxies and the store, within this time in milliseconds and a little. */
  stop(graceMs: number): Promise<void>
}

/** Everything of a cluster but its API: the store, the controllers, the pods and the network. */
export async function createCluster (options: ClusterOptions): Promise<Cluster> {
  const { say, collector } = options
  // Loaded only where it is wanted: it is heavy.
  const spans = collector === undefined ? undefined : (await import('../telemetry/span-export.ts')).createSpanExport(collector)
  if (collector !== undefined) say(`spans go to ${collector}`)
  const store = await openStore({ directory: join(options.directory, 'store') })
  const record = createEventRecorder(store)
  const images = await findImages(options.root)
  let stopping = false
  const onError = (error: unknown): void => {
    // What is under way when the cluster stops finds its store or proxy closed.
    if (!stopping) say(`error: ${error instanceof Error ? error.stack ?? error.message : String(error)}`)
  }
  let kubelet: Kubelet | undefined
  let controllers: Controllers | undefined
  const network = createClusterNetwork({
    store,
    overrides: options.overrides,
    onSpans: spans?.send,
    portsOf: (id) => kubelet?.pod(id)?.ports() ?? new Map<number, SocketAddress>(),
    onAccess: (id, line) => kubelet?.pod(id)?.logAccess(line),
    onBindError: (error, { pod, servicePort, address }) => {
      const message = `the gateway cannot listen on ${address.host}:${address.port} for port ${servicePort}: ${error.message}`
      record(pod, { type: 'Warning', reason: 'FailedBind', component: 'kubelet', message })
      say(message)
    },
    onError
  })
  await writeSystemObjects(store, options.overrides)
  await keepSessionKey(store)
  await forgetStatus(store)
  const node = lateNodeAgent(() => kubelet === undefined ? undefined : createNodeAgent({ store, kubelet, gatewayAddresses: network.gatewayAddresses }))

  let noted = ''
  const notePods = (): void => {
    const pids = kubelet?.pids() ?? []
    if (stopping || noted === pids.join()) return
    noted = pids.join()
    options.onPods(pids)
  }
  const stopNoting = store.watch(({ kindKey }) => { if (kindKey === 'Pod') notePods() })
  return {
    store,
    network,
    node,
    startPods: () => {
      kubelet ??= startKubelet({
        store, record, images, network, onError, variables: collector === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: collector }, runFolder: join(options.directory, 'run'), compileCache: join(options.directory, 'compile-cache'), tools: [join(options.root, 'services', 'labtools', 'bin')].filter((folder) => existsSync(folder))
      })
      controllers ??= startControllers({ store, record, onError })
    },
    restart: (directories) => kubelet?.restart(directories) ?? [],
    stop: async (graceMs) => {
      stopping = true
      controllers?.stop()
      endCommands()
      await kubelet?.stop(graceMs)
      stopNoting()
      await Promise.all([network.close(), spans?.close()])
      await store.close()
    }
  }
}

// The store keeps what was true when the last run ended; no pod of that run is alive.
async function forgetStatus (store: Store): Promise<void> {
  for (const deployment of listKind(store, 'Deployment.apps')) await writeStatus(store, deployment, {})
}

/** The API is there before the pods are: until then nothing runs that could be asked. */
function lateNodeAgent (find: () => NodeAgent | undefined): NodeAgent {
  let agent: NodeAgent | undefined
  const get = (): NodeAgent => {
    agent ??= find()
    if (agent === undefined) throw new Error('the cluster is still starting')
    return agent
  }
  return {
    logs: (request) => get().logs(request),
    exec: async (request) => await get().exec(request),
    portForward: async (request) => await get().portForward(request)
  }
}
