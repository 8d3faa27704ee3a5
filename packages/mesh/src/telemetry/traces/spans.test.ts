import { expect, test } from 'vitest'
import { pod, registryOf } from '../../testing/cluster.ts'
import { formatTrace } from './waterfall.ts'
import { summaryOf, traceOf, type Trace } from './spans.ts'
import type { AccessRecord } from '../../access-log.ts'

const registry = registryOf('', {
  workloads: [
    pod('istio-ingressgateway-5b-x', { app: 'istio-ingressgateway', 'pod-template-hash': '5b' }, { namespace: 'istio-system', kind: 'gateway', ip: '10.44.0.2' }),
    pod('productpage-v1-7c-a', { app: 'productpage', version: 'v1', 'pod-template-hash': '7c' }, { ip: '10.44.0.3' }),
    pod('details-v1-8d-b', { app: 'details', version: 'v1', 'pod-template-hash': '8d' }, { ip: '10.44.0.4' }),
    pod('addedvalues-v3-9e-c', { app: 'addedvalues', version: 'v3', 'pod-template-hash': '9e' }, { ip: '10.44.0.5' })
  ]
})

const requestId = '1ca7dc8a-d996-4d94-b8fc-09132eb845f8'
const begin = Date.UTC(2026, 10, 21, 15, 0, 0)

/** A record as the proxies write it; times in milliseconds after the beginning. */
function line (proxy: string, direction: AccessRecord['direction'], { at, took, ...rest }: { at: number, took: number } & Partial<AccessRecord>): AccessRecord {
  return {
    proxy, direction, startTime: begin + at, duration: took, requestId, method: 'GET', path: '/', protocol: 'HTTP/1.1', authority: 'x', responseCode: 200, responseFlags: '-', bytesReceived: 0, bytesSent: 0, attempts: 1, ...rest
  }
}

/** The page of a yunqi user while a rule delays styletransfer by 7 s, in the order in which the proxies end. */
function delayedPage (): AccessRecord[] {
  const [gateway, page, details, added] = ['istio-system/istio-ingressgateway-5b-x', 'default/productpage-v1-7c-a', 'default/details-v1-8d-b', 'default/addedvalues-v3-9e-c']
  const host = (name: string): { operation: string } => ({ operation: `${name}.default.svc.cluster.local:9080/*` })
  return [
    line(details, 'inbound', { at: 3, took: 2, call: 2, peer: page, ...host('details') }),
    line(page, 'outbound', { at: 2, took: 4, call: 2, peer: details, ...host('details') }),
    line(added, 'inbound', { at: 3, took: 2998, call: 3, responseCode: 0, responseFlags: 'DC', peer: page, ...host('addedvalues') }),
    line(page, 'outbound', { at: 2, took: 3000, call: 3, responseCode: 0, responseFlags: 'DC', peer: added, ...host('addedvalues') }),
    line(added, 'inbound', { at: 3003, took: 2999, call: 5, responseCode: 0, responseFlags: 'DC', peer: page, ...host('addedvalues') }),
    line(page, 'outbound', { at: 3003, took: 3000, call: 5, responseCode: 0, responseFlags: 'DC', peer: added, ...host('addedvalues') }),
    line(page, 'inbound', { at: 1, took: 6010, call: 1, peer: gateway, ...host('productpage') }),
    line(gateway, 'gateway', { at: 0, took: 6012, call: 1, peer: page, path: '/productpage', authority: 'localhost:8080', ...host('productpage') }),
    line(added, 'outbound', { at: 5, took: 7004, call: 4, injectedDelay: 7000, responseFlags: 'DI', operation: 'styletransfer.external.svc.cluster.local:9080/*' })
  ]
}

function joined (records: AccessRecord[]): Trace {
  return traceOf({ requestId, records, lost: 0 }, registry)
}

/** Each span as `service kind`, indented below its parent. */
function outline ({ spans }: Trace): string[] {
  const depth = new Map<string | undefined, number>([[undefined, -1]])
  return spans.map(({ spanId, parentSpanId, service, kind }) => {
    const level = (depth.get(parentSpanId) ?? -1) + 1
    depth.set(spanId, level)
    return `${'  '.repeat(level)}${service} ${kind}`
  })
}

test('the hops of a request are joined over all services, though no header but x-request-id was passed on', () => {
  expect(outline(joined(delayedPage()))).toEqual([
    'istio-ingressgateway.istio-system client',
    '  productpage.default server',
    '    productpage.default client',
    '      details.default server',
    '    productpage.default client',
    '      addedvalues.default server',
    '        addedvalues.default client',
    '    productpage.default client',
    '      addedvalues.default server'
  ])
})

test('two hops that begin in one millisecond are no circle', () => {
  const pods = ['default/productpage-v1-7c-a', 'default/addedvalues-v3-9e-c'] as const
  const records = [
    line(pods[0], 'inbound', { at: 0, took: 0, call: 2, peer: pods[1] }),
    line(pods[1], 'outbound', { at: 0, took: 0, call: 2, peer: pods[0] }),
    line(pods[1], 'inbound', { at: 0, took: 0, call: 1, peer: pods[0] }),
    line(pods[0], 'outbound', { at: 0, took: 0, call: 1, peer: pods[1] })
  ]
  expect(outline(joined(records))).toEqual(['productpage.default client', '  addedvalues.default server', '    addedvalues.default client', '      productpage.default server'])
})

test('a pod that is gone is still named', () => {
  expect(joined([line('default/gone-1', 'outbound', { at: 0, took: 1, call: 1 })]).spans[0]).toMatchObject({ service: 'gone-1.default' })
})

test('a summary tells of the whole trace', () => {
  expect(summaryOf(joined(delayedPage()))).toEqual({
    traceId: '1ca7dc8ad9964d94b8fc09132eb845f8', requestId, startTime: begin, duration: 7009, spans: 9, errors: 4, root: 'istio-ingressgateway.istio-system productpage.default.svc.cluster.local:9080/*', method: 'GET', path: '/productpage', status: '200'
  })
})

test('the waterfall shows who called whom, when, with which answer, and where a rule put the delay', () => {
  expect(`\n${formatTrace(joined(delayedPage()), { width: 110 })}`).toMatchInlineSnapshot(`
    "
    Trace 1ca7dc8ad9964d94b8fc09132eb845f8
    x-request-id 1ca7dc8a-d996-4d94-b8fc-09132eb845f8
    GET http://localhost:8080/productpage at 2026-11-21T15:00:00.000Z, 7.01 s, 9 spans

    SPAN                                     STATUS    DURATION  0                                        7.01 s
    istio-ingressgateway → productpage       200       6.01 s    ████████████████████████████████████████
    └ productpage v1                         200       6.01 s    ████████████████████████████████████████
      ├ productpage v1 → details             200       4 ms      █
      │ └ details v1                         200       2 ms      █
      ├ productpage v1 → addedvalues         none DC   3 s       ████████████████████
      │ └ addedvalues v3                     none DC   3 s       ████████████████████
      │   └ addedvalues v3 → styletransfer   200 DI    7 s       ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
      └ productpage v1 → addedvalues         none DC   3 s                           ████████████████████
        └ addedvalues v3                     none DC   3 s                           ████████████████████

    ░ is the delay that a fault rule put in.
    "
  `)
})

test('attempts stand below the call that made them', () => {
  const tries = [
    { startTime: begin, duration: 5, upstreamHost: '10.44.0.5:9080', outcome: 'connect' },
    { startTime: begin + 30, duration: 10, upstreamHost: '10.44.0.6:9080', outcome: '200' }
  ]
  const trace = joined([line('default/productpage-v1-7c-a', 'outbound', { at: 0, took: 40, call: 1, attempts: 2, tries, operation: 'addedvalues.default.svc.cluster.local:9080/*' })])
  expect(`\n${formatTrace(trace, { width: 100 })}`).toMatchInlineSnapshot(`
    "
    Trace 1ca7dc8ad9964d94b8fc09132eb845f8
    x-request-id 1ca7dc8a-d996-4d94-b8fc-09132eb845f8
    GET http://x/ at 2026-11-21T15:00:00.000Z, 40 ms, 1 span

    SPAN                              STATUS    DURATION  0                                      40 ms
    productpage v1 → addedvalues      200       40 ms     ████████████████████████████████████████████
      · attempt 1 to 10.44.0.5:9080   connect   5 ms      ██████
      · attempt 2 to 10.44.0.6:9080   200       10 ms                                      ███████████
    "
  `)
})
