import type { RequestListener } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { addedValues, answer, answeringAddedValues, bank } from '../bank.fixture.ts'

/** An answer that a proxy of the mesh gives in a service's place. */
const mesh = (status: number, text = ''): RequestListener => (_request, response) => {
  response.writeHead(status, { server: 'envoy' }).end(text)
}

const cases: readonly [kind: string, listener: RequestListener, status: number, asked: number][] = [
  ['blocked', mesh(502), 502, 2],
  ['no_cluster', mesh(503), 503, 2],
  ['no_healthy_upstream', mesh(503, 'no healthy upstream'), 503, 2],
  ['overloaded', mesh(503, 'upstream connect error or disconnect/reset before headers. reset reason: overflow'), 503, 2],
  ['connect_failure', mesh(503, 'upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure'), 503, 2],
  ['connection_closed', mesh(503, 'upstream connect error or disconnect/reset before headers. reset reason: connection termination'), 503, 2],
  ['mesh_timeout', mesh(504, 'upstream request timeout'), 504, 2],
  ['fault_injected', mesh(500, 'fault filter abort'), 502, 2],
  ['fault_injected', mesh(404, 'fault filter abort'), 502, 1],
  ['denied', mesh(403, 'RBAC: access denied'), 502, 1],
  ['no_route', mesh(404), 502, 1],
  ['server_error', (_request, response) => answer(response, { service: 'addedvalues', status: 500, body: { code: 'internal' } }), 502, 2],
  ['rejected', (_request, response) => answer(response, { service: 'addedvalues', status: 404, body: { code: 'product_not_found' } }), 502, 1],
  ['reset', (request) => { request.socket.destroy() }, 502, 2],
  ['timeout', () => {}, 504, 2],
  ['bad_answer', (_request, response) => { response.writeHead(200, { 'content-type': 'application/json' }).end('{"version":') }, 502, 1],
  ['bad_answer', (_request, response) => answer(response, { service: 'addedvalues', body: { version: 2 } }), 502, 1]
]

test.each(cases)('%s: the page stands, its panel names the kind, the API answers accordingly', async (kind, listener, status, asked) => {
  const tested = await bank({ addedValues: listener, env: { UPSTREAM_TIMEOUT_MS: kind === 'timeout' ? '150' : '3000' } })
  const { text } = await tested.http.get('/productpage').expect(200)
  expect(text).toContain('class="card added failed"')
  expect(text).toContain(`<code class="kind">${kind}</code>`)
  expect(text).toContain('BI-W-0090')
  expect(tested.asked.filter(({ url }) => url.includes('addedvalues'))).toHaveLength(asked)
  const api = await tested.http.get('/api/v1/products/wealth-90/addedvalues').expect(status)
  expect(api.body.code).toBe(`addedvalues_${kind}`)
})

test('details down costs the details panel alone', async () => {
  const { http } = await bank({ details: mesh(503, 'no healthy upstream') })
  const { text } = await http.get('/productpage').expect(200)
  expect(text).toContain('no_healthy_upstream')
  expect(text).toContain('Risk analysis')
})

test('nobody listening is told as refused', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const { http } = await bank({ env: { DETAILS_URL: `http://127.0.0.1:${port}` } })
  expect((await http.get('/productpage').expect(200)).text).toContain('<code class="kind">refused</code>')
})

test('a host that does not resolve is told as such', async () => {
  const { http } = await bank({ env: { DETAILS_URL: 'http://no-such-host.invalid:9080' } })
  expect((await http.get('/productpage').expect(200)).text).toContain('<code class="kind">unknown_host</code>')
})

test('asks once more and shows the answer when the first try fails', async () => {
  let tries = 0
  const tested = await bank({
    addedValues: (request, response) => {
      tries++
      if (tries === 1) mesh(503)(request, response)
      else answeringAddedValues(request, response)
    }
  })
  const { text } = await tested.http.get('/productpage').expect(200)
  expect(text).toContain('class="card added v2"')
  expect(text).toMatch(/no cluster 503, \d+ ms/)
})

test('a timeout is counted for each attempt, and both attempts are shown', async () => {
  const { http } = await bank({ addedValues: () => {}, env: { UPSTREAM_TIMEOUT_MS: '120' } })
  const { text } = await http.get('/productpage').expect(200)
  expect(text.match(/<li>timeout, \d+ ms<\/li>/g)).toHaveLength(2)
})

test('counts attempts by how they ended', async () => {
  const { http } = await bank({ addedValues: mesh(502) })
  await http.get('/productpage')
  const { text } = await http.get('/metrics').expect(200)
  expect(text).toMatch(/bankinfo_dependency_attempts_total\{dependency="addedvalues",outcome="blocked",[^}]*\} 2/)
  expect(text).toMatch(/bankinfo_dependency_attempts_total\{dependency="details",outcome="ok",[^}]*\} 1/)
})

test('an answer larger than agreed is not held', async () => {
  const { http } = await bank({
    addedValues: (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-bankinfo-service': 'addedvalues' })
      response.end(JSON.stringify({ ...addedValues('v2'), padding: 'x'.repeat(2_000_000) }))
    }
  })
  expect((await http.get('/productpage').expect(200)).text).toContain('<code class="kind">bad_answer</code>')
})

test('a proxy that refuses to tunnel is told by its status', async () => {
  const proxy = createServer((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'))
  })
  onTestFinished(() => { proxy.close() })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const before = process.env['http_proxy']
  process.env['http_proxy'] = `http://pod:token@127.0.0.1:${(proxy.address() as AddressInfo).port}`
  onTestFinished(() => {
    if (before === undefined) delete process.env['http_proxy']
    else process.env['http_proxy'] = before
  })
  const { http } = await bank()
  expect((await http.get('/productpage').expect(200)).text).toContain('<code class="kind">blocked</code>')
})
