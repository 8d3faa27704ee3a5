import { readConfig } from '@bankinfo/service'
import { expect, onTestFinished, test } from 'vitest'
import { configSchema } from '../config.ts'
import { runFortio } from '../fortio/run.ts'
import { createPingClient } from './client.ts'
import { startGrpcServer } from './server.ts'

async function started () {
  const lines: string[] = []
  const server = await startGrpcServer(readConfig(configSchema, { PORT: '0', POD_NAME: 'grpc-pod' }), (line) => { lines.push(line) })
  onTestFinished(async () => await server.close(100))
  const target = `127.0.0.1:${server.port}`
  const client = createPingClient(target)
  onTestFinished(() => client.close())
  return { server, client, target, lines }
}

async function fortio (...args: string[]) {
  let [out, err] = ['', '']
  const code = await runFortio(['grpcping', ...args], { out: (data) => { out += data.toString() }, err: (text) => { err += text }, signal: new AbortController().signal })
  return { code, out, err }
}

const ping = { seq: 1, payload: '你好', delayMs: 0, timeoutMs: 5000 }

test('sends each ping back, says which pod it is, and logs the call', async () => {
  const { client, lines } = await started()
  expect(await client.ping(ping)).toBe('grpc-pod')
  expect(lines).toEqual([expect.stringMatching(/^127\.0\.0\.1 - - \[.*\] "POST \/fgrpc\.PingServer\/Ping HTTP\/2" 200 - "-" "fortio\/labtools-1\.0\.0 grpc-node-js\//)])
})

test('waits as long as the ping asks, which a deadline cuts short', async () => {
  const { client } = await started()
  await expect(client.ping({ ...ping, delayMs: 5000, timeoutMs: 100 })).rejects.toThrow('DEADLINE_EXCEEDED')
})

test('tells its health by the standard service, until it drains', async () => {
  const { client, server } = await started()
  expect(await client.health('', 5000)).toBe('SERVING')
  expect(await client.health('fgrpc.PingServer', 5000)).toBe('SERVING')
  await expect(client.health('nobody', 5000)).rejects.toThrow('NOT_FOUND')
  server.drain()
  expect(await client.health('', 5000)).toBe('NOT_SERVING')
})

test('fortio grpcping counts who answered', async () => {
  const { target } = await started()
  const { code, out, err } = await fortio('-n', '3', '-payload', 'x', target)
  expect([code, out]).toEqual([0, expect.stringMatching(/^RTT histogram usec : count 3 avg [\d.]+ [^\n]*\nAnswered by grpc-pod : 3\n$/)])
  expect(err.match(/^Ping \d grpc-pod: [\d.]+ ms$/gm)).toHaveLength(3)
  expect((await fortio('-quiet', '-health', target)).out).toContain('Health SERVING : 1\n')
})

test('fortio grpcping fails with the call\'s status', async () => {
  expect(await fortio('-timeout', '500ms', '127.0.0.1:1')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^Error: 127\.0\.0\.1:1: \d+ (UNAVAILABLE|DEADLINE_EXCEEDED)/) })
  expect(await fortio()).toMatchObject({ code: 2, err: expect.stringContaining('needs one HOST:PORT') })
  expect(await fortio('-n', '0', 'x')).toMatchObject({ code: 2 })
})
