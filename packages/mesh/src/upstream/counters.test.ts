import { createServer, request as httpRequest } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rulesOf } from '../testing/cluster.ts'
import { startTwoPods, type TwoPods } from '../testing/two-pods.ts'

let pods: TwoPods

beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

/** Rules for the server: its http routes and its traffic policy, as flow YAML. */
function rules (http: string, trafficPolicy: string): ReturnType<typeof rulesOf> {
  return rulesOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: server}
spec: {hosts: [server], http: [${http}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: server}
spec: {host: server, trafficPolicy: ${trafficPolicy}}
`)
}

const route = 'route: [{destination: {host: server}}]'

/** What `curl localhost:15000/stats` prints of the client's cluster, by name. */
async function statistics (): Promise<Record<string, number>> {
  const text = await new Promise<string>((resolve, reject) => {
    const request = httpRequest({ ...pods.requestOptions(), path: 'http://localhost:15000/stats', headers: { host: 'localhost:15000', 'proxy-authorization': pods.authorization } }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => { body += chunk.toString() })
      response.on('end', () => { resolve(body) })
    })
    request.on('error', reject)
    request.end()
  })
  const prefix = 'cluster.outbound|80||server.default.svc.cluster.local;.'
  return Object.fromEntries(text.split('\n').filter((line) => line.startsWith(prefix)).map((line) => {
    const [name = '', value] = line.slice(prefix.length).split(': ')
    return [name, Number(value)]
  }))
}

test('requests and answers count by status', async () => {
  let status = 200
  await pods.cluster(await pods.serve(createServer((_request, response) => { response.writeHead(status).end() })))
  await pods.call()
  status = 404
  await pods.call()
  expect(await statistics()).toMatchObject({
    upstream_rq_total: 2, upstream_rq_completed: 2, upstream_rq_200: 1, upstream_rq_404: 1, upstream_rq_2xx: 1, upstream_rq_4xx: 1, upstream_rq_active: 0, upstream_rq_retry: 0, membership_total: 1
  })
})

test('retries count, and those that there were no more tries for', async () => {
  await pods.cluster(await pods.serve(createServer((_request, response) => { response.writeHead(503).end() })), {
    rules: rules(`{${route}, retries: {attempts: 2, retryOn: 5xx}}`, '{}')
  })
  await pods.call()
  expect(await statistics()).toMatchObject({ upstream_rq_total: 3, upstream_rq_503: 3, upstream_rq_retry: 2, upstream_rq_retry_success: 0, upstream_rq_retry_limit_exceeded: 1 })
})

test('a retry that helped is a success', async () => {
  let count = 0
  await pods.cluster(await pods.serve(createServer((_request, response) => { response.writeHead(count++ === 0 ? 503 : 200).end() })), {
    rules: rules(`{${route}, retries: {attempts: 2, retryOn: 5xx}}`, '{}')
  })
  await pods.call()
  expect(await statistics()).toMatchObject({ upstream_rq_retry: 1, upstream_rq_retry_success: 1, upstream_rq_retry_limit_exceeded: 0 })
})

test('time limits count', async () => {
  await pods.cluster(await pods.serve(createServer(() => {})), { rules: rules(`{${route}, timeout: 50ms}`, '{}') })
  await pods.call()
  expect(await statistics()).toMatchObject({ upstream_rq_timeout: 1, upstream_rq_504: 1, upstream_rq_per_try_timeout: 0 })
})

test('what overflows, waits and is opened counts where connections are limited', async () => {
  const held: Array<() => void> = []
  await pods.cluster(await pods.serve(createServer((_request, response) => { held.push(() => { response.end() }) })), {
    rules: rules(`{${route}}`, '{connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1}}}')
  })
  const calls = [pods.call(), pods.call(), pods.call(), pods.call()]
  const first = await Promise.race(calls)
  expect(first.status).toBe(503)
  const during = await statistics()
  expect(during).toMatchObject({ upstream_rq_pending_active: 1, upstream_rq_active: 1, upstream_cx_active: 1, 'circuit_breakers.default.cx_open': 1, 'circuit_breakers.default.rq_pending_open': 1, 'circuit_breakers.default.remaining_pending': 0, 'circuit_breakers.default.remaining_retries': 4294967295, 'circuit_breakers.high.rq_pending_open': 0 })
  const release = setInterval(() => { for (const end of held.splice(0)) end() }, 5)
  const answers = await Promise.all(calls)
  clearInterval(release)
  const failed = answers.filter(({ status }) => status === 503).length
  expect(await statistics()).toMatchObject({ upstream_rq_pending_overflow: failed, upstream_rq_503: failed, upstream_rq_pending_active: 0, upstream_cx_total: 1, upstream_rq_active: 0 })
  expect((await statistics())['upstream_cx_overflow']).toBeGreaterThan(0)
})

test('a refused connection throws out who waited for it', async () => {
  await pods.cluster(undefined, { kind: 'plain' })
  await pods.call()
  expect(await statistics()).toMatchObject({ upstream_cx_connect_fail: 3, upstream_rq_pending_failure_eject: 3, upstream_rq_retry: 2, upstream_rq_503: 1 })
})

test('ejections count', async () => {
  await pods.cluster(await pods.serve(createServer((_request, response) => { response.writeHead(500).end() })), {
    rules: rules(`{${route}}`, '{outlierDetection: {consecutive5xxErrors: 2, maxEjectionPercent: 100}}')
  })
  for (let call = 0; call < 3; call++) await pods.call()
  expect(await statistics()).toMatchObject({
    'outlier_detection.ejections_active': 1, 'outlier_detection.ejections_enforced_total': 1, 'outlier_detection.ejections_detected_consecutive_5xx': 1, 'outlier_detection.ejections_overflow': 0, membership_healthy: 0
  })
})

test('counters outlive a change of the policy', async () => {
  const address = await pods.serve(createServer((_request, response) => { response.end() }))
  await pods.cluster(address)
  await pods.call()
  await pods.cluster(address, { rules: rules(`{${route}}`, '{loadBalancer: {simple: RANDOM}}') })
  await pods.call()
  expect((await statistics())['upstream_rq_total']).toBe(2)
})
