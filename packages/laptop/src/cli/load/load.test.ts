import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startTestCli, type TestCli } from '../../testing/cli.ts'
import { fortioCommand, readFortio } from './from-pod.ts'
import { formatOutcome } from './outcome.ts'
import { flagsOf } from './response-flags.ts'

let cli: TestCli
beforeAll(async () => {
  cli = await startTestCli()
  await cli.store.create({
    apiVersion: 'v1', kind: 'Service', metadata: { name: 'httpbin', namespace: 'default' }, spec: { clusterIP: '10.96.0.9', selector: { app: 'web' }, ports: [{ port: 8000 }] }
  })
})
afterAll(async () => { await cli.close() })

async function listen (listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('load from outside', () => {
  it('makes the calls that it is told to, and tells statuses, shares and latency', async () => {
    const seen: { method: string | undefined, user: string | undefined, agent: string | undefined }[] = []
    const url = await listen((request, response) => {
      seen.push({ method: request.method, user: request.headers['end-user'] as string, agent: request.headers['user-agent'] })
      response.statusCode = seen.length % 4 === 0 ? 503 : 200
      response.end()
    })
    const { code, stdout } = await cli.bankinfo(['load', `${url}/x`, '-n', '20', '-c', '2', '-X', 'PUT', '-H', 'end-user: jason'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^20 calls of http:\/\/127\.0\.0\.1:\d+\/x from outside in [\d.]+ s: [\d.]+ per second, 2 at a time over 2 connections\n/)
    expect(stdout).toMatch(/^200 +15 +75\.0 % +OK$/m)
    expect(stdout).toMatch(/^503 +5 +25\.0 % +Service Unavailable$/m)
    expect(stdout).toMatch(/^MIN +MEAN +P50 +P75 +P90 +P99 +P99\.9 +MAX$/m)
    expect(seen[0]).toEqual({ method: 'PUT', user: 'jason', agent: expect.stringMatching(/^bankinfo-load\/[0-9a-f]{8}$/) })
  })

  it('is JSON where that is asked for', async () => {
    const url = await listen((_request, response) => response.end())
    const { stdout } = await cli.bankinfo(['load', url, '-n', '3', '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({ url: `${url}/`, from: 'outside', connections: 1, report: { calls: 3, statuses: { 200: 3 }, sockets: 1 }, flags: {} })
  })

  it('fails when nobody answers', async () => {
    const { code, stdout } = await cli.bankinfo('load http://127.0.0.1:1/ -n 2')
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^none +2 +100\.0 % +no answer$/m)])
  })

  it('keeps to a rate and a duration', async () => {
    const url = await listen((_request, response) => response.end())
    const { stdout } = await cli.bankinfo(['load', url, '-t', '300ms', '--qps', '20', '-o', 'json'])
    const { report } = JSON.parse(stdout) as { report: { calls: number } }
    expect(report.calls).toBeGreaterThan(0)
    expect(report.calls).toBeLessThanOrEqual(6)
  })
})

describe('what load refuses', () => {
  it.each([
    ['load http://192.0.2.1/', '192.0.2.1 is not on this machine. Load is for servers of your own: if it is one, say --yes-i-own-it'],
    ['load http://httpbin:8000/get', 'httpbin is a Service of the cluster, which only pods reach: say who calls with --from, such as --from deploy/sleep'],
    ['load http://10.96.0.9:8000/get', '10.96.0.9 is a Service of the cluster'],
    ['load http://httpbin.org/ --from web-1', 'httpbin.org is no Service of the cluster. Load is for servers of your own'],
    ['load http://httpbin:8000/ --from nobody', 'there is no pod, deployment or service "nobody" in namespace "default" to call from'],
    ['load ftp://localhost/', 'expected http or https, got ftp'],
    ['load http://localhost/ -c 5000', 'connections: expected a whole number from 1 to 1000, got 5000'],
    ['load http://localhost/ -c two', 'invalid argument "two" for "--connections": expected a number'],
    ['load http://localhost/ -n 0', 'requests: expected a whole number'],
    ['load http://localhost/ -t 1h', 'duration: expected more than 0 and at most 600 seconds'],
    ['load http://localhost/ --qps 0', 'rate: expected more than 0'],
    ['load http://localhost/ -H novalue', '"novalue" is no header'],
    ['load http://localhost/ -o yaml', 'expected text or json']
  ])('%s', async (line, message) => {
    expect(await cli.bankinfo(line)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(message) })
  })
})

const plan = {
  url: new URL('http://httpbin:8000/post?a=b'),
  method: 'POST',
  headers: [['User-Agent', 'bankinfo-load/1']] as const,
  body: 'text',
  connections: 3,
  requests: 30,
  durationMs: undefined,
  rate: undefined,
  timeoutMs: 15_000,
  insecure: false,
  runId: 'bankinfo-load/1'
}

describe('load from a pod', () => {
  it('is a command line of fortio', () => {
    expect(fortioCommand(plan).join(' ')).toBe('fortio load -quiet -json - -warmup=false -c 3 -qps 0 -timeout 15000ms -p 50,75,90,99,99.9 -n 30 -X POST -H User-Agent: bankinfo-load/1 -payload text http://httpbin:8000/post?a=b')
    expect(fortioCommand({ ...plan, requests: undefined, durationMs: 2000, rate: 5, body: undefined, insecure: true }).join(' ')).toContain('-qps 5 -timeout 15000ms -p 50,75,90,99,99.9 -t 2000ms -k -X POST')
  })

  it('reads fortio\'s JSON', () => {
    expect(readFortio({
      ActualQPS: 100,
      ActualDuration: 300_000_000,
      SocketCount: 3,
      RetCodes: { 200: 20, 503: 10 },
      Errors: {},
      DurationHistogram: { Count: 30, Min: 0.001, Max: 0.01, Avg: 0.004, StdDev: 0.002, Percentiles: [{ Percentile: 50, Value: 0.003 }, { Percentile: 99.9, Value: 0.01 }] }
    })).toEqual({
      calls: 30,
      seconds: 0.3,
      rate: 100,
      sockets: 3,
      statuses: { 200: 20, 503: 10 },
      errors: {},
      interrupted: false,
      latency: { min: 0.001, max: 0.01, mean: 0.004, standardDeviation: 0.002, percentiles: { 50: 0.003, 99.9: 0.01 } }
    })
  })
})

describe('response flags', () => {
  it.each([
    ['[2026-11-21T15:19:58.103Z] "GET /get HTTP/1.1" 503 UO upstream_reset_before_response_started{overflow} - "-" 0 81 4 - "-" "x" "id" "httpbin:8000" "-"', 'UO'],
    ['[2026-11-21T15:19:58.103Z] "GET /get HTTP/1.1" 200 - via_upstream - "-" 0 327 4 3 "-" "x" "id" "httpbin:8000" "10.44.0.9:8000"', '-'],
    ['[2026-11-21T15:19:58.103Z] "GET /get HTTP/1.1" 503 URX,UF upstream_reset - "-" 0 81 4 - "-" "x"', 'URX,UF'],
    ['something else', undefined]
  ])('are read from %s', (line, flags) => {
    expect(flagsOf(line)).toBe(flags)
  })

  it('are told with their meaning, the most frequent first', () => {
    const report = { ...readFortio({}), calls: 10, statuses: { 200: 3, 503: 7 } }
    const text = formatOutcome({ url: 'http://httpbin:8000/', from: 'sleep-1', connections: 1, report, flags: { '-': 3, UO: 6, 'URX,UF': 1 } })
    expect(text).toMatch(/UO +6 +60\.0 % +overflow: a circuit breaker's limit is reached\n- +3 +30\.0 % +nothing to report[^\n]*\nURX,UF +1 +10\.0 % +the retries are used up; the connection to the upstream failed\n/)
  })
})
