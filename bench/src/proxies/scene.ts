import type { MeshState, Resource, Service, SocketAddress, Workload } from '@bankinfo/mesh'

/**
 * What every proxy of the bench does, whatever it is: requests for `details:9080` go to three subsets, by a cookie, by a header, by a
 * path, else by weight; beside it stand rules for other hosts.
 */
export const authority = 'details:9080'
export const target = `http://${authority}/api/v1/details/1`
export const caller = 'default/productpage-v1'
export const password = 'bench'
export const subsets = ['v1', 'v2', 'v3'] as const

/** Matched from top to bottom; none of them matches the bench's own requests, so each is looked at every time. */
export const matchedRoutes = [
  { header: { name: 'cookie', regex: '^(.*?;)?(user=tester)(;.*)?$' }, subset: 'v3' },
  { header: { name: 'end-user', exact: 'tester' }, subset: 'v2' },
  { prefix: '/api/v2/', subset: 'v2' }
] as const
export const weights = { v1: 80, v2: 10, v3: 10 } as const
/** Istio's default retries: two more attempts, on these conditions. */
export const retryOn = 'connect-failure,refused-stream,unavailable,cancelled,503'

export interface SceneOptions {
  readonly backend: SocketAddress
  /** How many Services and VirtualServices there are for other hosts. */
  readonly otherHosts: number
  /** The server has a sidecar too, so that its inbound side is passed as well. */
  readonly serverSidecar: boolean
  /** The rules have every policy; what some of them do to a share of requests befalls few enough to leave the average alone. */
  readonly policies?: boolean
}

export function otherHost (index: number): string {
  return `other-${index}`
}

/** Ten fields that a browser sends beside Host and Connection. */
export const browserFields: Readonly<Record<string, string>> = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'cache-control': 'max-age=0',
  cookie: 'session=Fe26.2**3bf1c7d2f94e1f0c8a5cbb0c2b7b9c27; lang=zh; theme=dark',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'same-origin',
  'upgrade-insecure-requests': '1'
}

export function meshState ({ backend, otherHosts, serverSidecar, policies = false }: SceneOptions): MeshState {
  const others = Array.from({ length: otherHosts }, (_, index) => otherHost(index))
  return {
    config: { domain: 'cluster.local', rootNamespace: 'istio-system', outboundTrafficPolicy: 'REGISTRY_ONLY' },
    namespaces: [{ name: 'default', labels: { 'istio-injection': 'enabled' } }],
    services: ['details', ...others].map(service),
    workloads: [
      workload({ app: 'productpage', version: 'v1' }, { kind: 'sidecar', ip: '10.44.0.2' }),
      ...subsets.map((version, index) => workload(
        { app: 'details', version },
        { kind: serverSidecar ? 'sidecar' : 'plain', ip: `10.44.0.${index + 10}`, address: backend }
      ))
    ],
    rules: [
      rule('DestinationRule', 'details', { host: 'details', subsets: subsets.map((name) => ({ name, labels: { version: name } })), ...(policies ? { trafficPolicy } : {}) }),
      rule('VirtualService', 'details', { hosts: ['details'], http: routes(policies ? routePolicies : {}) }),
      ...others.map((host) => rule('VirtualService', host, { hosts: [host], http: [{ route: [{ destination: { host } }] }] }))
    ]
  }
}

const routePolicies = {
  fault: { delay: { fixedDelay: '1ms', percentage: { value: 0.001 } }, abort: { httpStatus: 503, percentage: { value: 0 } } },
  timeout: '10s',
  retries: { attempts: 3, perTryTimeout: '5s', retryOn: '5xx,reset,connect-failure' },
  mirrors: [{ destination: { host: 'details', subset: 'v3' }, percentage: { value: 0.1 } }]
}

const trafficPolicy = {
  connectionPool: { tcp: { maxConnections: 1000 }, http: { http1MaxPendingRequests: 1000, http2MaxRequests: 1000, maxRetries: 100 } },
  outlierDetection: { consecutive5xxErrors: 5, interval: '1s', baseEjectionTime: '1s', maxEjectionPercent: 100 }
}

function routes (policies: Readonly<Record<string, unknown>>): unknown[] {
  const destination = (subset: string): unknown => ({ host: 'details', subset })
  const matched = matchedRoutes.map((route) => ({
    match: ['header' in route ? { headers: { [route.header.name]: stringMatch(route.header) } } : { uri: { prefix: route.prefix } }],
    route: [{ destination: destination(route.subset) }]
  }))
  return [...matched, { ...policies, route: subsets.map((subset) => ({ destination: destination(subset), weight: weights[subset] })) }]
}

function stringMatch ({ name: _, ...match }: { name: string, exact?: string, regex?: string }): unknown {
  return match
}

function service (name: string, index: number): Service {
  return {
    name,
    namespace: 'default',
    labels: { app: name },
    annotations: {},
    clusterIP: `10.96.${index >> 8}.${index & 255}`,
    ports: [{ number: 9080, name: 'http', protocol: 'HTTP', targetPort: 9080 }],
    selector: { app: name }
  }
}

function workload (
  labels: { app: string, version: string },
  { kind, ip, address }: { kind: Workload['kind'], ip: string, address?: SocketAddress }
): Workload {
  const name = `${labels.app}-${labels.version}`
  return {
    id: `default/${name}`,
    name,
    namespace: 'default',
    kind,
    labels,
    annotations: {},
    serviceAccount: labels.app,
    ip,
    ready: true,
    ports: [{ containerPort: 9080, name: 'http', ...(address === undefined ? {} : { address }) }]
  }
}

function rule (kind: string, name: string, spec: unknown): Resource {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata: { name, namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec
  }
}
