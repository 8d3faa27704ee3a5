import { afterAll, describe, expect, it } from 'vitest'
import { type JsonRecord } from '../../resources/json.ts'
import { startTestApi } from '../../testing/api.ts'
import { configMap, deployment, failure, paths, route } from '../../testing/api-objects.ts'

const api = await startTestApi()
const { client } = api
afterAll(() => api.close())

describe('objects', () => {
  it('creates, reads, replaces and deletes', async () => {
    const created = await client.request('POST', paths.configMaps, { body: configMap('a', { key: '1' }) })
    expect(created).toMatchObject({ metadata: { name: 'a', namespace: 'default' }, data: { key: '1' } })
    expect(await failure(client.request('POST', paths.configMaps, { body: configMap('a') }))).toMatchObject({ code: 409, reason: 'AlreadyExists', message: 'configmaps "a" already exists' })
    const replaced = await client.request('PUT', `${paths.configMaps}/a`, { body: { ...created, data: { key: '2' } } })
    expect(replaced).toMatchObject({ data: { key: '2' } })
    expect(await failure(client.request('PUT', `${paths.configMaps}/a`, { body: created }))).toMatchObject({
      code: 409, message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again'
    })
    expect(await client.request('DELETE', `${paths.configMaps}/a`)).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'a', kind: 'configmaps' } })
    expect(await failure(client.request('GET', `${paths.configMaps}/a`))).toMatchObject({ code: 404, reason: 'NotFound', message: 'configmaps "a" not found' })
  })

  it('answers tables with the columns of kubectl', async () => {
    await client.request('POST', '/api/v1/namespaces/default/services', { body: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ name: 'http', port: 80 }] } } })
    const table = await client.request('GET', '/api/v1/namespaces/default/services', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' })
    expect(table.kind).toBe('Table')
    expect(table).toMatchObject({ rows: [{ cells: ['web', 'ClusterIP', expect.stringMatching(/^10\.96\./), '<none>', '80/TCP', expect.any(String), '<none>'] }] })
  })

  it('fills in what Kubernetes fills in, and counts generations of the spec alone', async () => {
    const created = await client.request('POST', paths.deployments, { body: deployment('counted') })
    expect(created).toMatchObject({ metadata: { generation: 1 }, spec: { replicas: 1, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } }, template: { spec: { restartPolicy: 'Always', containers: [{ imagePullPolicy: 'IfNotPresent' }] } } } })
    const labelled = await client.request('PATCH', `${paths.deployments}/counted`, { contentType: 'application/merge-patch+json', body: { metadata: { labels: { a: 'b' } } } })
    expect(labelled).toMatchObject({ metadata: { generation: 1 } })
    const scaled = await client.request('PATCH', `${paths.deployments}/counted/scale`, { contentType: 'application/merge-patch+json', body: { spec: { replicas: 3 } } })
    expect(scaled).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } })
    const status = await client.request('PATCH', `${paths.deployments}/counted/status`, { contentType: 'application/merge-patch+json', body: { spec: { replicas: 9 }, status: { replicas: 3 } } })
    expect(status).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 3 }, status: { replicas: 3 } })
  })

  it('writes nothing on a dry run', async () => {
    const query = { dryRun: 'All' }
    expect(await client.request('POST', paths.configMaps, { query, body: configMap('dry') })).toMatchObject({ metadata: { name: 'dry' } })
    expect(api.store.get('ConfigMap', 'default', 'dry')).toBeUndefined()
    await client.request('POST', paths.configMaps, { body: configMap('dry') })
    await client.request('PATCH', `${paths.configMaps}/dry`, { query, contentType: 'application/merge-patch+json', body: { data: { a: 'b' } } })
    await client.request('DELETE', `${paths.configMaps}/dry`, { query })
    expect(api.store.get('ConfigMap', 'default', 'dry')?.data).toEqual({})
  })

  it('selects by labels and fields, and says what of a selector it does not understand', async () => {
    const list = await client.request('GET', paths.configMaps, { query: { labelSelector: 'made=here', fieldSelector: 'metadata.name=dry' } })
    expect(list).toMatchObject({ kind: 'ConfigMapList', items: [{ metadata: { name: 'dry' } }] })
    expect(await failure(client.request('GET', paths.configMaps, { query: { labelSelector: '=x' } }))).toMatchObject({ code: 400 })
  })

  it('gives no object to a namespace that does not exist, before it looks at the object', async () => {
    const path = '/apis/networking.istio.io/v1/namespaces/nowhere/virtualservices'
    expect(await failure(client.request('POST', path, { body: route('w', { http: [] }) }))).toMatchObject({ code: 404, message: 'namespaces "nowhere" not found' })
    expect(await client.request('GET', path)).toMatchObject({ items: [] })
  })

  it('deletes a collection by label', async () => {
    for (const name of ['x1', 'x2']) await client.request('POST', paths.configMaps, { body: { ...configMap(name), metadata: { name, labels: { group: 'x' } } } })
    await client.request('DELETE', paths.configMaps, { query: { labelSelector: 'group=x' } })
    expect(await client.request('GET', paths.configMaps, { query: { labelSelector: 'group=x' } })).toMatchObject({ items: [] })
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

describe('Kubernetes\' own kinds', () => {
  it('refuses unknown fields and wrong values', async () => {
    const wrong = deployment('wrong')
    const body = { ...wrong, spec: { ...(wrong.spec as object), replica: 3 } }
    expect(await failure(client.request('POST', paths.deployments, { body, query: { fieldValidation: 'Strict' } }))).toMatchObject({ code: 400, message: expect.stringContaining('unknown field "spec.replica"') })
    const service = (spec: object, name = 'bad'): Promise<JsonRecord> => failure(client.request('POST', '/api/v1/namespaces/default/services', { body: { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec } }))
    expect(await service({ ports: [{ port: 99999 }] })).toMatchObject({ code: 422, message: expect.stringContaining('spec.ports[0].port: Invalid value: 99999') })
    expect(await service({ ports: [{ port: 80 }] }, 'W_1')).toMatchObject({ code: 422, message: expect.stringContaining('metadata.name') })
    expect(await service({ clusterIP: '192.168.0.1', ports: [{ port: 80 }] })).toMatchObject({ code: 422, message: expect.stringContaining('10.96.0.0/16') })
    expect(await service({ ports: [{ port: '80' }] })).toMatchObject({ code: 400, message: expect.stringContaining('cannot unmarshal string') })
    expect(await failure(client.request('PATCH', `${paths.deployments}/counted`, { contentType: 'application/merge-patch+json', body: { spec: { selector: { matchLabels: { app: 'other' } } } } }))).toMatchObject({ code: 422, message: expect.stringContaining('field is immutable') })
  })
})
