import { createServer } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { admit, compileLimits, createGate, type ConnectionPoolSpec, type Gate } from './connection-pool.ts'
import { rulesOf } from '../testing/cluster.ts'
import { startTwoPods, until, type TwoPods } from '../testing/two-pods.ts'

/** A cluster's gate, and calls by number: what became of each. */
function callsOf (spec: ConnectionPoolSpec): { gate: Gate, outcomes: string[], call: (endpoint?: string) => () => void } {
  const limits = compileLimits(spec)
  if (limits === undefined) throw new Error('no limits')
  const gate = createGate()
  const outcomes: string[] = []
  return {
    gate,
    outcomes,
    call: (endpoint = 'a') => {
      const index = outcomes.push('waits') - 1
      const release = admit(gate, { limits, endpoint, go: (last) => { outcomes[index] = last ? 'goes, last' : 'goes' }, refuse: () => { outcomes[index] = 'refused' } })
      if (release === undefined) outcomes[index] = 'no place'
      return release ?? (() => {})
    }
  }
}

const turn = async (): Promise<void> => { await new Promise((resolve) => { setImmediate(resolve) }) }

test('nothing said, or 0, is no limit', () => {
  expect([compileLimits(undefined), compileLimits({}), compileLimits({ tcp: { maxConnections: 0 }, http: { maxRetries: 0 } })]).toEqual([undefined, undefined, undefined])
})

test('one connection and one place: one goes, one waits, the third has no place', async () => {
  const { call, outcomes } = callsOf({ tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } })
  const first = call()
  await turn()
  const second = call()
  call()
  expect(outcomes).toEqual(['goes', 'waits', 'no place'])
  first()
  expect(outcomes[1]).toBe('goes')
  second()
  call()
  expect(outcomes[3]).toBe('goes')
})

test('a connection that is being opened takes a place among the waiting ones', async () => {
  const { call, outcomes } = callsOf({ http: { http1MaxPendingRequests: 1 } })
  call()
  call()
  await turn()
  expect(outcomes).toEqual(['goes', 'no place'])
})

test('maxConnections alone makes requests wait, in order', async () => {
  const { call, outcomes, gate } = callsOf({ tcp: { maxConnections: 1 } })
  const releases = [call(), call(), call()]
  await turn()
  expect(outcomes).toEqual(['goes', 'waits', 'waits'])
  releases[1]?.()
  releases[0]?.()
  expect([outcomes[2], gate.pending]).toEqual(['goes', 0])
})

test('each endpoint may have a connection, however few are allowed', async () => {
  const { call, outcomes } = callsOf({ tcp: { maxConnections: 1 } })
  call('a')
  call('b')
  call('a')
  await turn()
  expect(outcomes).toEqual(['goes', 'goes', 'waits'])
})

test('http2MaxRequests limits HTTP/1.1 too', async () => {
  const { call, outcomes, gate } = callsOf({ http: { http2MaxRequests: 1 } })
  const first = call()
  call()
  await turn()
  expect(outcomes).toEqual(['goes', 'refused'])
  first()
  expect(gate.requests).toBe(0)
  call()
  expect(outcomes[2]).toBe('goes')
})

test('a connection\'s last request is told', async () => {
  const { call, outcomes, gate } = callsOf({ http: { maxRequestsPerConnection: 2 } })
  for (let index = 0; index < 3; index++) {
    const release = call()
    await turn()
    release()
  }
  expect(outcomes).toEqual(['goes', 'goes, last', 'goes'])
  expect(gate.open).toBe(1)
})

let pods: TwoPods
beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

interface Held { readonly answer: (status?: number) => void }

/** The server holds every request until it is told to answer. */
async function withPolicy (policy: string, http = '[{route: [{destination: {host: server}}]}]'): Promise<{ held: Held[], connections: () => number }> {
  const held: Held[] = []
  let connections = 0
  const server = createServer((_request, response) => { held.push({ answer: (status = 200) => { response.writeHead(status).end('ok') } }) })
  server.on('connection', () => { connections++ })
  const address = await pods.serve(server)
  await pods.cluster(address, {
    rules: rulesOf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: server}
spec: {host: server, trafficPolicy: ${policy}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: server}
spec: {hosts: [server], http: ${http}}
`)
  })
  return { held, connections: () => connections }
}

const narrow = '{connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1, maxRequestsPerConnection: 1}}}'

test('what is too much is answered 503 UO at once, without a retry; who waits gets through', async () => {
  const { held, connections } = await withPolicy(narrow, '[{retries: {attempts: 3, retryOn: 5xx}, headers: {response: {set: {x-a: b}}}, route: [{destination: {host: server}}]}]')
  const first = pods.call()
  await until(() => held.length === 1)
  const second = pods.call()
  const third = await Promise.race([pods.call(), pods.call()])
  expect([third.status, third.headers['x-envoy-overloaded'], third.headers['x-a']]).toEqual([503, 'true', 'b'])
  expect(third.body.toString()).toBe('upstream connect error or disconnect/reset before headers. reset reason: overflow')
  expect(pods.log('outbound')[0]).toEqual([503, 'UO', 'upstream_reset_before_response_started{overflow}'])
  held[0]?.answer()
  expect((await first).status).toBe(200)
  await until(() => held.length === 2)
  held[1]?.answer()
  await second
  expect(connections()).toBe(2)
})

test('a client that leaves gives its place back', async () => {
  const { held } = await withPolicy('{connectionPool: {http: {http2MaxRequests: 1}}}', '[{timeout: 50ms, route: [{destination: {host: server}}]}]')
  for (let index = 0; index < 3; index++) expect((await pods.call()).status).toBe(504)
  expect(held).toHaveLength(3)
})

test('an endpoint that fails is ejected, for this caller: 503 UH', async () => {
  const { held } = await withPolicy('{outlierDetection: {consecutive5xxErrors: 1, maxEjectionPercent: 100}}')
  const first = pods.call()
  await until(() => held.length === 1)
  held[0]?.answer(500)
  expect((await first).status).toBe(500)
  expect([(await pods.call()).status, pods.log('outbound').at(-1)]).toEqual([503, [503, 'UH', 'no_healthy_upstream']])
})

test('a Sidecar\'s inboundConnectionPool limits the server\'s own proxy in the DestinationRule\'s place', async () => {
  const held: Held[] = []
  await pods.cluster(await pods.serve(createServer((_request, response) => { held.push({ answer: () => { response.end() } }) })), {
    rules: rulesOf(`
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: server}
spec: {workloadSelector: {labels: {app: server}}, inboundConnectionPool: {http: {http2MaxRequests: 1}}}
`)
  })
  const first = pods.call()
  await until(() => held.length === 1)
  expect([(await pods.call()).status, pods.log('inbound')[0]?.[1], pods.log('outbound')[0]?.[1]]).toEqual([503, 'UO', '-'])
  held[0]?.answer()
  expect((await first).status).toBe(200)
})

test('another policy is another cluster: nobody is ejected there', async () => {
  const { held } = await withPolicy('{outlierDetection: {consecutive5xxErrors: 1, maxEjectionPercent: 100}}')
  const first = pods.call()
  await until(() => held.length === 1)
  held[0]?.answer(500)
  await first
  const next = await withPolicy('{outlierDetection: {consecutive5xxErrors: 2, maxEjectionPercent: 100}}')
  const again = pods.call()
  await until(() => next.held.length === 1)
  next.held[0]?.answer()
  expect((await again).status).toBe(200)
})

test('explain tells both', async () => {
  await withPolicy('{connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 2}}, outlierDetection: {}}')
  expect(pods.mesh.explain({ from: 'client', url: 'http://server/' }).outcome).toMatchObject({
    destinations: [{ policies: ['connectionPool: at most 1 connections, 2 waiting requests; what is more is answered 503 (UO)', expect.stringContaining('none is ever ejected')] }]
  })
})
