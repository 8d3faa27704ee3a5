import { createServer } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askAdmin } from '../../testing/admin.ts'
import { rulesOf } from '../../testing/cluster.ts'
import { startTwoPods, type ClusterOptions, type TwoPods } from '../../testing/two-pods.ts'

let pods: TwoPods

beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

async function serve (options: ClusterOptions = {}): Promise<void> {
  await pods.cluster(await pods.serve(createServer((request, response) => { response.writeHead(request.url === '/404' ? 404 : 200).end('answer') })), options)
}

/** What `curl localhost:15000/stats?...` prints, by name. */
async function stats (query = ''): Promise<Record<string, number>> {
  const { body } = await askAdmin(pods, `/stats${query}`)
  return Object.fromEntries(body.trim().split('\n').filter((line) => line !== '').map((line) => {
    const at = line.lastIndexOf(': ')
    return [line.slice(0, at), Number(line.slice(at + 2))]
  }))
}

const cluster = 'cluster.outbound|80||server.default.svc.cluster.local;.'
const json = (text: string): unknown => JSON.parse(text)

test('without the annotation no statistics of clusters show, the server\'s do', async () => {
  await serve({ clientAnnotations: {} })
  await pods.call()
  const names = Object.keys(await stats())
  expect(names.filter((name) => name.startsWith('cluster.'))).toEqual([])
  expect(names).toContain('server.live')
  expect(names).toContain('cluster_manager.active_clusters')
})

test.each([
  ['prefixes', { 'proxy.istio.io/config': 'proxyStatsMatcher:\n  inclusionPrefixes: [cluster.outbound]' }],
  ['suffixes', { 'proxy.istio.io/config': '{"proxyStatsMatcher":{"inclusionSuffixes":["upstream_rq_total"]}}' }],
  ['a regular expression for the whole name', { 'proxy.istio.io/config': '{"proxyStatsMatcher":{"inclusionRegexps":[".*server\\\\.default.*rq_total"]}}' }],
  ['the older annotation', { 'sidecar.istio.io/statsInclusionPrefixes': 'listener,cluster.outbound' }]
])('the annotation shows clusters by %s', async (_how, clientAnnotations) => {
  await serve({ clientAnnotations })
  await pods.call()
  await pods.call()
  expect((await stats())[`${cluster}upstream_rq_total`]).toBe(2)
})

test('an annotation that is no YAML, or a pattern that is none, shows nothing and breaks nothing', async () => {
  for (const config of ['{', '{"proxyStatsMatcher":{"inclusionRegexps":["("]}}', '{"proxyStatsMatcher":7}']) {
    await serve({ clientAnnotations: { 'proxy.istio.io/config': config } })
    expect(Object.keys(await stats()).some((name) => name.startsWith('cluster.'))).toBe(false)
  }
})

test('a cluster that nobody has called is there with zeros, subsets too', async () => {
  await serve({ rules: rulesOf('{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: server}, spec: {host: server, subsets: [{name: v1, labels: {version: v1}}]}}') })
  const all = await stats()
  expect(all[`${cluster}upstream_rq_pending_overflow`]).toBe(0)
  expect(all['cluster.outbound|80|v1|server.default.svc.cluster.local;.upstream_rq_total']).toBe(0)
})

test('filter, usedonly and type choose; a filter that is no regular expression is told', async () => {
  await serve()
  await pods.call()
  expect(await stats('?filter=upstream_rq_(total|pending_overflow)$')).toEqual({ [`${cluster}upstream_rq_pending_overflow`]: 0, [`${cluster}upstream_rq_total`]: 1 })
  expect(await stats('?filter=upstream_rq_(total|pending_overflow)$&usedonly')).toEqual({ [`${cluster}upstream_rq_total`]: 1 })
  expect(Object.keys(await stats('?filter=outbound&type=Gauges'))).not.toContain(`${cluster}upstream_rq_total`)
  expect(await askAdmin(pods, '/stats?filter=(')).toMatchObject({ status: 400, body: expect.stringContaining('Invalid re2 regex') })
})

test('format=json is Envoy\'s form', async () => {
  await serve()
  const { body, contentType } = await askAdmin(pods, '/stats?filter=^server\\.(live|state)$&format=json')
  expect(contentType).toBe('application/json')
  expect(json(body)).toEqual({ stats: [{ name: 'server.live', value: 1 }, { name: 'server.state', value: 0 }] })
})

test('POST /reset_counters sets counters back, gauges and those of others stay; GET is refused', async () => {
  await serve()
  await pods.call()
  expect(await askAdmin(pods, '/reset_counters')).toMatchObject({ status: 405, body: 'Method GET not allowed, POST required.' })
  expect((await stats())[`${cluster}upstream_rq_total`]).toBe(1)
  expect(await askAdmin(pods, '/reset_counters', { method: 'POST' })).toMatchObject({ status: 200, body: 'OK\n' })
  const after = await stats()
  expect(after[`${cluster}upstream_rq_total`]).toBe(0)
  expect(after[`${cluster}membership_total`]).toBe(1)
  await pods.call()
  expect((await stats())[`${cluster}upstream_rq_total`]).toBe(1)
  expect(pods.telemetry.metrics('default/server')).not.toEqual([])
})

test('Prometheus gets the cluster and the status as labels', async () => {
  await serve()
  await pods.call()
  await pods.call({ path: '/404' })
  const { body, contentType } = await askAdmin(pods, '/stats/prometheus', { port: 15090 })
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  const lines = body.split('\n')
  const labels = 'cluster_name="outbound|80||server.default.svc.cluster.local"'
  expect(lines).toContain(`envoy_cluster_upstream_rq_total{${labels}} 2`)
  expect(lines).toContain(`envoy_cluster_upstream_rq{${labels},response_code="404"} 1`)
  expect(lines).toContain(`envoy_cluster_upstream_rq{${labels},response_code_class="2xx"} 1`)
  expect(lines).toContain('# TYPE envoy_cluster_membership_total gauge')
  expect(lines).toContain('# TYPE envoy_cluster_upstream_rq_total counter')
  expect(lines).toContain('envoy_server_live 1')
})

test('/clusters names endpoints with their requests and health, without any annotation', async () => {
  await serve({ clientAnnotations: {} })
  await pods.call()
  const { body } = await askAdmin(pods, '/clusters')
  const name = 'outbound|80||server.default.svc.cluster.local'
  expect(body.split('\n')).toEqual(expect.arrayContaining([
    `${name}::default_priority::max_connections::4294967295`, `${name}::10.44.0.2:8080::rq_total::1`, `${name}::10.44.0.2:8080::health_flags::healthy`
  ]))
})

test('each port answers what is its own', async () => {
  await serve()
  expect(await askAdmin(pods, '/ready')).toMatchObject({ status: 200, body: 'LIVE\n' })
  expect(json((await askAdmin(pods, '/server_info')).body)).toMatchObject({ state: 'LIVE', node: { id: 'sidecar~10.44.0.1~client.default~default.svc.cluster.local', cluster: 'client.default' } })
  expect((await askAdmin(pods, '/')).body).toContain('/reset_counters (POST)')
  expect(await askAdmin(pods, '/nothing')).toMatchObject({ status: 404, body: expect.stringMatching(/^invalid path\. admin commands are:\n/) })
  expect(await askAdmin(pods, '/healthz/ready', { port: 15021 })).toMatchObject({ status: 200, body: '' })
  expect(await askAdmin(pods, '/healthz/ready', { port: 15020 })).toMatchObject({ status: 200, body: '' })
  expect(await askAdmin(pods, '/stats', { port: 15021 })).toMatchObject({ status: 404 })
  expect(await askAdmin(pods, '/stats', { port: 15090 })).toMatchObject({ status: 404 })
  expect((await askAdmin(pods, '/stats/prometheus', { port: 15020 })).body).toContain('envoy_server_live 1')
})
