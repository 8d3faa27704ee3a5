import { request, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBase, type Base } from '../conformance/base.ts'

let base: Base

beforeAll(async () => {
  base = await startBase('usual')
  await base.apply([], 'ALLOW_ANY')
})
afterAll(async () => { await base.close() })

async function get (url: string, headers: Record<string, string> = {}): Promise<{ response: IncomingMessage, body: string }> {
  const proxy = await base.proxy('productpage')
  const { host } = new URL(url)
  return await new Promise((resolve, reject) => {
    const call = request({ host: proxy.host, port: proxy.port, path: url, headers: { host, 'proxy-authorization': proxy.authorization, ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => { resolve({ response, body: Buffer.concat(chunks).toString() }) })
    })
    call.on('error', reject)
    call.end()
  })
}

test('a call to a service of the mesh reaches one of its pods', async () => {
  const { response, body } = await get('http://reviews:9080/hello')
  expect(response.statusCode).toBe(200)
  expect(JSON.parse(body)).toMatchObject({ path: '/hello', host: 'reviews:9080' })
  expect(response.headers).toMatchObject({ server: 'envoy' })
})
