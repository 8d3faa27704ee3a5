import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApiFailure, type Client } from '../cli/client.ts'
import { watchEvents, type WatchEvent } from '../cli/selection/watch-events.ts'
import { fieldOf, type JsonRecord } from '../resources/json.ts'
import { startTestApi, type TestApi } from '../testing/api.ts'

let api: TestApi
let client: Client
const configMaps = '/api/v1/namespaces/default/configmaps'
const rules = '/apis/networking.istio.io/v1/namespaces/default/virtualservices'
const deployments = '/apis/apps/v1/namespaces/default/deployments'

beforeAll(async () => {
  api = await startTestApi()
  client = api.client
})
afterAll(() => api.close())

function configMap (name: string, data: Record<string, string> = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { made: 'here' } }, data }
}

function route (name: string, spec: object = {}): object {
  return { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name }, spec: { hosts: [name], http: [{ route: [{ destination: { host: name } }] }], ...spec } }
}

function deployment (name: string): JsonRecord {
  const labels = { app: name }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'localhost/bankinfo/x:1' }] } } } }
}

async function failure (write: Promise<unknown>): Promise<JsonRecord> {
  const error = await write.then(() => undefined, (reason: unknown) => reason)
  if (!(error instanceof ApiFailure)) throw new Error(`expected the API to refuse, it answered ${JSON.stringify(error)}`)
  return error.status
}

interface RawAnswer {
  readonly status: number
  readonly body: string
  readonly headers: Record<string, unknown>
}

function raw (path: string, options: { method?: string, headers?: Record<string, string>, body?: string } = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ host: '127.0.0.1', port: api.port, path, method: options.method ?? 'GET', ca: client.connection.ca, servername: 'localhost', headers: options.headers ?? {} }, (response) => {
      let body = ''
      response.on('data', (piece: Buffer) => { body += piece.toString() })
      response.on('end', () => { resolve({ status: response.statusCode ?? 0, body, headers: response.headers }) })
    })
    request.on('error', reject)
    request.end(options.body)
  })
}

const withToken = (): Record<string, string> => ({ authorization: `Bearer ${api.token}` })

describe('who may use the API', () => {
  it('answers 401 without the token, and with a wrong one', async () => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: `Basic ${api.token}` }, { authorization: `Bearer ${api.token}x` }]) {
      const { status, body } = await raw('/api/v1/namespaces', { headers: headers as Record<string, string> })
      expect(status).toBe(401)
      expect(JSON.parse(body)).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 })
    }
  })

  it('refuses a Host that is not its own, as a rebound DNS name would send', async () => {
    for (const host of ['evil.example', `evil.example:${api.port}`, '127.0.0.1:1', `127.0.0.1.evil.example:${api.port}`]) {
      expect((await raw('/version', { headers: { ...withToken(), host } })).status).toBe(403)
    }
    expect((await raw('/version', { headers: { ...withToken(), host: `localhost:${api.port}` } })).status).toBe(200)
  })

  it('refuses what a web page sends', async () => {
    for (const origin of ['http://127.0.0.1:8080', 'https://evil.example', 'null']) {
      expect((await raw('/version', { headers: { ...withToken(), origin } })).status).toBe(403)
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
    expect((await raw('/api/v1/namespaces/default/pods/p/exec?command=id', { headers })).status).toBe(401)
    expect((await raw('/api/v1/namespaces/default/pods/p/exec?command=id', { headers: { ...headers, ...withToken(), origin: 'http://evil.example' } })).status).toBe(403)
  })
})

describe('bodies', () => {
  it('refuses media types that it does not know', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const { status, body } = await raw(configMaps, { method: 'POST', headers: { ...withToken(), 'content-type': type }, body: JSON.stringify(configMap('form')) })
      expect(status).toBe(415)
      expect(JSON.parse(body)).toMatchObject({ reason: 'UnsupportedMediaType' })
    }
  })

  it('answers 400 to what does not parse, and 413 to what is too large', async () => {
    const post = (body: string): Promise<RawAnswer> => raw(configMaps, { method: 'POST', headers: { ...withToken(), 'content-type': 'application/json' }, body })
    for (const body of ['{', '[]', 'null', '', '{"kind":"ConfigMap"}', '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}', '{"apiVersion":"v1","kind":"ConfigMap","metadata":[]}']) {
      expect((await post(body)).status, body).toBe(400)
    }
    expect((await post(JSON.stringify(configMap('large', { data: 'x'.repeat(4_000_000) })))).status).toBe(413)
  })

  it('takes YAML, too', async () => {
    const { status } = await raw(configMaps, { method: 'POST', headers: { ...withToken(), 'content-type': 'application/yaml' }, body: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-yaml\n' })
    expect(status).toBe(201)
  })

  it('reads the protobuf form in which kubectl creates objects', async () => {
    const field = (number: number, value: string | Buffer): Buffer => {
      const bytes = Buffer.from(value)
      return Buffer.concat([Buffer.of(number << 3 | 2, bytes.length), bytes])
    }
    const object = Buffer.concat([field(1, Buffer.concat([field(1, 'from-protobuf'), field(3, 'default')])), field(2, Buffer.concat([field(1, 'key'), field(2, 'value')]))])
    const body = Buffer.concat([Buffer.from('k8s\0'), field(1, Buffer.concat([field(1, 'v1'), field(2, 'ConfigMap')])), field(2, object)])
    const { status } = await raw(configMaps, { method: 'POST', headers: { ...withToken(), 'content-type': 'application/vnd.kubernetes.protobuf' }, body: body as unknown as string })
    expect(status).toBe(201)
    expect(await client.request('GET', `${configMaps}/from-protobuf`)).toMatchObject({ data: { key: 'value' } })
  })
})

describe('objects', () => {
  it('creates, reads, replaces and deletes', async () => {
    const created = await client.request('POST', configMaps, { body: configMap('a', { key: '1' }) })
    expect(created).toMatchObject({ metadata: { name: 'a', namespace: 'default' }, data: { key: '1' } })
    expect(await failure(client.request('POST', configMaps, { body: configMap('a') }))).toMatchObject({ code: 409, reason: 'AlreadyExists', message: 'configmaps "a" already exists' })
    const replaced = await client.request('PUT', `${configMaps}/a`, { body: { ...created, data: { key: '2' } } })
    expect(replaced).toMatchObject({ data: { key: '2' } })
    expect(await failure(client.request('PUT', `${configMaps}/a`, { body: created }))).toMatchObject({
      code: 409, message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again'
    })
    expect(await client.request('DELETE', `${configMaps}/a`)).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'a', kind: 'configmaps' } })
    expect(await failure(client.request('GET', `${configMaps}/a`))).toMatchObject({ code: 404, reason: 'NotFound', message: 'configmaps "a" not found' })
  })

  it('answers tables with the columns of kubectl', async () => {
    await client.request('POST', '/api/v1/namespaces/default/services', { body: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ name: 'http', port: 80 }] } } })
    const table = await client.request('GET', '/api/v1/namespaces/default/services', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' })
    expect(table.kind).toBe('Table')
    expect(table).toMatchObject({ rows: [{ cells: ['web', 'ClusterIP', expect.stringMatching(/^10\.96\./), '<none>', '80/TCP', expect.any(String), '<none>'] }] })
  })

  it('fills in what Kubernetes fills in, and counts generations of the spec alone', async () => {
    const created = await client.request('POST', deployments, { body: deployment('counted') })
    expect(created).toMatchObject({ metadata: { generation: 1 }, spec: { replicas: 1, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } }, template: { spec: { restartPolicy: 'Always', containers: [{ imagePullPolicy: 'IfNotPresent' }] } } } })
    const labelled = await client.request('PATCH', `${deployments}/counted`, { contentType: 'application/merge-patch+json', body: { metadata: { labels: { a: 'b' } } } })
    expect(labelled).toMatchObject({ metadata: { generation: 1 } })
    const scaled = await client.request('PATCH', `${deployments}/counted/scale`, { contentType: 'application/merge-patch+json', body: { spec: { replicas: 3 } } })
    expect(scaled).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } })
    const status = await client.request('PATCH', `${deployments}/counted/status`, { contentType: 'application/merge-patch+json', body: { spec: { replicas: 9 }, status: { replicas: 3 } } })
    expect(status).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 3 }, status: { replicas: 3 } })
  })

  it('writes nothing on a dry run', async () => {
    const query = { dryRun: 'All' }
    expect(await client.request('POST', configMaps, { query, body: configMap('dry') })).toMatchObject({ metadata: { name: 'dry' } })
    expect(api.store.get('ConfigMap', 'default', 'dry')).toBeUndefined()
    await client.request('POST', configMaps, { body: configMap('dry') })
    await client.request('PATCH', `${configMaps}/dry`, { query, contentType: 'application/merge-patch+json', body: { data: { a: 'b' } } })
    await client.request('DELETE', `${configMaps}/dry`, { query })
    expect(api.store.get('ConfigMap', 'default', 'dry')?.data).toEqual({})
  })

  it('selects by labels and fields, and says what of a selector it does not understand', async () => {
    const list = await client.request('GET', configMaps, { query: { labelSelector: 'made=here', fieldSelector: 'metadata.name=dry' } })
    expect(list).toMatchObject({ kind: 'ConfigMapList', items: [{ metadata: { name: 'dry' } }] })
    expect(await failure(client.request('GET', configMaps, { query: { labelSelector: '=x' } }))).toMatchObject({ code: 400 })
  })

  it('gives no object to a namespace that does not exist, before it looks at the object', async () => {
    const path = '/apis/networking.istio.io/v1/namespaces/nowhere/virtualservices'
    expect(await failure(client.request('POST', path, { body: route('w', { http: [] }) }))).toMatchObject({ code: 404, message: 'namespaces "nowhere" not found' })
    expect(await client.request('GET', path)).toMatchObject({ items: [] })
  })

  it('deletes a collection by label', async () => {
    for (const name of ['x1', 'x2']) await client.request('POST', configMaps, { body: { ...configMap(name), metadata: { name, labels: { group: 'x' } } } })
    await client.request('DELETE', configMaps, { query: { labelSelector: 'group=x' } })
    expect(await client.request('GET', configMaps, { query: { labelSelector: 'group=x' } })).toMatchObject({ items: [] })
  })

  it('marks a pod that is to end, and a namespace, and leaves the end to who runs them', async () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'ending' }, spec: { containers: [{ name: 'c', image: 'x:1' }] } }
    await client.request('POST', '/api/v1/namespaces/default/pods', { body: pod })
    expect(await client.request('DELETE', '/api/v1/namespaces/default/pods/ending', { body: { gracePeriodSeconds: 5 } })).toMatchObject({ metadata: { deletionTimestamp: expect.any(String), deletionGracePeriodSeconds: 5 } })
    await client.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'brief' } } })
    expect(await client.request('DELETE', '/api/v1/namespaces/brief')).toMatchObject({ status: { phase: 'Terminating' } })
    expect(await failure(client.request('POST', '/api/v1/namespaces/brief/configmaps', { body: configMap('late') }))).toMatchObject({ code: 403 })
    expect(await failure(client.request('DELETE', '/api/v1/namespaces/default'))).toMatchObject({ code: 403, message: 'namespaces "default" is forbidden: this namespace may not be deleted' })
  })
})

describe('patches', () => {
  it('merges containers by name in Kubernetes\' own kinds', async () => {
    await client.request('POST', deployments, { body: deployment('merged') })
    const patch = { spec: { template: { spec: { containers: [{ name: 'side', image: 'y:1' }, { name: 'app', env: [{ name: 'A', value: '1' }] }] } } } }
    const patched = await client.request('PATCH', `${deployments}/merged`, { contentType: 'application/strategic-merge-patch+json', body: patch })
    const containers = fieldOf(patched, 'spec', 'template', 'spec', 'containers')
    expect(containers).toMatchObject([{ name: 'app', image: 'localhost/bankinfo/x:1', env: [{ name: 'A', value: '1' }] }, { name: 'side' }])
  })

  it('refuses a strategic merge patch of a rule with 415, and names the others', async () => {
    await client.request('POST', rules, { body: route('patched') })
    const status = await failure(client.request('PATCH', `${rules}/patched`, { contentType: 'application/strategic-merge-patch+json', body: { spec: {} } }))
    expect(status).toMatchObject({ code: 415, message: expect.stringContaining('application/strategic-merge-patch+json is not supported by networking.istio.io/v1, Kind=VirtualService') })
  })

  it('puts JSON patches on, and refuses one that does not fit', async () => {
    const contentType = 'application/json-patch+json'
    const patched = await client.request('PATCH', `${rules}/patched`, { contentType, body: [{ op: 'replace', path: '/spec/hosts/0', value: 'another' }] })
    expect(patched).toMatchObject({ spec: { hosts: ['another'] } })
    for (const body of [[{ op: 'remove', path: '/spec/nothing' }], [{ op: 'test', path: '/spec/hosts/0', value: 'x' }]]) {
      expect(await failure(client.request('PATCH', `${rules}/patched`, { contentType, body }))).toMatchObject({ code: 422, reason: 'Invalid' })
    }
    expect(await failure(client.request('PATCH', `${rules}/patched`, { contentType, body: [{ op: 'fly', path: '/' }] }))).toMatchObject({ code: 400 })
  })

  it('applies on the server: fields that a manager leaves out go, those of others stay, conflicts are named', async () => {
    const path = `${configMaps}/applied`
    const apply = (manager: string, data: Record<string, string>, force?: string): Promise<JsonRecord> => client.request('PATCH', path, {
      contentType: 'application/apply-patch+yaml', query: { fieldManager: manager, force }, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data }
    })
    await apply('one', { a: '1', b: '1' })
    await apply('two', { c: '2' })
    expect(await apply('one', { a: '1' })).toMatchObject({ data: { a: '1', c: '2' } })
    expect(fieldOf(api.store.get('ConfigMap', 'default', 'applied'), 'data', 'b')).toBeUndefined()
    expect(await failure(apply('one', { a: '1', c: '3' }))).toMatchObject({ code: 409, message: expect.stringContaining('conflict with "two": .data.c') })
    expect(await apply('one', { a: '1', c: '3' }, 'true')).toMatchObject({ data: { c: '3' } })
  })
})

describe('rules', () => {
  it('takes effect before the write is answered', async () => {
    const before = api.changes()
    await client.request('POST', rules, { body: route('effective') })
    expect(api.changes()).toBe(before + 1)
    await client.request('DELETE', `${rules}/effective`)
    expect(api.changes()).toBe(before + 2)
    await client.request('POST', rules, { body: route('effective'), query: { dryRun: 'All' } })
    expect(api.changes()).toBe(before + 2)
  })

  it('refuses unknown fields all at once, warns of them, or drops them, as it is asked', async () => {
    const body = route('strict', { http: [{ retires: 3, route: [{ destination: { host: 'a', subzet: 'v1' } }] }] })
    const strict = await failure(client.request('POST', rules, { body, query: { fieldValidation: 'Strict' } }))
    expect(strict).toMatchObject({
      code: 400,
      message: 'VirtualService in version "v1" cannot be handled as a VirtualService: strict decoding error: unknown field "spec.http[0].retires", unknown field "spec.http[0].route[0].destination.subzet"'
    })
    const { status, headers } = await raw(`${rules}?fieldValidation=Warn`, { method: 'POST', headers: { ...withToken(), 'content-type': 'application/json' }, body: JSON.stringify(body) })
    expect(status).toBe(201)
    expect(headers.warning).toContain('299 - "unknown field \\"spec.http[0].retires\\""')
    expect(fieldOf(api.store.get('VirtualService.networking.istio.io', 'default', 'strict'), 'spec', 'http')).toEqual([{ route: [{ destination: { host: 'a' } }] }])
    expect(await failure(client.request('POST', rules, { body, query: { fieldValidation: 'Loud' } }))).toMatchObject({ code: 400 })
  })

  it('says what Istio\'s webhook says, with no reason, also on a dry run; the rule in force stays', async () => {
    await client.request('POST', rules, { body: route('kept') })
    const bad = { spec: { http: [{ route: [{ destination: { host: 'kept' }, weight: -1 }] }] } }
    for (const dryRun of [undefined, 'All']) {
      const status = await failure(client.request('PATCH', `${rules}/kept`, { contentType: 'application/merge-patch+json', body: bad, query: { dryRun } }))
      expect(status.message).toBe('admission webhook "validation.istio.io" denied the request: configuration is invalid: weight -1 < 0')
      expect(status.reason).toBeUndefined()
    }
    expect(await client.request('GET', `${rules}/kept`)).toMatchObject({ spec: { http: [{ route: [{ destination: { host: 'kept' } }] }] } })
  })

  it('names each wrong value with its path in a 422', async () => {
    const status = await failure(client.request('POST', rules, { body: route('typed', { http: [{ timeout: 5, route: [{ destination: { host: 'a' } }] }] }) }))
    expect(status).toMatchObject({ code: 422, reason: 'Invalid' })
    expect(fieldOf(status, 'details', 'causes')).toContainEqual(expect.objectContaining({ field: 'spec.http[0].timeout', reason: 'FieldValueTypeInvalid' }))
  })

  it('serves every version that Istio has, of one object', async () => {
    expect(await client.request('GET', '/apis/networking.istio.io/v1alpha3/namespaces/default/virtualservices/kept')).toMatchObject({ apiVersion: 'networking.istio.io/v1alpha3' })
    const old = { ...route('old'), apiVersion: 'networking.istio.io/v1beta1' }
    await client.request('POST', '/apis/networking.istio.io/v1beta1/namespaces/default/virtualservices', { body: old })
    expect(await client.request('GET', `${rules}/old`)).toMatchObject({ apiVersion: 'networking.istio.io/v1' })
  })
})

describe('Kubernetes\' own kinds', () => {
  it('refuses unknown fields and wrong values', async () => {
    const wrong = deployment('wrong')
    const body = { ...wrong, spec: { ...(wrong.spec as object), replica: 3 } }
    expect(await failure(client.request('POST', deployments, { body, query: { fieldValidation: 'Strict' } }))).toMatchObject({ code: 400, message: expect.stringContaining('unknown field "spec.replica"') })
    const service = (spec: object, name = 'bad'): Promise<JsonRecord> => failure(client.request('POST', '/api/v1/namespaces/default/services', { body: { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec } }))
    expect(await service({ ports: [{ port: 99999 }] })).toMatchObject({ code: 422, message: expect.stringContaining('spec.ports[0].port: Invalid value: 99999') })
    expect(await service({ ports: [{ port: 80 }] }, 'W_1')).toMatchObject({ code: 422, message: expect.stringContaining('metadata.name') })
    expect(await service({ clusterIP: '192.168.0.1', ports: [{ port: 80 }] })).toMatchObject({ code: 422, message: expect.stringContaining('10.96.0.0/16') })
    expect(await service({ ports: [{ port: '80' }] })).toMatchObject({ code: 400, message: expect.stringContaining('cannot unmarshal string') })
    expect(await failure(client.request('PATCH', `${deployments}/merged`, { contentType: 'application/merge-patch+json', body: { spec: { selector: { matchLabels: { app: 'other' } } } } }))).toMatchObject({ code: 422, message: expect.stringContaining('field is immutable') })
  })
})

describe('watches', () => {
  it('sends what there is and a bookmark at its end when the initial events are asked for', async () => {
    const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true', fieldSelector: 'metadata.name=default' }
    const seen: WatchEvent[] = []
    for await (const event of watchEvents(client, '/api/v1/namespaces', { query })) {
      seen.push(event)
      if (event.type === 'BOOKMARK') break
    }
    expect(seen).toMatchObject([
      { type: 'ADDED', object: { metadata: { name: 'default' } } },
      { type: 'BOOKMARK', object: { kind: 'Namespace', apiVersion: 'v1', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } }
    ])
    expect(await failure(client.request('GET', '/api/v1/namespaces', { query: { watch: 'true', sendInitialEvents: 'true' } }))).toMatchObject({ code: 422 })
  })

  it('goes on from a version: what was missed, then what comes; an object that matches no more is deleted for the watcher', async () => {
    const list = await client.request('GET', configMaps)
    const resourceVersion = String(fieldOf(list, 'metadata', 'resourceVersion'))
    await client.request('POST', configMaps, { body: { ...configMap('seen'), metadata: { name: 'seen', labels: { watched: 'yes' } } } })
    const seen: string[] = []
    for await (const { type, object } of watchEvents(client, configMaps, { query: { resourceVersion, labelSelector: 'watched=yes' } })) {
      seen.push(`${type} ${String(fieldOf(object, 'metadata', 'name'))}`)
      if (seen.length === 1) await client.request('PATCH', `${configMaps}/seen`, { contentType: 'application/merge-patch+json', body: { metadata: { labels: { watched: 'no' } } } })
      if (seen.length === 2) break
    }
    expect(seen).toEqual(['ADDED seen', 'DELETED seen'])
  })

  it('says 410 to a version that it does not remember', async () => {
    const before = api.store.resourceVersion
    const pod = await api.store.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'busy', namespace: 'default' } })
    const { resourceVersion: _any, ...metadata } = pod.metadata
    for (let count = 0; count < 11_000; count += 1) await api.store.update({ ...pod, metadata, count })
    expect(await failure(client.request('GET', configMaps, { query: { watch: 'true', resourceVersion: before } }))).toMatchObject({ code: 410, reason: 'Expired' })
  })
})

describe('discovery', () => {
  it('lists groups, versions and kinds in one answer and, for old clients, one by one', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const all = await client.request('GET', '/apis', { accept })
    expect(all).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' })
    expect(JSON.stringify(all)).toContain('"shortNames":["vs"]')
    expect(await client.request('GET', '/apis')).toMatchObject({ kind: 'APIGroupList' })
    expect(await client.request('GET', '/apis/networking.istio.io')).toMatchObject({ preferredVersion: { version: 'v1' } })
    expect(await client.request('GET', '/api/v1')).toMatchObject({ kind: 'APIResourceList', groupVersion: 'v1' })
    expect(await client.request('GET', '/version')).toMatchObject({ major: '1' })
  })

  it('has a schema for every group version, in which patches take fieldValidation', async () => {
    const { paths } = await client.request('GET', '/openapi/v3')
    for (const [path, { serverRelativeURL }] of Object.entries(paths as Record<string, { serverRelativeURL: string }>)) {
      expect(await client.request('GET', serverRelativeURL), path).toMatchObject({ openapi: '3.0.0' })
    }
    const document = JSON.stringify(await client.request('GET', '/openapi/v3/apis/networking.istio.io/v1'))
    expect(document).toContain('fieldValidation')
    expect(document).toContain('subset')
  })

  it('shows Istio\'s CustomResourceDefinitions', async () => {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    const crd = await client.request('GET', `${path}/virtualservices.networking.istio.io`)
    expect(crd).toMatchObject({ spec: { group: 'networking.istio.io', names: { kind: 'VirtualService', shortNames: ['vs'] } } })
    expect(await failure(client.request('DELETE', `${path}/virtualservices.networking.istio.io`))).toMatchObject({ code: 405 })
  })

  it('answers 404 to kinds, groups and subresources that it does not have', async () => {
    for (const path of ['/apis/batch/v1/jobs', '/api/v1/namespaces/default/nonsense', '/api/v1/namespaces/default/configmaps/a/scale', '/nothing']) {
      expect(await failure(client.request('GET', path))).toMatchObject({ code: 404, message: 'the server could not find the requested resource' })
    }
    expect(await failure(client.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: {} }))).toMatchObject({ code: 405 })
  })
})

describe('explain', () => {
  it('answers data and text, and why it cannot', async () => {
    expect(await client.request('POST', '/bankinfo/v1/explain', { body: { url: 'http://a/', method: 'GET' } })).toMatchObject({ text: 'GET http://a/' })
    expect(await failure(client.request('POST', '/bankinfo/v1/explain', { body: { url: 'http://a/', from: 'nobody' } }))).toMatchObject({ code: 400, message: 'no workload is called nobody' })
    expect(await failure(client.request('POST', '/bankinfo/v1/explain', { body: { link: 1 } }))).toMatchObject({ code: 400 })
  })
})
