import { expect, test } from 'vitest'
import { clusterState, gatewayTableOf, tableOf } from '../testing/cluster.ts'
import { buildRegistry } from './registry.ts'
import { inboundPort } from './inbound.ts'

const balancing = (simple: string): string => `trafficPolicy: {loadBalancer: {simple: ${simple}}}`
const rule = (name: string, spec: string, namespace = 'default'): string => `
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${name}, namespace: ${namespace}}
spec: {${spec}}
`
const reviews = 'outbound|9080||reviews.default.svc.cluster.local'
const whole = 'host: reviews.default.svc.cluster.local'

test('a rule for this very workload counts alone, not merged with those for all', () => {
  const rules = rule('all', `host: reviews, ${balancing('ROUND_ROBIN')}, subsets: [{name: v1, labels: {version: v1}}]`) +
    rule('own', `host: reviews, workloadSelector: {matchLabels: {app: client}}, ${balancing('RANDOM')}, subsets: [{name: v2, labels: {version: v2}}]`)
  const own = tableOf(rules)
  expect([own.cluster(reviews)?.loadBalancer, own.cluster(reviews.replace('||', '|v1|')), own.cluster(reviews.replace('||', '|v2|'))?.subset]).toEqual(['RANDOM', undefined, 'v2'])
  const other = tableOf(rules, { labels: { app: 'other' } })
  expect([other.cluster(reviews)?.loadBalancer, other.cluster(reviews.replace('||', '|v1|'))?.subset]).toEqual(['ROUND_ROBIN', 'v1'])
})

test('rules that are shown to others than the first are no part of it: the last that is for all counts', () => {
  const rules = rule('a', `host: reviews, ${balancing('ROUND_ROBIN')}`) + rule('b', `host: reviews, exportTo: ["."], ${balancing('RANDOM')}`)
  expect(tableOf(rules).cluster(reviews)?.loadBalancer).toBe('RANDOM')
  expect(tableOf(rules, { namespace: 'elsewhere' }).cluster(reviews)?.loadBalancer).toBe('ROUND_ROBIN')
})

test('a gateway in the root namespace asks the host\'s namespace first, unless a rule is for the gateway\'s namespace alone', () => {
  const host = rule('a', `host: reviews, ${balancing('ROUND_ROBIN')}`)
  const root = rule('b', `${whole}, ${balancing('RANDOM')}`, 'istio-system')
  const alone = rule('c', `${whole}, exportTo: ["."], ${balancing('PASSTHROUGH')}`, 'istio-system')
  expect(gatewayTableOf(host + root).cluster(reviews)?.loadBalancer).toBe('ROUND_ROBIN')
  expect(gatewayTableOf(host + root + alone).cluster(reviews)?.loadBalancer).toBe('PASSTHROUGH')
  expect(gatewayTableOf(root).cluster(reviews)?.loadBalancer).toBe('RANDOM')
})

test('a rule for some callers does not limit the server\'s own side', () => {
  const state = clusterState(rule('own', 'host: reviews, workloadSelector: {matchLabels: {app: reviews}}, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}') +
    rule('all', 'host: reviews, trafficPolicy: {connectionPool: {tcp: {maxConnections: 2}}}'))
  const server = state.workloads.find(({ name }) => name === 'reviews-v1')
  if (server === undefined) throw new Error('no server')
  expect(inboundPort(buildRegistry(state), server, 9080).limits?.maxConnections).toBe(2)
})

test('PASSTHROUGH has no endpoints: a request goes where it was sent', () => {
  expect(tableOf(rule('a', `host: reviews, ${balancing('PASSTHROUGH')}`)).cluster(reviews)).toMatchObject({ discovery: 'ORIGINAL_DST', endpoints: [] })
})

test('ServiceEntries of one namespace for one host have the ports of all', () => {
  const entry = (name: string, port: string, address: string): string => `
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}}
spec: {hosts: [x.example.com], resolution: STATIC, ports: [${port}], endpoints: [{address: ${address}}]}
`
  const table = tableOf(entry('a', '{number: 80, name: http, protocol: HTTP}', '10.1.0.1') + entry('b', '{number: 8080, name: http, protocol: HTTP}', '10.1.0.2') + entry('c', '{number: 80, name: http, protocol: HTTP}', '10.1.0.3'))
  expect(table.cluster('outbound|80||x.example.com')?.endpoints).toMatchObject([{ address: '10.1.0.1' }])
  expect(table.cluster('outbound|8080||x.example.com')?.endpoints).toMatchObject([{ address: '10.1.0.2' }])
})
