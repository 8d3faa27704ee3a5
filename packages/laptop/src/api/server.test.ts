import { request as httpRequest } from 'node:http'
import { afterAll, describe, expect, it } from 'vitest'
import { startTestApi } from '../testing/api.ts'
import { configMap, failure, paths, raw, type RawAnswer } from '../testing/api-objects.ts'

const api = await startTestApi()
const { client } = api
afterAll(() => api.close())

const withToken = (): Record<string, string> => ({ authorization: `Bearer ${api.token}` })

describe('who may use the API', () => {
  it('answers 401 without the token, and with a wrong one', async () => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: `Basic ${api.token}` }, { authorization: `Bearer ${api.token}x` }]) {
      const { status, body } = await raw(api, '/api/v1/namespaces', { headers: headers as Record<string, string> })
      expect(status).toBe(401)
      expect(JSON.parse(body)).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 })
    }
  })

  it('refuses a Host that is not its own, as a rebound DNS name would send', async () => {
    for (const host of ['evil.example', `evil.example:${api.port}`, '127.0.0.1:1', `127.0.0.1.evil.example:${api.port}`]) {
      expect((await raw(api, '/version', { headers: { ...withToken(), host } })).status).toBe(403)
    }
    expect((await raw(api, '/version', { headers: { ...withToken(), host: `localhost:${api.port}` } })).status).toBe(200)
  })

  it('refuses what a web page sends', async () => {
    for (const origin of ['http://127.0.0.1:8080', 'https://evil.example', 'null']) {
      expect((await raw(api, '/version', { headers: { ...withToken(), origin } })).status).toBe(403)
    }
  })

  it('does not speak plain HTTP', async () => {
    const answered = await new Promise((resolve) => {
      httpRequest({ host: '127.0.0.1', port: api.port, path: '/version', headers: withToken() }, () => { resolve(true) }).on('error', () => { resolve(false) }).end()
    })
    expect(answered).toBe(false)
  })

  it('lets nobody exec without the token', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-protocol': 'v5.channel.k8s.io' }
    expect((await raw(api, '/api/v1/namespaces/default/pods/p/exec?command=id', { headers })).status).toBe(401)
    expect((await raw(api, '/api/v1/namespaces/default/pods/p/exec?command=id', { headers: { ...headers, ...withToken(), origin: 'http://evil.example' } })).status).toBe(403)
  })
})

describe('bodies', () => {
  it('refuses media types that it does not know', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const { status, body } = await raw(api, paths.configMaps, { method: 'POST', headers: { ...withToken(), 'content-type': type }, body: JSON.stringify(configMap('form')) })
      expect(status).toBe(415)
      expect(JSON.parse(body)).toMatchObject({ reason: 'UnsupportedMediaType' })
    }
  })

  it('answers 400 to what does not parse, and 413 to what is too large', async () => {
    const post = (body: string): Promise<RawAnswer> => raw(api, paths.configMaps, { method: 'POST', headers: { ...withToken(), 'content-type': 'application/json' }, body })
    for (const body of ['{', '[]', 'null', '', '{"kind":"ConfigMap"}', '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}', '{"apiVersion":"v1","kind":"ConfigMap","metadata":[]}']) {
      expect((await post(body)).status, body).toBe(400)
    }
    expect((await post(JSON.stringify(configMap('large', { data: 'x'.repeat(4_000_000) })))).status).toBe(413)
  })

  it('takes YAML, too', async () => {
    const { status } = await raw(api, paths.configMaps, { method: 'POST', headers: { ...withToken(), 'content-type': 'application/yaml' }, body: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-yaml\n' })
    expect(status).toBe(201)
  })

  it('reads the protobuf form in which kubectl creates objects', async () => {
    const field = (number: number, value: string | Buffer): Buffer => {
      const bytes = Buffer.from(value)
      return Buffer.concat([Buffer.of(number << 3 | 2, bytes.length), bytes])
    }
    const object = Buffer.concat([field(1, Buffer.concat([field(1, 'from-protobuf'), field(3, 'default')])), field(2, Buffer.concat([field(1, 'key'), field(2, 'value')]))])
    const body = Buffer.concat([Buffer.from('k8s\0'), field(1, Buffer.concat([field(1, 'v1'), field(2, 'ConfigMap')])), field(2, object)])
    const { status } = await raw(api, paths.configMaps, { method: 'POST', headers: { ...withToken(), 'content-type': 'application/vnd.kubernetes.protobuf' }, body: body as unknown as string })
    expect(status).toBe(201)
    expect(await client.request('GET', `${paths.configMaps}/from-protobuf`)).toMatchObject({ data: { key: 'value' } })
  })
})

describe('explain', () => {
  it('answers data and text, and why it cannot', async () => {
    expect(await client.request('POST', '/bankinfo/v1/explain', { body: { url: 'http://a/', method: 'GET' } })).toMatchObject({ text: 'GET http://a/' })
    expect(await failure(client.request('POST', '/bankinfo/v1/explain', { body: { url: 'http://a/', from: 'nobody' } }))).toMatchObject({ code: 400, message: 'no workload is called nobody' })
    expect(await failure(client.request('POST', '/bankinfo/v1/explain', { body: { link: 1 } }))).toMatchObject({ code: 400 })
  })
})
