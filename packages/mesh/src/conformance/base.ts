/** The cluster that every measured case starts from, with real servers behind its virtual addresses. */
import { startHttpBackend, startTcpBackend, type Backend } from './backend.ts'
import { createMesh, type GatewayAttachment, type Mesh, type OutboundListener } from '../mesh.ts'
import { close, listen } from '../proxy/listener.ts'
import { createServer } from 'node:http'
import type { AccessRecord } from '../access-log.ts'
import type { Labels, MeshState, Resource, Service, SocketAddress, Workload } from '../model.ts'

/** Which hosts are Kubernetes Services: see the README of the cases. */
export type BaseKind =
  /** styletransfer is in no registry, and nothing has an HTTP port 80. */
  | 'egress'
  /** styletransfer is a Service of namespace external; istio-system has its Services. */
  | 'kubernetes'
  /** styletransfer is a Service of namespace external. */
  | 'usual'

export interface Base {
  /** What tells the requests of this run from others; undefined: servers hear everybody. */
  readonly run: string | undefined
  readonly mesh: Mesh
  readonly records: AccessRecord[]
  readonly backends: ReadonlyMap<string, readonly Backend[]>
  readonly apply: (rules: readonly Resource[], policy: 'ALLOW_ANY' | 'REGISTRY_ONLY') => Promise<void>
  /** The forward proxy of a client pod. */
  readonly proxy: (pod: string) => Promise<OutboundListener & { readonly authorization: string }>
  readonly gateway: GatewayAttachment
  readonly close: () => Promise<void>
}

interface PodPlan {
  readonly name: string
  readonly ip: string
  readonly labels: Labels
  readonly ports?: ReadonlyArray<{ readonly number: number, readonly tcp?: boolean }>
  readonly namespace?: string
  readonly kind?: Workload['kind']
}

const pods: readonly PodPlan[] = [
  { name: 'productpage', ip: '10.44.0.11', labels: { app: 'productpage', version: 'v1' } },
  { name: 'sleep', ip: '10.44.0.12', labels: { app: 'sleep' } },
  ...['v1', 'v2', 'v3'].map((version, index) => ({ name: `reviews-${version}`, ip: `10.44.0.${21 + index}`, labels: { app: 'reviews', version }, ports: [{ number: 9080 }] })),
  { name: 'httpbin-v1', ip: '10.44.0.31', labels: { app: 'httpbin', version: 'v1' }, ports: [{ number: 8000 }] },
  ...['v1', 'v2'].map((version, index) => ({ name: `tcp-echo-${version}`, ip: `10.44.0.${41 + index}`, labels: { app: 'tcp-echo', version }, ports: [{ number: 9000, tcp: true }] })),
  { name: 'styletransfer', ip: '10.44.0.51', labels: { app: 'styletransfer' }, ports: [{ number: 80 }, { number: 5000 }], namespace: 'external', kind: 'plain' },
  { name: 'gateway', ip: '10.44.0.71', labels: { istio: 'ingressgateway', app: 'istio-ingressgateway' }, namespace: 'istio-system', kind: 'gateway' }
]

const internetAddress = '10.44.0.61'
const password = 'conformance'

export async function startBase (kind: BaseKind, run?: string): Promise<Base> {
  const backends = new Map<string, Backend[]>()
  const workloads: Workload[] = []
  for (const pod of pods) {
    const identity = { pod: pod.name, version: pod.labels['version'] ?? '-' }
    const servers = await Promise.all((pod.ports ?? []).map(async ({ tcp }) => await (tcp === true ? startTcpBackend(identity) : startHttpBackend(identity, run))))
    backends.set(pod.name, servers)
    workloads.push(workloadOf(pod, servers))
  }
  const internet = await startHttpBackend({ pod: 'internet', version: '-' }, run)
  const internetTcp = await startTcpBackend({ pod: 'internet', version: '-' })
  backends.set('internet', [internet, internetTcp])
  const refused = await closedPort()
  const records: AccessRecord[] = []
  const mesh = createMesh({
    external: ({ host, port }) => outside(host, port, { http: internet.address, tcp: internetTcp.address, refused, styletransfer: backends.get('styletransfer') ?? [] }),
    onAccess: (record) => { records.push(record) }
  })
  const gateway = mesh.attachGateway({ workload: 'istio-system/gateway', bind: () => ({ host: '127.0.0.1', port: 0 }) })
  const proxies = new Map<string, OutboundListener & { authorization: string }>()
  return {
    run,
    mesh,
    records,
    backends,
    gateway,
    apply: async (rules, policy) => { await mesh.update(stateOf({ kind, workloads, rules, policy })) },
    proxy: async (pod) => {
      let proxy = proxies.get(pod)
      if (proxy === undefined) {
        const listener = await mesh.listenOutbound({ workload: workloads.find(({ name }) => name === pod)?.id ?? pod, password })
        proxy = { ...listener, authorization: `Basic ${Buffer.from(`${pod}:${password}`).toString('base64')}` }
        proxies.set(pod, proxy)
      }
      return proxy
    },
    close: async () => {
      await mesh.close()
      await Promise.all([...backends.values()].flat().map(async (backend) => { await backend.close() }))
    }
  }
}

function workloadOf (pod: PodPlan, servers: readonly Backend[]): Workload {
  const namespace = pod.namespace ?? 'default'
  return {
    id: `${namespace}/${pod.name}`,
    name: pod.name,
    namespace,
    kind: pod.kind ?? 'sidecar',
    labels: pod.labels,
    annotations: {},
    serviceAccount: 'default',
    ip: pod.ip,
    ready: true,
    ports: (pod.ports ?? []).map(({ number }, index) => {
      const address = servers[index]?.address
      return { containerPort: number, ...(address === undefined ? {} : { address }) }
    })
  }
}

function stateOf ({ kind, workloads, rules, policy }: {
  kind: BaseKind, workloads: readonly Workload[], rules: readonly Resource[], policy: 'ALLOW_ANY' | 'REGISTRY_ONLY'
}): MeshState {
  const services = [
    service({ name: 'reviews', ip: '10.96.0.20', port: 9080, portName: 'http' }),
    service({ name: 'httpbin', ip: '10.96.0.30', port: 8000, portName: 'http' }),
    service({ name: 'tcp-echo', ip: '10.96.0.40', port: 9000, portName: 'tcp' })
  ]
  if (kind !== 'egress') services.push(service({ name: 'styletransfer', namespace: 'external', ip: '10.96.0.50', port: 80, portName: 'http' }))
  if (kind === 'kubernetes') {
    services.push({
      ...service({ name: 'istio-ingressgateway', namespace: 'istio-system', ip: '10.96.0.99', port: 80, portName: 'http2' }),
      selector: { istio: 'ingressgateway' },
      ports: [
        { number: 80, name: 'http2', protocol: 'HTTP2', targetPort: 8080 },
        { number: 443, name: 'https', protocol: 'HTTPS', targetPort: 8443 }
      ]
    })
  }
  return {
    config: { domain: 'cluster.local', rootNamespace: 'istio-system', outboundTrafficPolicy: policy },
    namespaces: ['default', 'external', 'istio-system'].map((name) => ({ name, labels: {} })),
    services,
    workloads,
    rules
  }
}

function service ({ name, namespace = 'default', ip, port, portName }: { name: string, namespace?: string, ip: string, port: number, portName: string }): Service {
  return {
    name,
    namespace,
    labels: {},
    annotations: {},
    clusterIP: ip,
    selector: { app: name },
    ports: [{ number: port, name: portName, protocol: portName === 'tcp' ? 'TCP' : 'HTTP', targetPort: port }]
  }
}

/** The rest of the world: styletransfer's names and address where no Service has them, and every *.example.com. */
function outside (host: string, port: number, servers: { http: SocketAddress, tcp: SocketAddress, refused: SocketAddress, styletransfer: readonly Backend[] }): SocketAddress | undefined {
  if (host === '10.96.0.50' || host.startsWith('styletransfer.external')) {
    return (port === 80 ? servers.styletransfer[0] : port === 5000 ? servers.styletransfer[1] : undefined)?.address ?? servers.refused
  }
  if (host !== internetAddress && !host.endsWith('.example.com')) return undefined
  switch (port) {
    case 80:
    case 8080: return servers.http
    case 9000: return servers.tcp
    default: return servers.refused
  }
}

/** An address that refuses: a port that was free a moment ago. */
async function closedPort (): Promise<SocketAddress> {
  const server = createServer()
  const address = await listen(server, { host: '127.0.0.1', port: 0 })
  await close(server)
  return address
}
