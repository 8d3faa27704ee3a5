import { createServer, request as httpRequest, type ClientRequest } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rulesOf } from '../testing/cluster.ts'
import { startTwoPods, until, type TwoPods } from '../testing/two-pods.ts'

let pods: TwoPods

beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

/** A server that answers as it is told, under rules for it; tells how many requests have come. */
async function withRules (http: string, { policy = '{}', answer = () => {} }: { policy?: string, answer?: Parameters<typeof createServer>[1] } = {}): Promise<() => number> {
  let count = 0
  await pods.cluster(await pods.serve(createServer((request, response) => {
    count++
    answer?.(request, response)
  })), {
    rules: rulesOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: server}
spec: {hosts: [server], http: [{${http}, route: [{destination: {host: server}}]}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: server}
spec: {host: server, trafficPolicy: ${policy}}
`)
  })
  return () => count
}

/** A client whose connection is its own. */
function open (method = 'GET'): ClientRequest {
  const request = httpRequest(pods.requestOptions({ method }))
  request.on('error', () => {})
  return request
}

const gone = [0, 'DC', 'downstream_remote_disconnect']

test('one that leaves during an injected delay is never sent on', async () => {
  const count = await withRules('fault: {delay: {fixedDelay: 200ms, percentage: {value: 100}}}')
  const request = open()
  request.end(() => { setTimeout(() => { request.destroy() }, 30) })
  await until(() => pods.records.length === 1)
  expect(pods.log('outbound')).toEqual([[0, 'DI,DC', 'downstream_remote_disconnect']])
  await pause(250)
  expect(count()).toBe(0)
})

test('one that leaves between two tries is not tried again, and gives the place of its retry back', async () => {
  const count = await withRules('retries: {attempts: 5, retryOn: 5xx, backoff: 10s}', {
    policy: '{connectionPool: {http: {maxRetries: 1}}}',
    answer: (_request, response) => { response.writeHead(503).end() }
  })
  for (let client = 1; client <= 2; client++) {
    const request = open()
    request.end()
    await until(() => count() === client)
    await pause(20)
    request.destroy()
    await until(() => pods.log('outbound').length === client)
  }
  // With the place still taken the second would have had its 503 at once, flagged UO.
  expect(pods.log('outbound')).toEqual([gone, gone])
  expect(count()).toBe(2)
})

test('one that leaves while it waits for a connection gives its place back', async () => {
  const held: Array<() => void> = []
  const count = await withRules('name: r', {
    policy: '{connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1}}}',
    answer: (_request, response) => { held.push(() => { response.end() }) }
  })
  const first = pods.call()
  await until(() => count() === 1)
  const waiting = open()
  waiting.end()
  await until(() => waiting.writableFinished)
  await pause(20)
  expect((await pods.call()).status).toBe(503)
  waiting.destroy()
  await until(() => pods.log('outbound').length === 2)
  const second = pods.call()
  await pause(20)
  held[0]?.()
  await until(() => held.length === 2)
  held[1]?.()
  expect([(await first).status, (await second).status, count()]).toEqual([200, 200, 2])
})

test('one that leaves in the middle of an answer has the server stop', async () => {
  let stopped = false
  await withRules('name: r', {
    answer: (_request, response) => {
      const chunk = Buffer.alloc(1 << 16)
      const write = (): void => { while (!response.destroyed && response.write(chunk)); }
      response.on('drain', write)
      response.on('close', () => { stopped = true })
      write()
    }
  })
  const request = open()
  request.on('response', (response) => { response.once('data', () => { request.destroy() }) })
  request.end()
  await until(() => stopped && pods.records.length === 2)
  expect(pods.log('outbound')).toMatchObject([[200, 'DC', 'downstream_remote_disconnect']])
})

test('an answer that nobody wants is read as far as it is short, and broken off where it is long', async () => {
  let closed = 0
  let tries = 0
  await withRules('retries: {attempts: 1, retryOn: 5xx}', {
    answer: (_request, response) => {
      if (++tries > 1) {
        response.end('good')
        return
      }
      response.on('close', () => { closed++ })
      response.writeHead(503)
      const chunk = Buffer.alloc(1 << 16)
      const write = (): void => { while (!response.destroyed && response.write(chunk)); }
      response.on('drain', write)
      write()
    }
  })
  expect((await pods.call()).body.toString()).toBe('good')
  await until(() => closed === 1)
})

test('a body too long to be kept is not sent twice: the first answer is the last', async () => {
  const received: number[] = []
  await withRules('retries: {attempts: 3, retryOn: 5xx}', {
    answer: (request, response) => {
      let size = 0
      request.on('data', (chunk: Buffer) => { size += chunk.length })
      request.on('end', () => {
        received.push(size)
        response.writeHead(503).end()
      })
    }
  })
  expect((await pods.call({ method: 'POST', body: Buffer.alloc(2 << 20) })).status).toBe(503)
  expect(received).toEqual([2 << 20])
  expect((await pods.call({ method: 'POST', body: Buffer.alloc(1 << 19) })).status).toBe(503)
  expect(received.slice(1)).toEqual(Array.from({ length: 4 }, () => 1 << 19))
})
