/** The small cluster that the compiler's tests speak of, and short ways to ask its tables. */
import { buildGatewayTable } from '../compile/gateway.ts'
import { buildOutboundTable, type OutboundTable } from '../compile/outbound.ts'
import { buildRegistry, type Registry } from '../compile/registry.ts'
import { chooseDestination, chooseRoute } from '../decide/decide.ts'
import { parseManifests } from '../rules/index.ts'
import type { RequestHead } from '../decide/match.ts'
import type { Labels, MeshState, Protocol, Resource, Service, Workload } from '../model.ts'
import type { VirtualHost } from '../table.ts'

export function rulesOf (yaml: string): Resource[] {
  const { documents, problems } = parseManifests([{ file: 'rules.yaml', text: yaml }])
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return documents.map(({ resource }) => resource)
}

function service (name: string, namespace: string, ports: ReadonlyArray<readonly [number, Protocol]>): Service {
  return {
    name,
    namespace,
    labels: {},
    annotations: {},
    clusterIP: `10.96.0.${name.length}`,
    selector: { app: name },
    ports: ports.map(([number, protocol]) => ({ number, name: `p${number}`, protocol, targetPort: number }))
  }
}

export function pod (name: string, labels: Labels, options: Partial<Workload> = {}): Workload {
  const namespace = options.namespace ?? 'default'
  return {
    id: `${namespace}/${name}`, name, namespace, kind: 'sidecar', labels, annotations: {}, serviceAccount: 'default', ip: `10.44.0.${name.length}`, ready: true, ports: [], ...options
  }
}

export function clusterState (rules: string, options: Partial<MeshState> = {}): MeshState {
  return {
    config: { domain: 'cluster.local', rootNamespace: 'istio-system', outboundTrafficPolicy: 'ALLOW_ANY' },
    namespaces: [],
    services: [
      service('reviews', 'default', [[9080, 'HTTP']]),
      service('httpbin', 'default', [[8000, 'HTTP'], [8443, 'HTTPS']]),
      service('other', 'elsewhere', [[9080, 'HTTP'], [80, 'HTTP']]),
      service('db', 'default', [[3306, 'TCP']])
    ],
    workloads: [
      ...['v1', 'v2', 'v3'].map((version, index) => pod(`reviews-${version}`, { app: 'reviews', version }, { ip: `10.44.1.${index + 1}` })),
      pod('httpbin-v1', { app: 'httpbin' }, { ip: '10.44.2.1' }),
      pod('client', { app: 'client' }, { ip: '10.44.3.1' }),
      pod('ingress', { istio: 'ingressgateway' }, { namespace: 'istio-system', kind: 'gateway', ip: '10.44.4.1' })
    ],
    rules: rulesOf(rules),
    ...options
  }
}

export function registryOf (rules: string, options: Partial<MeshState> = {}): Registry {
  return buildRegistry(clusterState(rules, options))
}

export function tableOf (rules: string, { namespace = 'default', labels = { app: 'client' }, ...options }: { namespace?: string, labels?: Labels } & Partial<MeshState> = {}): OutboundTable {
  return buildOutboundTable(registryOf(rules, options), namespace, labels)
}

export interface Question {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** In [0, 1). */
  readonly draw?: number
}

export function headOf (path: string, authority: string, { method = 'GET', headers = {} }: Question = {}): RequestHead {
  return { method, path, authority, scheme: 'http', headers: ['host', authority, ...Object.entries(headers).flatMap(([name, value]) => [name.toLowerCase(), value])] }
}

/** What becomes of a request: `v1` (the subset, or the cluster), `404`, `allow_any`, `502`, `503 NC`. */
export function ask (table: Pick<OutboundTable, 'virtualHost' | 'cluster'>, url: string, question: Question = {}): string {
  const { host, port, pathname, search } = new URL(url)
  const at = Number(port === '' ? 80 : port)
  return outcome(table, table.virtualHost(at, host), { head: headOf(pathname + search, host, question), draw: question.draw ?? 0 })
}

function outcome (table: Pick<OutboundTable, 'cluster'>, host: VirtualHost, { head, draw }: { head: RequestHead, draw: number }): string {
  const route = chooseRoute(host, head)
  if (route === undefined) return '404'
  switch (route.action.kind) {
    case 'direct': return String(route.action.answer.status)
    case 'passthrough': return route.name ?? ''
    case 'forward': {
      const name = chooseDestination(route.action, () => draw)?.cluster ?? ''
      const [, , subset, hostname] = name.split('|')
      return table.cluster(name) === undefined ? '503 NC' : subset === '' ? hostname ?? '' : subset ?? ''
    }
  }
}

export function gatewayTableOf (rules: string): ReturnType<typeof buildGatewayTable> {
  const registry = registryOf(rules)
  const workload = registry.workloadById.get('istio-system/ingress')
  if (workload === undefined) throw new Error('no gateway')
  return buildGatewayTable(registry, workload)
}

export const subsets = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec:
  host: reviews
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
  - {name: v3, labels: {version: v3}}
`

/** A VirtualService for reviews with the given http routes, as flow YAML. */
export function reviewsRule (http: string, { name = 'reviews', hosts = '[reviews]', created = '' } = {}): string {
  return `${subsets}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}${created === '' ? '' : `, creationTimestamp: "${created}"`}}
spec: {hosts: ${hosts}, http: ${http}}
`
}
