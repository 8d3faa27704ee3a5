import { expect, test } from 'vitest'
import { ask, gatewayTableOf, pod, reviewsRule, subsets, tableOf } from '../testing/cluster.ts'

const rule = (name: string, spec: string, namespace = 'default'): string => `
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${name}, namespace: ${namespace}}
spec: {${spec}}
`
const reviews = 'outbound|9080||reviews.default.svc.cluster.local'
const of = (subset: string): string => `outbound|9080|${subset}|reviews.default.svc.cluster.local`

test('at a gateway a block that takes everything goes behind the rules for its host, its neighbours do not', () => {
  const http = (match: string, subset: string): string => `[{match: ${match}, route: [{destination: {host: reviews, subset: ${subset}, port: {number: 9080}}}]}]`
  const bound = (name: string, routes: string): string => `
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: default}
spec: {hosts: [a.example.com], gateways: [istio-system/gateway], http: ${routes}}
`
  const gateway = `
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gateway, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
`
  for (const all of ['{uri: {}}', '{uri: {prefix: /}}', '{uri: {regex: ".*"}}']) {
    const table = gatewayTableOf(subsets + gateway + bound('a', http(`[{uri: {prefix: /a}}, ${all}]`, 'v1')) + bound('b', http('[{uri: {prefix: /a}}, {uri: {prefix: /b}}]', 'v2')))
    expect(['/a', '/b', '/c'].map((path) => ask(table, `http://a.example.com${path}`))).toEqual(['v1', 'v2', 'v1'])
  }
})

test('at a gateway a rule without a route there leaves its host to a wider one, and a redirect of any server for a host is for all of it', () => {
  const gatewayOf = (name: string, hosts: string, tls = ''): string => `
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: default}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ${hosts}${tls}}]}
`
  const bound = (name: string, host: string, gateways: string, http: string): string => `
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}}
spec: {hosts: ["${host}"], gateways: ${gateways}, http: [${http}]}
`
  const table = gatewayTableOf(subsets + gatewayOf('one', '["*.example.com"]') + gatewayOf('two', '[b.example.com]', ', tls: {httpsRedirect: true}') +
    bound('wide', '*.example.com', '[one]', '{route: [{destination: {host: reviews, subset: v1, port: {number: 9080}}}]}') +
    bound('none', 'a.example.com', '[one]', '{match: [{sourceLabels: {app: nosuch}}], route: [{destination: {host: reviews, subset: v2}}]}') +
    bound('b', 'b.example.com', '[one, two]', '{route: [{destination: {host: reviews, subset: v2, port: {number: 9080}}}]}'))
  expect(ask(table, 'http://a.example.com/')).toBe('v1')
  expect(table.virtualHost(80, 'b.example.com').httpsRedirect).toBe(true)
  expect(table.virtualHost(80, 'c.example.com').httpsRedirect).toBe(false)
})

test('a subset is the pods with its labels', () => {
  const table = tableOf(subsets)
  expect(table.cluster(of('v2'))?.endpoints).toEqual([{ address: '10.44.1.2', port: 9080, workload: 'default/reviews-v2' }])
  expect(table.cluster(reviews)?.endpoints).toHaveLength(3)
  expect(table.cluster(of('v9'))).toBeUndefined()
})

test('a subset that selects nobody is there, and empty', () => {
  expect(tableOf(rule('r', 'host: reviews, subsets: [{name: v9, labels: {version: v9}}]')).cluster(of('v9'))?.endpoints).toEqual([])
})

test('pods that are not ready are no endpoints', () => {
  const workloads = [pod('reviews-v1', { app: 'reviews', version: 'v1' }, { ready: false })]
  expect(tableOf('', { workloads }).cluster(reviews)?.endpoints).toEqual([])
})

test('of several DestinationRules for one host the subsets add up and the first policy counts', () => {
  const table = tableOf(rule('a', 'host: reviews, trafficPolicy: {loadBalancer: {simple: RANDOM}}, subsets: [{name: v1, labels: {version: v1}}]') +
    rule('b', 'host: reviews.default.svc.cluster.local, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}, subsets: [{name: v2, labels: {version: v2}}, {name: v1, labels: {version: v3}}]'))
  expect(table.cluster(of('v1'))).toMatchObject({ loadBalancer: 'RANDOM', endpoints: [{ workload: 'default/reviews-v1' }] })
  expect(table.cluster(of('v2'))).toMatchObject({ loadBalancer: 'RANDOM', endpoints: [{ workload: 'default/reviews-v2' }] })
})

test.for([
  ['nothing said', '', 'LEAST_REQUEST'],
  ['the rule', 'trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}},', 'ROUND_ROBIN'],
  ['the port, whole', 'trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}, portLevelSettings: [{port: {number: 9080}, loadBalancer: {simple: RANDOM}}]},', 'RANDOM'],
  ['another port', 'trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}, portLevelSettings: [{port: {number: 1}, loadBalancer: {simple: RANDOM}}]},', 'ROUND_ROBIN'],
  ['the old name', 'trafficPolicy: {loadBalancer: {simple: LEAST_CONN}},', 'LEAST_REQUEST']
] as const)('the load balancer is what %s decides', ([, policy, expected]) => {
  expect(tableOf(rule('r', `host: reviews, ${policy} subsets: [{name: v1, labels: {version: v1}}]`)).cluster(of('v1'))?.loadBalancer).toBe(expected)
})

test('a subset\'s load balancer overrides the rule\'s', () => {
  const table = tableOf(rule('r', 'host: reviews, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}, subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {loadBalancer: {simple: RANDOM}}}]'))
  expect(table.cluster(of('v1'))?.loadBalancer).toBe('RANDOM')
  expect(table.cluster(reviews)?.loadBalancer).toBe('ROUND_ROBIN')
})

test('the caller\'s namespace is asked for a DestinationRule before the host\'s, the root namespace last', () => {
  const all = rule('a', 'host: reviews.default.svc.cluster.local, trafficPolicy: {loadBalancer: {simple: RANDOM}}', 'istio-system') +
    rule('b', 'host: reviews, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}')
  expect(tableOf(all, { namespace: 'elsewhere' }).cluster(reviews)?.loadBalancer).toBe('ROUND_ROBIN')
  const own = all + rule('c', 'host: reviews.default.svc.cluster.local, trafficPolicy: {loadBalancer: {simple: LEAST_REQUEST}}', 'elsewhere')
  expect(tableOf(own, { namespace: 'elsewhere' }).cluster(reviews)?.loadBalancer).toBe('LEAST_REQUEST')
  expect(tableOf(rule('a', 'host: reviews.default.svc.cluster.local, trafficPolicy: {loadBalancer: {simple: RANDOM}}', 'istio-system')).cluster(reviews)?.loadBalancer).toBe('RANDOM')
})

test('exportTo keeps a DestinationRule in its namespace; workloadSelector keeps it to some callers', () => {
  const private_ = rule('r', 'host: reviews, exportTo: ["."], trafficPolicy: {loadBalancer: {simple: RANDOM}}')
  expect(tableOf(private_, { namespace: 'elsewhere' }).cluster(reviews)?.loadBalancer).toBe('LEAST_REQUEST')
  const selected = rule('r', 'host: reviews, workloadSelector: {matchLabels: {app: client}}, trafficPolicy: {loadBalancer: {simple: RANDOM}}')
  expect(tableOf(selected).cluster(reviews)?.loadBalancer).toBe('RANDOM')
  expect(tableOf(selected, { labels: { app: 'sleep' } }).cluster(reviews)?.loadBalancer).toBe('LEAST_REQUEST')
})

const gateway = (hosts: string, tls = ''): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ${hosts}${tls}}]}
---
`
const web = (name: string, hosts: string, http: string, more = ''): string => `
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}}
spec: {hosts: ${hosts}, gateways: [gw], http: ${http}${more}}
`
const via = (match: string, subset: string): string => `{${match === '' ? '' : `match: [{uri: {prefix: ${match}}}], `}route: [{destination: {host: reviews, subset: ${subset}}}]}`

test('at a gateway rules for one host add up, and those that take everything go last', () => {
  const table = gatewayTableOf(gateway('["*"]') + subsets + web('a', '[a.example.com]', `[${via('', 'v1')}]`) + web('b', '[a.example.com]', `[${via('/b', 'v2')}]`))
  expect(ask(table, 'http://a.example.com/b')).toBe('v2')
  expect(ask(table, 'http://a.example.com/c')).toBe('v1')
  expect(ask(table, 'http://b.example.com/')).toBe('404')
})

test('at a gateway the exact host beats the wildcard', () => {
  const table = gatewayTableOf(gateway('["*"]') + subsets + web('a', '["*.example.com"]', `[${via('', 'v1')}]`) + web('b', '[a.example.com]', `[${via('', 'v2')}]`))
  expect(ask(table, 'http://a.example.com/')).toBe('v2')
  expect(ask(table, 'http://A.EXAMPLE.COM/')).toBe('v2')
  expect(ask(table, 'http://b.example.com/')).toBe('v1')
})

test('a gateway answers only for hosts that the server and the rule share', () => {
  const table = gatewayTableOf(gateway('[a.example.com]') + subsets + web('a', '["*"]', `[${via('', 'v1')}]`) + web('b', '[b.example.com]', `[${via('', 'v2')}]`))
  expect(ask(table, 'http://a.example.com/')).toBe('v1')
  expect(ask(table, 'http://b.example.com/')).toBe('404')
})

test.for([['default/*', 'v1'], ['./*', 'v1'], ['other/*', '404'], ['*/*', 'v1']] as const)('a server for %s and a rule of namespace default: %s', ([host, expected]) => {
  expect(ask(gatewayTableOf(gateway(`["${host}"]`) + subsets + web('a', '["*"]', `[${via('', 'v1')}]`)), 'http://x/')).toBe(expected)
})

test('from a gateway a destination without a port is the service\'s only port', () => {
  expect(ask(gatewayTableOf(gateway('["*"]') + web('a', '["*"]', '[{route: [{destination: {host: reviews}}]}]')), 'http://x/')).toBe('reviews.default.svc.cluster.local')
  expect(ask(gatewayTableOf(gateway('["*"]') + web('a', '["*"]', '[{route: [{destination: {host: httpbin}}]}]')), 'http://x/')).toBe('503 NC')
})

test('httpsRedirect holds for every host of its server, with or without a rule', () => {
  const table = gatewayTableOf(gateway('["*"]', ', tls: {httpsRedirect: true}') + web('a', '[a.example.com]', '[{route: [{destination: {host: reviews}}]}]'))
  expect(table.virtualHost(80, 'a.example.com').httpsRedirect).toBe(true)
  expect(table.virtualHost(80, 'b.example.com').httpsRedirect).toBe(true)
})

test('a gateway that selects other pods opens nothing', () => {
  expect(gatewayTableOf(gateway('["*"]').replace('ingressgateway', 'other')).ports).toEqual([])
  expect(gatewayTableOf(gateway('["*"]')).ports).toEqual([80])
})

test('mesh rules do not apply to what a gateway sends on', () => {
  expect(ask(gatewayTableOf(`${gateway('["*"]')}${reviewsRule('[{route: [{destination: {host: reviews, subset: v1}}]}]')}${web('a', '["*"]', '[{route: [{destination: {host: reviews}}]}]')}`), 'http://x/')).toBe('reviews.default.svc.cluster.local')
})
