import { createServer } from 'node:http'
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compileConnection } from './pools.ts'
import { rulesOf } from '../testing/cluster.ts'
import { startTwoPods, until, type TwoPods } from '../testing/two-pods.ts'
import type { Server } from 'node:net'

let pods: TwoPods

beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

const rule = (connectionPool: string): ReturnType<typeof rulesOf> => rulesOf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: server}
spec: {host: server, trafficPolicy: {connectionPool: ${connectionPool}}}
`)

test('settings are milliseconds, those of http before those of tcp, and nothing where nothing is said', () => {
  expect(compileConnection({ tcp: { connectTimeout: '3s', idleTimeout: '1h', maxConnectionDuration: '1m', tcpKeepalive: { time: '10s' } }, http: { idleTimeout: '5s', maxConcurrentStreams: 7 } }))
    .toEqual({ connectTimeout: 3000, idleTimeout: 5000, maxDuration: 60_000, keepAlive: 10_000, maxStreams: 7 })
  expect([compileConnection(undefined), compileConnection({ tcp: { maxConnections: 1 } })]).toEqual([undefined, undefined])
})

test.for([
  ['idleTimeout', '{http: {idleTimeout: 20ms}}', true],
  ['maxConnectionDuration', '{tcp: {maxConnectionDuration: 20ms}}', true],
  ['neither', '{tcp: {connectTimeout: 1s}}', false]
] as const)('with %s %s a connection is given up in time: %s', async ([, settings, expected]) => {
  let connections = 0
  const server = createServer((_request, response) => { response.end() })
  server.keepAliveTimeout = 60_000
  server.on('connection', () => { connections++ })
  await pods.cluster(await pods.serve(server), { kind: 'plain', rules: rule(settings) })
  const begin = performance.now()
  // As long as it takes, or long enough to say that it does not happen.
  const again = (): boolean => connections >= 2
  while (!again() && performance.now() - begin < (expected ? 20_000 : 500)) {
    expect((await pods.call()).status).toBe(200)
    await new Promise((resolve) => { setTimeout(resolve, 60) })
  }
  expect(again()).toBe(expected)
})

test('maxConcurrentStreams opens another connection of HTTP/2', async () => {
  let sessions = 0
  const held: ServerHttp2Stream[] = []
  const server = createHttp2()
  server.on('session', () => { sessions++ })
  server.on('stream', (stream: ServerHttp2Stream) => { held.push(stream) })
  await pods.cluster(await pods.serve(server as unknown as Server), { kind: 'plain', protocol: 'HTTP2', rules: rule('{http: {maxConcurrentStreams: 1}}') })
  const calls = [pods.call(), pods.call()]
  await until(() => held.length === 2)
  expect(sessions).toBe(2)
  for (const stream of held) stream.respond({ ':status': 204 }, { endStream: true })
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([204, 204])
})
