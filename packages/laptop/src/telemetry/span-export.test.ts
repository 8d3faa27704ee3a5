import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createSpanExport } from './span-export.ts'

interface Exported {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: ReadonlyArray<{ readonly key: string, readonly value: { readonly stringValue?: string } }> }
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Record<string, unknown>> }>
  }>
}

/** A collector that keeps what it is sent. */
async function startCollector (): Promise<{ url: string, received: { path: string, body: Exported }[] }> {
  const received: { path: string, body: Exported }[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) text += chunk
    received.push({ path: request.url ?? '', body: JSON.parse(text) as Exported })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

const traceId = '0af7651916cd43dd8448eb211c80319c'

it('sends spans with the ids, times and tags that they have, each proxy as a service of its own', async () => {
  const { url, received } = await startCollector()
  const spans = createSpanExport(`${url}/`)
  const client = {
    traceId, spanId: 'b7ad6b7169203331', kind: 'client' as const, service: 'productpage.default', operation: 'details.default.svc.cluster.local:9080/*', startTime: 1_800_000_000_000, duration: 25, error: true, tags: { response_flags: 'UF' }, tries: [{ startTime: 1_800_000_000_005, duration: 3, upstreamHost: '10.44.0.3:9080', outcome: 'connect' }]
  }
  spans.send([client, { traceId, spanId: 'b7ad6b7169203332', parentSpanId: client.spanId, kind: 'server', service: 'details.default', operation: client.operation, startTime: client.startTime, duration: 20, error: false, tags: {} }])
  await spans.close()
  expect(received.map(({ path }) => path)).toEqual(['/v1/traces'])
  const sent = new Map(received[0]?.body.resourceSpans.map(({ resource, scopeSpans }) => [resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue, scopeSpans[0]?.spans]))
  expect([...sent.keys()].sort()).toEqual(['details.default', 'productpage.default'])
  expect(sent.get('productpage.default')).toMatchObject([{
    traceId, spanId: client.spanId, name: client.operation, kind: 3, startTimeUnixNano: '1800000000000000000', endTimeUnixNano: '1800000000025000000', status: { code: 2 }, attributes: [{ key: 'response_flags', value: { stringValue: 'UF' } }], events: [{ name: 'attempt', timeUnixNano: '1800000000005000000' }]
  }])
  expect(sent.get('productpage.default')?.[0]).not.toHaveProperty('parentSpanId')
  expect(sent.get('details.default')).toMatchObject([{ traceId, spanId: 'b7ad6b7169203332', parentSpanId: client.spanId, kind: 2 }])
})

it('bears a collector that is not there', async () => {
  const spans = createSpanExport('http://127.0.0.1:9')
  spans.send([{ traceId, spanId: 'b7ad6b7169203331', kind: 'client', service: 'a.b', operation: 'x', startTime: 0, duration: 1, error: false, tags: {} }])
  await spans.close()
})
