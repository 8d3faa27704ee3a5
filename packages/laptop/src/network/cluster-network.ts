import { randomBytes } from 'node:crypto'
import { createMesh, createTelemetry, formatAccessLog, type AccessRecord, type GatewayAttachment, type Mesh, type Resource, type SocketAddress, type Span, type Telemetry } from '@bankinfo/mesh'
import { listKind, type StoredPod } from '../controllers/kinds.ts'
import { canonical } from '../controllers/names.ts'
import { isGateway } from '../pods/injection.ts'
import type { PodConnection, PodNetwork } from '../pods/node-context.ts'
import type { Store, StoreEvent } from '../store/store.ts'
import { resolveExternal } from './external.ts'
import { gatewayAddresses, type PortOverrides } from './gateway-ports.ts'
import { meshState } from './mesh-state.ts'

export interface ClusterNetworkOptions {
  readonly store: Store
  readonly overrides: PortOverrides
  /** Takes the proxies' spans; they pass trace context on then. */
  readonly onSpans?: ((spans: readonly Span[]) => void) | undefined
  readonly portsOf: (id: string) => ReadonlyMap<number, SocketAddress>
  /** A line of a proxy's access log, for the log of the pod's istio-proxy. */
  readonly onAccess: (id: string, line: string) => void
  /** A port that a Gateway asks for and that cannot be opened. */
  readonly onBindError: (error: Error, where: { pod: StoredPod, servicePort: number, address: SocketAddress }) => void
  readonly onError: (error: unknown) => void
}

export interface ClusterNetwork extends PodNetwork {
  readonly mesh: Mesh
  /** What the proxies have counted. */
  readonly telemetry: Telemetry
  /** The real addresses that gateways listen on, by port of the gateway's Service. */
  gatewayAddresses(): ReadonlyMap<number, readonly SocketAddress[]>
  close(): Promise<void>
}

const ruleGroups = ['networking.istio.io', 'security.istio.io', 'telemetry.istio.io', 'extensions.istio.io']

/** Connects the store to the mesh: what the store holds is what the proxies know. */
export function createClusterNetwork (options: ClusterNetworkOptions): ClusterNetwork {
  const { store, onError } = options
  const telemetry = createTelemetry(options.onSpans === undefined ? {} : { onSpans: options.onSpans })
  const mesh = createMesh({
    external: resolveExternal,
    telemetry,
    onAccess: (record: AccessRecord) => options.onAccess(record.proxy, formatAccessLog(record))
  })
  const gateways = new Map<string, { readonly pod: StoredPod, attachment?: GatewayAttachment }>()
  let rules: readonly Resource[] | undefined
  let told = ''
  let running: Promise<void> = Promise.resolve()
  let queued: Promise<void> | undefined
  let closed = false

  const changed = ({ kindKey }: StoreEvent): void => {
    if (isRule(kindKey)) rules = undefined
    else if (kindKey !== 'Pod' && kindKey !== 'Service' && kindKey !== 'Namespace' && kindKey !== 'Secret') return
    update().catch(onError)
  }

  const update = async (): Promise<void> => {
    // One that has not begun will see all that is in the store when it does.
    queued ??= running.then(async () => {
      await new Promise(setImmediate)
      queued = undefined
      const work = tell()
      running = work.catch(() => {})
      await work
    })
    await queued
  }

  const tell = async (): Promise<void> => {
    if (closed) return
    const known = rules
    rules ??= store.kindKeys().filter(isRule).flatMap((key) => store.list(key)) as unknown as readonly Resource[]
    const state = meshState({
      namespaces: listKind(store, 'Namespace'),
      services: listKind(store, 'Service'),
      pods: listKind(store, 'Pod'),
      rules,
      portsOf: options.portsOf
    })
    const text = canonical([state.namespaces, state.services, state.workloads])
    if (known === rules && text === told) return
    try {
      await mesh.update(state)
      told = text
    } catch (error) {
      // What the mesh did not take is told again with the next change.
      told = ''
      throw error
    }
  }

  const join = async (pod: StoredPod): Promise<PodConnection> => {
    const id = `${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`
    await update()
    const password = randomBytes(24).toString('base64url')
    const sidecar = await mesh.listenOutbound({ workload: id, password, container: 'istio-proxy' })
    const url = (listener: SocketAddress): string => `http://${pod.metadata.name}:${password}@${listener.host}:${listener.port}`
    if (isGateway(pod)) {
      const gateway = openGateway(pod, id)
      return {
        sidecarProxyUrl: url(sidecar),
        close: async () => { await Promise.all([gateway.close(), sidecar.close()]) }
      }
    }
    const app = await mesh.listenOutbound({ workload: id, password })
    return {
      proxyUrl: url(app),
      sidecarProxyUrl: url(sidecar),
      close: async () => { await Promise.all([app.close(), sidecar.close()]) }
    }
  }

  // Two pods of a gateway cannot listen on one port: the older has them all, and hands them on when it goes.
  const openGateway = (pod: StoredPod, id: string): PodConnection => {
    gateways.set(id, { pod })
    attachOldest()
    return {
      close: async () => {
        const attachment = gateways.get(id)?.attachment
        gateways.delete(id)
        await attachment?.close()
        if (!closed) attachOldest()
      }
    }
  }

  const attachOldest = (): void => {
    const [oldest] = gateways
    if (oldest === undefined || oldest[1].attachment !== undefined) return
    const [workload, gateway] = oldest
    gateway.attachment = mesh.attachGateway({
      workload,
      bind: (servicePort) => gatewayAddresses(servicePort, options.overrides),
      onBindError: (error, servicePort, address) => {
        // 80 and 443 themselves are a convenience.
        if (address.port === servicePort && servicePort < 1024) return
        options.onBindError(error, { pod: gateway.pod, servicePort, address })
      }
    })
  }

  const stopWatching = store.watch(changed)
  return {
    mesh,
    telemetry,
    join,
    update,
    gatewayAddresses: () => gateways.values().next().value?.attachment?.addresses() ?? new Map<number, readonly SocketAddress[]>(),
    close: async () => {
      closed = true
      stopWatching()
      await running
      await mesh.close()
    }
  }
}

function isRule (kindKey: string): boolean {
  return ruleGroups.some((group) => kindKey.endsWith(`.${group}`))
}
