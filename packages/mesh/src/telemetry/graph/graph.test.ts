import { expect, test } from 'vitest'
import { addLatency, createLatencies, mergeLatencies, percentile } from './latency.ts'
import { graphToDot, graphToMermaid } from './diagram.ts'
import { countEdge, edgeOf, graphOf, type Edges, type Graph } from './graph.ts'
import { formatGraph, shareOf } from './table.ts'
import { identityOf } from '../identity.ts'
import { pod } from '../../testing/cluster.ts'
import type { AccessRecord } from '../../access-log.ts'

test('percentiles are at most 2.2 % beside the truth, and whole milliseconds up to 20 are exact', () => {
  const latencies = createLatencies()
  for (let value = 1; value <= 1000; value++) addLatency(latencies, value)
  for (const share of [0.05, 0.5, 0.9, 0.99, 1]) expect(Math.abs((percentile(latencies, share) ?? 0) / (share * 1000) - 1)).toBeLessThan(0.03)
  for (let value = 0; value <= 20; value++) {
    const one = createLatencies()
    addLatency(one, value)
    expect(percentile(one, 0.5)).toBe(value)
  }
  expect(percentile(createLatencies(), 0.5)).toBeUndefined()
  const hours = createLatencies()
  addLatency(hours, 1e9)
  expect(percentile(hours, 0.5)).toBeGreaterThan(4_000_000)
})

test('merged counts are those of both', () => {
  const [a, b] = [createLatencies(), createLatencies()]
  addLatency(a, 10)
  addLatency(b, 1000)
  mergeLatencies(a, b)
  expect([percentile(a, 0.5), Math.round((percentile(a, 1) ?? 0) / 50)]).toEqual([10, 20])
})

const now = 1_800_000_000_000
const record: AccessRecord = { proxy: 'default/client', direction: 'outbound', startTime: now - 1000, protocol: 'HTTP/1.1', responseCode: 200, responseFlags: '-', bytesReceived: 0, bytesSent: 0, duration: 5, attempts: 1 }

function edgesWith (...records: ReadonlyArray<Partial<AccessRecord>>): Edges {
  const edges: Edges = new Map()
  const parties = {
    reporter: 'source' as const,
    source: identityOf(pod('productpage-v1', { app: 'productpage', version: 'v1' })),
    destination: identityOf(pod('details-v1', { app: 'details', version: 'v1' })),
    service: { host: 'details.default.svc.cluster.local', name: 'details', namespace: 'default' }
  }
  const edge = edgeOf(edges, { parties, sourceKind: 'sidecar', destinationKind: 'sidecar', protocol: 'http' })
  for (const each of records) if (edge !== undefined) countEdge(edge, { ...record, ...each })
  return edges
}

test('only what ended within the window counts, and a slot of long ago is begun anew', () => {
  const edges = edgesWith({ startTime: now - 700_000 }, { startTime: now - 300_000 }, {}, {})
  expect(graphOf(edges, 60_000, now).edges[0]?.requests).toBe(2)
  expect(graphOf(edges, 400_000, now).edges[0]?.requests).toBe(3)
  expect(graphOf(edges, 3_600_000, now).edges[0]?.requests).toBe(3)
  expect(graphOf(edges, 60_000, now + 700_000).edges).toEqual([])
  // 600 s later the same slot of the ring is used again.
  const again = edgesWith({ startTime: now - 601_000 }, { startTime: now - 1000 })
  expect(graphOf(again, 600_000, now).edges[0]?.requests).toBe(1)
})

test('5xx and no answer are errors, 4xx are not; a fault counts as one', () => {
  const edges = edgesWith({ responseCode: 503 }, { responseCode: 0, responseFlags: 'DC' }, { responseCode: 404 }, { responseFlags: 'DI' })
  expect(graphOf(edges, 60_000, now).edges[0]).toMatchObject({ requests: 4, errors: 0.5, faults: 1 })
})

const graph: Graph = {
  window: 62,
  edges: [
    { from: { name: 'istio-ingressgateway', namespace: 'istio-system', kind: 'gateway' }, to: { name: 'productpage', version: 'v1', namespace: 'default', kind: 'mesh' }, service: 'productpage.default.svc.cluster.local', protocol: 'http', requests: 100, rate: 1.613, errors: 0, faults: 0, p50: 12, p99: 1350 },
    { from: { name: 'productpage', version: 'v1', namespace: 'default', kind: 'mesh' }, to: { name: 'addedvalues', version: 'v3', namespace: 'default', kind: 'mesh' }, service: 'addedvalues.default.svc.cluster.local', protocol: 'http', requests: 3000, rate: 48.4, errors: 0.0001, faults: 3, p50: 3, p99: 20 },
    { from: { name: 'productpage', version: 'v1', namespace: 'default', kind: 'mesh' }, to: { name: 'evil"\\host', kind: 'blocked' }, service: 'evil"\\host', protocol: 'http', requests: 1, rate: 0.016, errors: 1, faults: 0, p50: 1, p99: 1 }
  ]
}

test('as a table', () => {
  expect(`\n${formatGraph(graph)}`).toMatchInlineSnapshot(`
    "
    The last 62 s

    FROM                   TO                     REQUESTS   RATE     ERRORS   FAULTS   P50     P99
    istio-ingressgateway   productpage v1         100        1.61/s   0 %               12 ms   1.35 s
    productpage v1         addedvalues v3         3000       48/s     <0.1 %   3        3 ms    20 ms
                           evil"\\host (blocked)   1          0.02/s   100 %             1 ms    1 ms
    "
  `)
  expect(formatGraph({ window: 60, edges: [] })).toBe('No requests in the last 60 s.\n')
})

test('a share is never shown as none or all where it is not', () => {
  expect([0, 0.0004, 0.5, 0.12345, 0.9996, 1].map(shareOf)).toEqual(['0 %', '<0.1 %', '50 %', '12.3 %', '>99.9 %', '100 %'])
})

test('as DOT, with quotes and backslashes escaped', () => {
  expect(`\n${graphToDot(graph)}`).toMatchInlineSnapshot(`
    "
    digraph bankinfo {
      rankdir=LR
      node [shape=box, style=rounded]
      n1 [label="istio-ingressgateway"]
      n2 [label="productpage v1"]
      n3 [label="addedvalues v3"]
      n4 [label="evil\\"\\\\host (blocked)", style=dashed, color=red]
      n1 -> n2 [label="1.61/s\\np50 12 ms, p99 1.35 s"]
      n2 -> n3 [label="48/s, <0.1 % errors\\np50 3 ms, p99 20 ms", color=red]
      n2 -> n4 [label="0.02/s, 100 % errors\\np50 1 ms, p99 1 ms", color=red]
    }
    "
  `)
})

test('as Mermaid, with quotes as entities', () => {
  expect(`\n${graphToMermaid(graph)}`).toMatchInlineSnapshot(`
    "
    flowchart LR
      n1{{"istio-ingressgateway"}}
      n2["productpage v1"]
      n3["addedvalues v3"]
      n4("evil#quot;\\host (blocked)")
      n1 -->|"1.61/s<br>p50 12 ms, p99 1.35 s"| n2
      n2 -->|"48/s, #lt;0.1 % errors<br>p50 3 ms, p99 20 ms"| n3
      n2 -->|"0.02/s, 100 % errors<br>p50 1 ms, p99 1 ms"| n4
      linkStyle 1 stroke:red
      linkStyle 2 stroke:red
    "
  `)
})
