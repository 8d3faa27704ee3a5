import { afterAll, describe, expect, it } from 'vitest'
import { startTestApi } from '../../testing/api.ts'
import { failure } from '../../testing/api-objects.ts'

const api = await startTestApi()
const { client } = api
afterAll(() => api.close())

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
