import { expect, test } from 'vitest'
import { ask, clusterState, reviewsRule, rulesOf, tableOf } from '../testing/cluster.ts'

const to = (subset: string): string => `[{route: [{destination: {host: reviews, subset: ${subset}}}]}]`

const sidecar = (spec: string): string => `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: default}
spec: {${spec}}
`

test.for([
  ['reviews', 'default', 'reviews.default.svc.cluster.local'],
  ['reviews.default', 'default', 'reviews.default.svc.cluster.local'],
  ['reviews.default.svc', 'default', 'reviews.default.svc.cluster.local'],
  ['reviews.default.svc.cluster.local', 'default', 'reviews.default.svc.cluster.local'],
  ['REVIEWS', 'default', 'reviews.default.svc.cluster.local'],
  ['10.96.0.7', 'default', 'reviews.default.svc.cluster.local'],
  ['reviews', 'elsewhere', 'allow_any'],
  ['reviews.default', 'elsewhere', 'reviews.default.svc.cluster.local'],
  ['nosuch', 'default', 'allow_any'],
  ['reviews.nosuch', 'default', 'allow_any']
] as const)('Host %s, called from namespace %s: %s', ([host, namespace, expected]) => {
  const table = tableOf('', { namespace, labels: {} })
  expect(ask(table, `http://${host}:9080/`)).toBe(expected)
})

test('the port of a Host header and a final dot do not count', () => {
  const table = tableOf('')
  for (const authority of ['reviews', 'reviews:1234', 'reviews.default.svc.cluster.local.']) expect(table.virtualHost(9080, authority).name).toBe('reviews.default.svc.cluster.local:9080')
})

test('a host of a rule with a dot in it is not completed', () => {
  expect(ask(tableOf(reviewsRule('[{route: [{destination: {host: reviews.default}}]}]')), 'http://reviews:9080/')).toBe('503 NC')
})

test.for([
  ['an unknown destination host', '[{route: [{destination: {host: nosuch}}]}]'],
  ['a missing subset', to('v9')],
  ['a port that the destination lacks', '[{route: [{destination: {host: reviews, port: {number: 1}}}]}]'],
  ['another service without a port, on a port that it lacks', '[{route: [{destination: {host: httpbin}}]}]']
] as const)('%s is 503 NC', ([, http]) => {
  expect(ask(tableOf(reviewsRule(http)), 'http://reviews:9080/')).toBe('503 NC')
})

test('of two rules for one host the older counts, whole', () => {
  const older = reviewsRule('[{match: [{uri: {prefix: /a}}], route: [{destination: {host: reviews, subset: v1}}]}]', { name: 'zz', created: '2025-01-01T00:00:00Z' })
  const newer = reviewsRule(to('v2'), { name: 'aa', hosts: '[reviews.default.svc.cluster.local]', created: '2025-01-02T00:00:00Z' })
  const table = tableOf(`${newer}---${older}`)
  expect(ask(table, 'http://reviews:9080/a')).toBe('v1')
  expect(ask(table, 'http://reviews:9080/b')).toBe('404')
})

test('of two rules of one age the one with the lower name counts', () => {
  const at = '2025-01-01T00:00:00Z'
  const table = tableOf(`${reviewsRule(to('v1'), { name: 'bb', created: at })}---${reviewsRule(to('v2'), { name: 'aa', created: at })}`)
  expect(ask(table, 'http://reviews:9080/')).toBe('v2')
})

test('a rule for the host itself counts before an older one for a wildcard, and a longer wildcard before a shorter', () => {
  const wide = reviewsRule(to('v1'), { name: 'wide', hosts: '["*.svc.cluster.local"]', created: '2025-01-01T00:00:00Z' })
  const narrow = reviewsRule(to('v2'), { name: 'narrow', hosts: '["*.default.svc.cluster.local"]', created: '2025-01-02T00:00:00Z' })
  const own = reviewsRule(to('v3'), { name: 'own', created: '2025-01-03T00:00:00Z' })
  expect(ask(tableOf(`${wide}---${narrow}---${own}`), 'http://reviews:9080/')).toBe('v3')
  expect(ask(tableOf(`${wide}---${narrow}`), 'http://reviews:9080/')).toBe('v2')
  expect(ask(tableOf(wide), 'http://reviews:9080/')).toBe('v1')
})

test('a rule that is shown to its own namespace alone counts before an older one for all', () => {
  const older = reviewsRule(to('v1'), { name: 'zz', created: '2025-01-01T00:00:00Z' })
  const newer = reviewsRule(to('v2'), { name: 'aa', created: '2025-01-02T00:00:00Z' }).replace('hosts: [reviews]', 'hosts: [reviews], exportTo: ["."]')
  expect(ask(tableOf(`${newer}---${older}`), 'http://reviews:9080/')).toBe('v2')
})

test.for([
  ['none for this proxy', '[{match: [{sourceLabels: {app: nosuch}}], route: [{destination: {host: reviews, subset: v1}}]}]'],
  ['none for this port', '[{match: [{port: 1}], route: [{destination: {host: reviews, subset: v1}}]}]'],
  ['no http routes at all', '[]']
])('a rule with %s leaves its hosts to the next one, and to the host itself', ([, http]) => {
  const older = reviewsRule(http ?? '', { name: 'older', created: '2025-01-01T00:00:00Z' })
  const newer = reviewsRule(to('v2'), { name: 'newer', created: '2025-01-02T00:00:00Z' })
  expect(ask(tableOf(older), 'http://reviews:9080/')).toBe('reviews.default.svc.cluster.local')
  expect(ask(tableOf(`${newer}---${older}`), 'http://reviews:9080/')).toBe('v2')
})

test('a name that is no host of the port goes with those of its rule that are', () => {
  const table = tableOf(reviewsRule(to('v2'), { hosts: '[reviews, other.example.com]' }))
  expect(ask(table, 'http://other.example.com:9080/')).toBe('v2')
  expect(ask(table, 'http://other.example.com:8000/')).toBe('allow_any')
})

test('a host that has not the port counts on port 80 by its whole name, and its destination is not there', () => {
  const table = tableOf(reviewsRule('[{route: [{destination: {host: reviews}}]}]'))
  expect(ask(table, 'http://reviews.default.svc.cluster.local/')).toBe('503 NC')
  expect(ask(table, 'http://reviews/')).toBe('allow_any')
  expect(ask(table, 'http://reviews.default.svc.cluster.local:8000/')).toBe('allow_any')
})

test('a rule for a gateway does not count in the mesh, unless it names the mesh too', () => {
  const bound = (gateways: string): string => `${reviewsRule(to('v1')).trimEnd().slice(0, -1)}, gateways: ${gateways}}`
  expect(ask(tableOf(bound('[gw]')), 'http://reviews:9080/')).toBe('reviews.default.svc.cluster.local')
  expect(ask(tableOf(bound('[gw, mesh]')), 'http://reviews:9080/')).toBe('v1')
})

test('a rule for a host of no registry counts on port 80 alone', () => {
  const table = tableOf(reviewsRule('[{route: [{destination: {host: reviews, port: {number: 9080}}}]}]', { hosts: '[front.example.com]' }))
  expect(ask(table, 'http://front.example.com/')).toBe('reviews.default.svc.cluster.local')
  expect(ask(table, 'http://front.example.com:9080/')).toBe('allow_any')
})

test('exportTo hides a rule and a host from other namespaces', () => {
  const rule = `${reviewsRule(to('v1')).trimEnd().slice(0, -1)}, exportTo: ["."]}`
  expect(ask(tableOf(rule), 'http://reviews:9080/')).toBe('v1')
  expect(ask(tableOf(rule, { namespace: 'elsewhere' }), 'http://reviews.default:9080/')).toBe('reviews.default.svc.cluster.local')
  const state = clusterState('')
  const services = state.services.map((service) => ({ ...service, annotations: { 'networking.istio.io/exportTo': '.' } }))
  expect(ask(tableOf('', { services, namespace: 'elsewhere' }), 'http://reviews.default:9080/')).toBe('allow_any')
})

test('REGISTRY_ONLY blocks unknown hosts on HTTP ports with 502', () => {
  const table = tableOf(sidecar('outboundTrafficPolicy: {mode: REGISTRY_ONLY}'))
  expect(ask(table, 'http://nosuch.example.com:9080/')).toBe('502')
  expect(ask(table, 'http://other.elsewhere:9080/')).toBe('other.elsewhere.svc.cluster.local')
  expect(table.tcp({ names: ['10.0.0.1'], port: 5000 })).toEqual({ kind: 'blackhole' })
})

test('a Sidecar hides the hosts that its egress leaves out', () => {
  const table = tableOf(sidecar('outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: ["./*"]}]'))
  expect(ask(table, 'http://reviews:9080/')).toBe('reviews.default.svc.cluster.local')
  expect(ask(table, 'http://other.elsewhere:9080/')).toBe('502')
  expect(table.hasHttp(80)).toBe(false)
})

test('a rule that routes to a hidden host makes it seen, its whole name on port 80 alone', () => {
  const rule = reviewsRule('[{route: [{destination: {host: other.elsewhere.svc.cluster.local}}]}]', { hosts: '[other.elsewhere.svc.cluster.local]' })
  const table = tableOf(`${sidecar('outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: ["./*"]}]')}---${rule}`)
  expect(ask(table, 'http://other.elsewhere.svc.cluster.local/')).toBe('other.elsewhere.svc.cluster.local')
  expect(ask(table, 'http://other.elsewhere/')).toBe('502')
  expect(ask(table, 'http://other.elsewhere.svc.cluster.local:9080/')).toBe('502')
  expect(table.cluster('outbound|9080||other.elsewhere.svc.cluster.local')).toBeDefined()
})

test('an egress listener of one port shows no other', () => {
  const table = tableOf(sidecar('egress: [{port: {number: 80, protocol: HTTP, name: http}, hosts: ["elsewhere/*"]}, {hosts: ["./*"]}]'))
  expect(table.hasHttp(80)).toBe(true)
  expect(ask(table, 'http://other.elsewhere/')).toBe('other.elsewhere.svc.cluster.local')
  expect(ask(table, 'http://other.elsewhere:9080/')).toBe('allow_any')
})

test('the Sidecar that selects the workload counts before the namespace\'s, and that before the root namespace\'s', () => {
  const root = sidecar('outboundTrafficPolicy: {mode: REGISTRY_ONLY}').replace('namespace: default', 'namespace: istio-system')
  const own = sidecar('workloadSelector: {labels: {app: client}}, outboundTrafficPolicy: {mode: ALLOW_ANY}').replace('name: default', 'name: own')
  expect(tableOf(root).view.policy).toBe('REGISTRY_ONLY')
  expect(tableOf(`${root}---${own}`).view.policy).toBe('ALLOW_ANY')
  expect(tableOf(`${root}---${own}`, { labels: { app: 'x' } }).view.policy).toBe('REGISTRY_ONLY')
})

test('the mesh configuration decides where no Sidecar says otherwise', () => {
  const config = { domain: 'cluster.local', rootNamespace: 'istio-system', outboundTrafficPolicy: 'REGISTRY_ONLY' } as const
  expect(tableOf('', { config }).view.policy).toBe('REGISTRY_ONLY')
  expect(tableOf(sidecar('outboundTrafficPolicy: {mode: ALLOW_ANY}'), { config }).view.policy).toBe('ALLOW_ANY')
  expect(tableOf(sidecar('egress: [{hosts: ["./*"]}]'), { config }).view.policy).toBe('REGISTRY_ONLY')
})

const entry = (spec: string): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: e, namespace: default}
spec: {${spec}}
`

test('a ServiceEntry opens its ports, its wildcard and nothing else', () => {
  const table = tableOf(`${sidecar('outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: ["./*"]}]')}---${entry('hosts: ["*.example.com"], resolution: NONE, ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: tls, protocol: TLS}]')}`)
  expect(ask(table, 'http://a.example.com/')).toBe('*.example.com')
  expect(ask(table, 'http://a.b.example.com/')).toBe('*.example.com')
  expect(ask(table, 'http://example.com/')).toBe('502')
  expect(table.tcp({ names: ['1.2.3.4'], port: 443, sni: 'a.example.com' })).toEqual({ kind: 'cluster', cluster: 'outbound|443||*.example.com' })
  expect(table.tcp({ names: ['1.2.3.4'], port: 443, sni: 'other.org' })).toEqual({ kind: 'blackhole' })
})

test('a ServiceEntry of the caller\'s namespace wins over a Service of another', () => {
  const table = tableOf(entry('hosts: [other.elsewhere.svc.cluster.local], resolution: STATIC, ports: [{number: 9080, name: http, protocol: HTTP}], endpoints: [{address: 1.2.3.4}]'))
  expect(table.cluster('outbound|9080||other.elsewhere.svc.cluster.local')?.endpoints).toEqual([{ address: '1.2.3.4', port: 9080 }])
})

test.for([
  ['resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]', 'DNS', [{ address: 'x.example.com', port: 80 }]],
  ['resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}], endpoints: [{address: y.example.com}]', 'DNS', [{ address: 'y.example.com', port: 8080 }]],
  ['resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [{address: 1.2.3.4, ports: {http: 81}}]', 'STATIC', [{ address: '1.2.3.4', port: 81 }]],
  ['resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], workloadSelector: {labels: {app: httpbin}}', 'STATIC', [{ address: '10.44.2.1', port: 80, workload: 'default/httpbin-v1' }]],
  ['ports: [{number: 80, name: http, protocol: HTTP}]', 'ORIGINAL_DST', []]
] as const)('a ServiceEntry with %s is found by %s', ([spec, discovery, endpoints]) => {
  expect(tableOf(entry(`hosts: [x.example.com], ${spec}`)).cluster('outbound|80||x.example.com')).toMatchObject({ discovery, endpoints })
})

test('tables are data: compiled hosts survive a structured clone', () => {
  const host = tableOf(reviewsRule(to('v1'))).virtualHost(9080, 'reviews')
  expect(structuredClone(host)).toEqual(host)
})

test('10,000 rules for other hosts do not change what a request meets', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: `vs-${index}`, namespace: 'default' },
    spec: { hosts: [`host-${index}.example.com`], http: [{ route: [{ destination: { host: 'reviews', subset: 'v1' } }] }] }
  }))
  const rules = [...many, ...rulesOf(reviewsRule(to('v2')))]
  const table = tableOf('', { rules })
  expect(ask(table, 'http://reviews:9080/')).toBe('v2')
  expect(table.virtualHost(9080, 'reviews').routes).toHaveLength(1)
})
