import { afterAll, describe, expect, it } from 'vitest'
import { fieldOf, type JsonRecord } from '../../resources/json.ts'
import { startTestApi } from '../../testing/api.ts'
import { deployment, failure, paths, route } from '../../testing/api-objects.ts'

const api = await startTestApi()
const { client } = api
afterAll(() => api.close())

describe('patches', () => {
  it('merges containers by name in Kubernetes\' own kinds', async () => {
    await client.request('POST', paths.deployments, { body: deployment('merged') })
    const patch = { spec: { template: { spec: { containers: [{ name: 'side', image: 'y:1' }, { name: 'app', env: [{ name: 'A', value: '1' }] }] } } } }
    const patched = await client.request('PATCH', `${paths.deployments}/merged`, { contentType: 'application/strategic-merge-patch+json', body: patch })
    const containers = fieldOf(patched, 'spec', 'template', 'spec', 'containers')
    expect(containers).toMatchObject([{ name: 'app', image: 'localhost/bankinfo/x:1', env: [{ name: 'A', value: '1' }] }, { name: 'side' }])
  })

  it('refuses a strategic merge patch of a rule with 415, and names the others', async () => {
    await client.request('POST', paths.rules, { body: route('patched') })
    const status = await failure(client.request('PATCH', `${paths.rules}/patched`, { contentType: 'application/strategic-merge-patch+json', body: { spec: {} } }))
    expect(status).toMatchObject({ code: 415, message: expect.stringContaining('application/strategic-merge-patch+json is not supported by networking.istio.io/v1, Kind=VirtualService') })
  })

  it('puts JSON patches on, and refuses one that does not fit', async () => {
    const contentType = 'application/json-patch+json'
    const patched = await client.request('PATCH', `${paths.rules}/patched`, { contentType, body: [{ op: 'replace', path: '/spec/hosts/0', value: 'another' }] })
    expect(patched).toMatchObject({ spec: { hosts: ['another'] } })
    for (const body of [[{ op: 'remove', path: '/spec/nothing' }], [{ op: 'test', path: '/spec/hosts/0', value: 'x' }]]) {
      expect(await failure(client.request('PATCH', `${paths.rules}/patched`, { contentType, body }))).toMatchObject({ code: 422, reason: 'Invalid' })
    }
    expect(await failure(client.request('PATCH', `${paths.rules}/patched`, { contentType, body: [{ op: 'fly', path: '/' }] }))).toMatchObject({ code: 400 })
  })

  it('applies on the server: fields that a manager leaves out go, those of others stay, conflicts are named', async () => {
    const path = `${paths.configMaps}/applied`
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
