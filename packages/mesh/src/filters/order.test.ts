import { afterEach, beforeEach, expect, test } from 'vitest'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { compileFilters } from './order.ts'
import { rulesOf } from '../testing/cluster.ts'
import { startTwoPods, type TwoPods } from '../testing/two-pods.ts'

let pods: TwoPods
beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

const context = { port: 80, clusterOf: ({ host }: { host: string }) => host }

test('a route has the filters that its rule uses, in order, and no others', () => {
  const route = [{ destination: { host: 'a' } }]
  expect(compileFilters({ route }, context)).toEqual([])
  const all = compileFilters({
    mirror: { host: 'b' },
    headers: { request: { remove: ['x'] } },
    rewrite: { uri: '/' },
    corsPolicy: {},
    fault: { abort: { httpStatus: 500, percentage: { value: 1 } } },
    route
  }, context)
  expect(all.map(({ kind }) => kind)).toEqual(['fault', 'cors', 'rewrite', 'headers', 'mirror'])
})

test('a request under rules that change obeys one of them whole, and none is lost', { timeout: 60_000 }, async () => {
  const address = await pods.serve(createServer((request, response) => {
    request.resume()
    response.end(JSON.stringify({ path: request.url, headers: request.headers }))
  }))
  const rules = ['one', 'two'].map((name) => rulesOf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: server}
spec: {host: server, trafficPolicy: {connectionPool: {tcp: {maxConnections: ${name.length}}}, outlierDetection: {consecutive5xxErrors: ${name.charCodeAt(0)}}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: server}
spec:
  hosts: [server]
  http:
  - name: ${name}
    fault: {delay: {fixedDelay: 1ms, percentage: {value: 50}}}
    rewrite: {uri: /${name}, authority: ${name}}
    headers: {request: {set: {x-rule: ${name}}}, response: {set: {x-rule: ${name}}}}
    route: [{destination: {host: server}}]
`))
  await pods.cluster(address, { rules: rules[0] ?? [] })
  let turn = 0
  const total = 2000
  let sent = 0
  const seen = new Set<string>()
  const worker = async (): Promise<void> => {
    while (sent++ < total) {
      if (sent % 5 === 0) await pods.cluster(address, { rules: rules[++turn % 2] ?? [] })
      const { status, headers, body } = await pods.call({ method: 'POST', body: Buffer.from('x') })
      expect(status).toBe(200)
      const told = JSON.parse(body.toString()) as { path: string, headers: IncomingHttpHeaders }
      const rule = headers['x-rule']
      expect([told.path, told.headers.host, told.headers['x-rule']]).toEqual([`/${String(rule)}`, rule, rule])
      seen.add(String(rule))
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  expect([...seen].sort()).toEqual(['one', 'two'])
  expect(pods.records.filter(({ direction }) => direction === 'outbound')).toHaveLength(total)
})
