import { createRuntime } from './proxy/runtime.ts'
import { explain } from './explain/explain.ts'
import { predict, type Prediction, type PredictRequest } from './explain/predict.ts'
import { createGatewayPorts, type GatewayPorts } from './proxy/gateway-listener.ts'
import { openOutboundListener } from './proxy/outbound-listener.ts'
import type { AccessRecord } from './access-log.ts'
import type { Telemetry } from './telemetry/telemetry.ts'
import type { Explanation } from './explain/explanation.ts'
import type { MeshState, SocketAddress } from './model.ts'

export interface ExternalTarget {
  readonly host: string
  readonly port: number
}

export interface MeshOptions {
  /**
   * Where a name outside the cluster really is. The mesh asks it for every target that is neither a Service nor a workload;
   * `undefined` means that the name does not resolve. It must never answer with an address of this machine that the caller
   * ought not to reach: what it returns is dialled.
   */
  readonly external: (target: ExternalTarget) => Promise<SocketAddress | undefined> | SocketAddress | undefined
  /** Called once for each finished request and connection of each proxy. */
  readonly onAccess?: (record: AccessRecord) => void
  /** Counts what passes, and serves it at each proxy's own ports; see {@link createTelemetry}. */
  readonly telemetry?: Telemetry
  /** A number in [0, 1), as Math.random. */
  readonly random?: () => number
  /** Milliseconds since the epoch, as Date.now. */
  readonly clock?: () => number
}

export interface OutboundOptions {
  /** Id of the workload whose calls go through this proxy. */
  readonly workload: string
  /** Password of the `Proxy-Authorization: Basic POD:PASSWORD` that callers must send. */
  readonly password: string
  /** In `istio-proxy` no rules apply and every target is the pod itself. */
  readonly container?: 'app' | 'istio-proxy'
}

export interface OutboundListener extends SocketAddress {
  close(): Promise<void>
}

export interface GatewayOptions {
  /** Id of the gateway's workload. */
  readonly workload: string
  /** Real addresses to listen on for a port of the gateway's Service; none: that port is not opened. */
  readonly bind: (servicePort: number) => SocketAddress | readonly SocketAddress[]
  readonly onBindError?: (error: Error, servicePort: number, address: SocketAddress) => void
}

export interface GatewayAttachment {
  /** Real addresses that are open now, by port of the gateway's Service. */
  addresses(): ReadonlyMap<number, readonly SocketAddress[]>
  close(): Promise<void>
}

export interface ExplainRequest {
  /** Workload id of the caller, or `outside` for a client of the gateway. Without it: the first sidecar of the namespace `default`, else any. */
  readonly from?: string
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Mesh {
  /** Replaces all that the mesh knows, atomically. Resolves when the next request to start obeys it and gateway ports are opened or closed. */
  update(state: MeshState): Promise<void>
  listenOutbound(options: OutboundOptions): Promise<OutboundListener>
  attachGateway(options: GatewayOptions): GatewayAttachment
  explain(request: ExplainRequest): Explanation
  /** As {@link Mesh.explain}, with every share exact and what the rules make of request and answer. @throws Error for a URL or caller that is none */
  predict(request: PredictRequest): Prediction
  /** Ends every listener and connection. */
  close(): Promise<void>
}

export function createMesh (options: MeshOptions): Mesh {
  const listeners = new Set<OutboundListener>()
  const gateways = new Map<GatewayPorts, string>()
  const runtime = createRuntime(options, (workload, port) => [...gateways].flatMap(([ports, id]) => id === workload ? ports.addresses().get(port) ?? [] : []))
  return {
    update: async (state) => {
      runtime.update(state)
      await Promise.all([...gateways.keys()].map(async (ports) => { await ports.sync() }))
    },
    listenOutbound: async (outbound) => {
      const listener = await openOutboundListener(outbound, () => runtime.side(outbound.workload, outbound.container ?? 'app'))
      const closing: OutboundListener = {
        host: listener.host,
        port: listener.port,
        close: async () => {
          listeners.delete(closing)
          await listener.close()
        }
      }
      listeners.add(closing)
      return closing
    },
    attachGateway: (gateway) => {
      const ports = createGatewayPorts(gateway, () => runtime.gatewaySide(gateway.workload))
      gateways.set(ports, gateway.workload)
      // What cannot be bound is told to onBindError; nothing else can fail here.
      ports.sync().catch(() => {})
      return {
        addresses: ports.addresses,
        close: async () => {
          gateways.delete(ports)
          await ports.close()
        }
      }
    },
    explain: (request) => explain(request, runtime),
    predict: (request) => predict(request, runtime),
    close: async () => {
      await Promise.all([...[...listeners].map(async (listener) => { await listener.close() }), ...[...gateways.keys()].map(async (ports) => { await ports.close() })])
      await runtime.close()
    }
  }
}
