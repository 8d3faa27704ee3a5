import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { buildHttpbin } from '../httpbin/app.ts'
import { tested } from '../labtools.fixture.ts'
import { FlagError, formatDuration, parseDuration, parseFlags } from './flags.ts'
import { histogram } from './report/histogram.ts'
import { runFortio } from './run.ts'

/** Runs a command line; URL in it stands for a httpbin's address. */
async function fortio (line: string) {
  const { url, lines } = await tested(buildHttpbin)
  let [out, err] = ['', '']
  const code = await runFortio(line.replace('URL', url).split(' '), {
    out: (data) => { out += data.toString() },
    err: (text) => { err += text },
    signal: new AbortController().signal
  })
  return { code, out, err, url, calls: lines.length }
}

describe('load', () => {
  test('prints the lines that documents read', async () => {
    const { code, out, err } = await fortio('load -c 2 -qps 0 -n 20 -loglevel Warning URL/get')
    expect(code).toBe(0)
    for (const line of [
      /^Fortio .* running at 0 queries per second, \d+->1 procs, for 20 calls: http:.*\/get$/m,
      /^Starting at max qps with 2 thread\(s\) \[gomax 1\] for exactly 20 calls \(10 per thread \+ 0\)$/m,
      /^Ended after [\d.]+m?s : 20 calls\. qps=[\d.]+$/m,
      /^Aggregated Function Time : count 20 avg [\d.e-]+ \+\/- [\d.e-]+ min [\d.e-]+ max [\d.e-]+ sum [\d.e-]+$/m,
      /^>= [\d.e-]+ <= [\d.]+ , [\d.e-]+ , [\d.]+, \d+$/m,
      /^# target 50% [\d.e-]+$/m,
      /^# target 99\.9% [\d.e-]+$/m,
      /^Sockets used: 2 \(for perfect keepalive, would be 2\)$/m,
      /^Code 200 : 20 \(100\.0 %\)$/m,
      /^Response Header Sizes : count 20 avg /m,
      /^Response Body\/Total Sizes : count 20 avg /m,
      /^All done 20 calls \(plus 0 warmup\) [\d.]+ ms avg, [\d.]+ qps$/m
    ]) expect(out).toMatch(line)
    expect(err).toBe('')
  })
  test('counts each status, and says what is not well', async () => {
    const { code, out, err } = await fortio('load -c 3 -qps 0 -n 30 -loglevel Warning URL/status/503')
    expect(code).toBe(0)
    expect(out).toContain('Code 503 : 30 (100.0 %)\n')
    expect(err.match(/^\d\d:\d\d:\d\d W http> \[\d\] Non ok http code 503 \(HTTP\/1\.1\)$/gm)).toHaveLength(30)
    expect((await fortio('load -quiet -c 1 -qps 0 -n 2 URL/status/503')).err).toBe('')
  })
  test('a call without an answer is code -1', async () => {
    const { code, out, err } = await fortio('load -c 1 -qps 0 -n 2 http://127.0.0.1:1/')
    expect(code).toBe(0)
    expect(out).toContain('Code  -1 : 2 (100.0 %)\n')
    expect(err).toContain('ECONNREFUSED')
  })
  test('by duration it warms up first, and gives up where that fails', async () => {
    expect((await fortio('load -t 200ms -qps 0 -c 2 URL/get')).out).toMatch(/^All done \d+ calls \(plus 2 warmup\)/m)
    const failed = await fortio('load -t 200ms -qps 0 -c 2 URL/status/500')
    expect(failed).toMatchObject({ code: 1, err: expect.stringContaining('Aborting because of status 500') })
    expect((await fortio('load -t 200ms -qps 0 -c 2 -allow-initial-errors -quiet URL/status/500')).code).toBe(0)
  })
  test('a rate is told before, and is kept', async () => {
    const { out } = await fortio('load -t 500ms -qps 8 -c 2 URL/get')
    expect(out).toContain('Starting at 8 qps with 2 thread(s) [gomax 1] for 500ms : 2 calls each (total 4)\n')
    expect(out).toMatch(/^All done [1-4] calls/m)
  })
  test('sends header fields, method and payload', async () => {
    expect((await fortio('load -curl -H X-A:1 -H Host:httpbin.example.com -user u:p URL/get')).out)
      .toMatch(/"Authorization": "Basic dTpw",[^]*"Host": "httpbin.example.com",[^]*"User-Agent": "fortio\/labtools[^]*"X-A": "1"/)
    expect((await fortio('curl -payload hello -content-type text/plain URL/anything')).out).toMatch(/"data": "hello"[^]*"method": "POST"/)
    expect((await fortio('curl -payload-size 3 -X PUT URL/anything')).out).toMatch(/"data": "xxx"[^]*"method": "PUT"/)
  })
  test('a call that takes too long has no answer', async () => {
    expect((await fortio('load -quiet -n 1 -c 1 -timeout 100ms URL/delay/5')).out).toContain('Code  -1 : 1 (100.0 %)')
  })
  test('-abort-on ends the run', async () => {
    expect((await fortio('load -quiet -n 1000 -qps 0 -c 1 -abort-on 503 URL/status/503')).out).toMatch(/^Code 503 : 1 \(100\.0 %\)$/m)
  })
  test('-json - is fortio\'s JSON and nothing else', async () => {
    const { out } = await fortio('load -c 2 -qps 0 -n 10 -p 50,99 -labels lesson -json - URL/get')
    expect(JSON.parse(out)).toMatchObject({
      RunType: 'HTTP',
      Labels: 'lesson',
      RequestedQPS: 'max',
      RequestedDuration: 'exactly 10 calls',
      NumThreads: 2,
      RetCodes: { 200: 10 },
      SocketCount: 2,
      DurationHistogram: { Count: 10, Percentiles: [{ Percentile: 50 }, { Percentile: 99 }] }
    })
  })
})

describe('curl', () => {
  test('shows the answer as it came', async () => {
    const { code, out } = await fortio('load -curl URL/status/418')
    expect(code).toBe(0)
    expect(out).toMatch(/^HTTP\/1\.1 418 I'm a Teapot\r\n/)
    expect(out).toMatch(/\r\n\r\n[^]*-=\[ teapot \]=-/)
  })
  test('fails for a status that is no success, and for no answer', async () => {
    expect(await fortio('curl URL/status/503')).toMatchObject({ code: 1, out: expect.stringMatching(/^HTTP\/1\.1 503 /), err: expect.stringContaining('Error status 503') })
    expect(await fortio('curl http://127.0.0.1:1/')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('ECONNREFUSED') })
  })
})

describe('what is not understood', () => {
  test.each([
    ['load -zz URL', 2, 'flag provided but not defined: -zz'], ['load -c', 2, 'flag needs an argument: -c'], ['load -c x URL', 2, 'invalid value "x" for flag -c'],
    ['load', 2, 'need an address'], ['load URL -c 2', 2, 'flags stand before it'], ['load -H bad URL', 2, 'expected "Name: value"'], ['load -t soon URL', 2, 'a duration'],
    ['load -loglevel Loud URL', 2, 'expected one of Debug'], ['load -p 200 URL', 2, 'from 0 to 100'], ['load -json file URL', 2, 'expected -'], ['load -c 2000 -n 5000 URL', 1, 'from 1 to 1000'],
    ['load -n 2000000 URL', 1, 'from 1 to 1000000'], ['load -t 1h URL', 1, 'at most 600 seconds'], ['load ftp://x/', 1, 'expected http or https'], ['server', 1, 'unknown command "server"'],
    ['load -r 0 URL', 2, 'expected more than 0']
  ])('%s', async (line, code, message) => {
    expect(await fortio(line)).toMatchObject({ code, err: expect.stringContaining(message), calls: 0 })
  })
  test('help and version', async () => {
    expect((await fortio('help')).out).toContain('-qps float')
    expect((await fortio('load -h')).code).toBe(0)
    expect((await fortio('version')).out).toBe('labtools-1.0.0\n')
  })
})

test('flags are read as Go reads them', () => {
  const definitions = { c: { kind: 'int', summary: '' }, k: { kind: 'bool', summary: '' }, H: { kind: 'list', summary: '' } } as const
  const flags = parseFlags(definitions, ['-c=3', '--k', '-H', 'a: b', '-H', 'c: d', 'url', '-c', '9'])
  expect([flags.number('c'), flags.bool('k'), flags.list('H'), flags.rest]).toEqual([3, true, ['a: b', 'c: d'], ['url', '-c', '9']])
  expect(parseFlags(definitions, ['-k=false']).bool('k')).toBe(false)
  expect(() => parseFlags(definitions, ['-constructor'])).toThrow(FlagError)
})

test.each([['5s', 5000], ['1m30s', 90_000], ['300ms', 300], ['1.5h', 5_400_000], ['0', 0], ['5', undefined], ['s', undefined], ['5s!', undefined]])('the duration %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each([[0, '0s'], [0.5, '500µs'], [37.04095, '37.04095ms'], [1016.215, '1.016215s'], [90_000, '1m30s'], [3_600_000, '1h0m0s']])('%d ms is printed', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test('the histogram begins with the fastest call and ends with the slowest', () => {
  expect(histogram(Float64Array.of(0.0015, 0.0018, 0.0025, 0.013), 0.001)).toEqual([
    { start: 0.0015, end: 0.002, count: 2, percent: 50 },
    { start: 0.002, end: 0.003, count: 1, percent: 75 },
    { start: 0.012, end: 0.013, count: 1, percent: 100 }
  ])
  expect(histogram(Float64Array.of(0.5), 0.001)).toEqual([{ start: 0.5, end: 0.5, count: 1, percent: 100 }])
  expect(histogram(Float64Array.of(500), 0.001)).toMatchObject([{ count: 1 }])
})

test('the program runs by its file, through the pod\'s proxy', async () => {
  const { url } = await tested(buildHttpbin)
  const program = fileURLToPath(new URL('../../bin/fortio', import.meta.url))
  const { stdout } = await new Promise<{ stdout: string }>((resolve, reject) => {
    // Any name at all: the proxy, here the httpbin itself, is asked for it.
    const env = { PATH: process.env['PATH'], http_proxy: url, no_proxy: '' }
    execFile(program, ['load', '-curl', 'http://httpbin:8000/get'], { env }, (error, out) => error === null ? resolve({ stdout: out }) : reject(error))
  })
  expect(stdout).toContain('"url": "http://httpbin:8000')
})
