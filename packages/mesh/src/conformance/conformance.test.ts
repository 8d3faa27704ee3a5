import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { mark, startHttpBackend } from './backend.ts'
import { differences } from './check.ts'
import { runFile } from './run.ts'
import type { MeasuredStep } from './case.ts'

const whole: ReadonlyArray<readonly [file: string, steps: number]> = [['routing', 16], ['egress', 24], ['egress-kubernetes', 23], ['headers', 12], ['faults', 15], ['mirroring', 8], ['routes', 30], ['more-routes', 57], ['circuit-breaking', 39]]

test.for(whole)('%s.json: all %i steps are as real Istio answered them', { timeout: 60_000 }, async ([file, steps]) => {
  const lines: string[] = []
  const report = await runFile(fileURLToPath(new URL(`../../conformance/${file}.json`, import.meta.url)), (line) => lines.push(line))
  expect(lines).toEqual([])
  expect(report).toEqual({ passed: steps, failed: 0, waiting: 0 })
})

test('timeouts and retries are as real Istio answered them', { timeout: 60_000 }, async () => {
  const lines: string[] = []
  const report = await runFile(fileURLToPath(new URL('../../conformance/timeouts-and-retries.json', import.meta.url)), (line) => lines.push(line))
  expect(lines).toEqual([])
  expect(report).toMatchObject({ failed: 0, waiting: 0 })
})

const measured: MeasuredStep = {
  step: { to: 'http://reviews:9080/' },
  observed: {
    status: 200,
    headers: [['server', 'envoy'], ['content-length', '20']],
    body: '{"pod": "reviews-v1"}',
    pod: 'reviews-v1',
    ms: 3,
    access: [{ proxy: 'productpage', code: 200, flags: '-', details: 'via_upstream', cluster: 'outbound|9080|v1|reviews', attempts: 1 }],
    seen: []
  }
}
const answer = { status: 200, headers: [['server', 'envoy'], ['content-length', '20']], body: '{"pod": "reviews-v1"}', duration: 2 } as const
const record = {
  proxy: 'default/productpage', direction: 'outbound', startTime: 0, responseCode: 200, responseFlags: '-', responseCodeDetails: 'via_upstream', upstreamCluster: 'outbound|9080|v1|reviews', attempts: 1, bytesReceived: 0, bytesSent: 0, duration: 2
} as const

test('an outcome like the measured one has no differences', () => {
  expect(differences(measured, { answers: [answer], records: [record], seen: [] }, '')).toEqual([])
})

test('where only a part was looked at, the rest is not held', () => {
  const partial: MeasuredStep = { ...measured, observed: { partial: true, status: 200, access: [{ proxy: 'productpage', code: 200, flags: '-', cluster: 'outbound|9080|v1|reviews', attempts: 0 }] } }
  expect(differences(partial, { answers: [answer], records: [record], seen: [] }, '')).toEqual([])
  expect(differences(partial, { answers: [answer], records: [{ ...record, responseFlags: 'UF' }], seen: [] }, '')).toEqual(['flags: expected -, got UF'])
})

test('a request that is not the runner\'s is not heard', async () => {
  const backend = await startHttpBackend({ pod: 'a', version: 'v1' }, 'own')
  const { host, port } = backend.address
  await expect(fetch(`http://${host}:${port}/`)).rejects.toThrow()
  const answer = await fetch(`http://${host}:${port}/`, { headers: { [mark]: 'own' } })
  expect(answer.status).toBe(200)
  expect(backend.seen.map(({ headers }) => headers.filter(([name]) => name.toLowerCase() === mark))).toEqual([[]])
  await backend.close()
})

test.for([
  ['status', { ...answer, status: 503 }, record],
  ['headers', { ...answer, headers: [['server', 'istio-envoy'], ['content-length', '20']] }, record],
  ['pod', { ...answer, body: '{"pod": "reviews-v2"}' }, record],
  ['body', { ...answer, body: '{"pod": "reviews-v1"} ' }, record],
  ['access log', answer, { ...record, responseFlags: 'UF' }],
  ['access log', answer, { ...record, attempts: 2 }]
] as const)('a different %s is told', ([what, got, line]) => {
  const [first] = differences(measured, { answers: [got], records: [line], seen: [] }, '')
  expect(first).toMatch(new RegExp(`^${what}: expected`))
})

test('a share that no right program would give is told, and one by chance is not', () => {
  const step: MeasuredStep = { step: { n: 400 }, observed: { n: 400, status: { 200: 400 }, pods: { 'reviews-v1': 320, 'reviews-v2': 80 } } }
  const outcome = (first: number): Parameters<typeof differences>[1] => ({
    answers: Array.from({ length: 400 }, (_, index) => ({ status: 200, headers: [], body: `{"pod": "reviews-v${index < first ? 1 : 2}"}`, duration: 1 })),
    records: [],
    seen: []
  })
  expect(differences(step, outcome(305), '')).toEqual([])
  expect(differences(step, outcome(200), '')).toEqual([expect.stringContaining('pods')])
  expect(differences(step, outcome(400), '')).toEqual([expect.stringContaining('pods')])
})
