import { afterAll, describe, expect, it } from 'vitest'
import { fieldOf } from '../../resources/json.ts'
import { startTestApi } from '../../testing/api.ts'
import { failure, paths, raw, route } from '../../testing/api-objects.ts'

const api = await startTestApi()
const { client } = api
afterAll(() => api.close())

const withToken = (): Record<string, string> => ({ authorization: `Bearer ${api.token}` })

describe('rules', () => {
  it('takes effect before the write is answered', async () => {
    const before = api.changes()
    await client.request('POST', paths.rules, { body: route('effective') })
    expect(api.changes()).toBe(before + 1)
    await client.request('DELETE', `${paths.rules}/effective`)
    expect(api.changes()).toBe(before + 2)
    await client.request('POST', paths.rules, { body: route('effective'), query: { dryRun: 'All' } })
    expect(api.changes()).toBe(before + 2)
  })

  it('refuses unknown fields all at once, warns of them, or drops them, as it is asked', async () => {
    const body = route('strict', { http: [{ retires: 3, route: [{ destination: { host: 'a', subzet: 'v1' } }] }] })
    const strict = await failure(client.request('POST', paths.rules, { body, query: { fieldValidation: 'Strict' } }))
    expect(strict).toMatchObject({
      code: 400,
      message: 'VirtualService in version "v1" cannot be handled as a VirtualService: strict decoding error: unknown field "spec.http[0].retires", unknown field "spec.http[0].route[0].destination.subzet"'
    })
    const { status, headers } = await raw(api, `${paths.rules}?fieldValidation=Warn`, { method: 'POST', headers: { ...withToken(), 'content-type': 'application/json' }, body: JSON.stringify(body) })
    expect(status).toBe(201)
    expect(headers.warning).toContain('299 - "unknown field \\"spec.http[0].retires\\""')
    expect(fieldOf(api.store.get('VirtualService.networking.istio.io', 'default', 'strict'), 'spec', 'http')).toEqual([{ route: [{ destination: { host: 'a' } }] }])
    expect(await failure(client.request('POST', paths.rules, { body, query: { fieldValidation: 'Loud' } }))).toMatchObject({ code: 400 })
  })

  it('says what Istio\'s webhook says, with no reason, also on a dry run; the rule in force stays', async () => {
    await client.request('POST', paths.rules, { body: route('kept') })
    const bad = { spec: { http: [{ route: [{ destination: { host: 'kept' }, weight: -1 }] }] } }
    for (const dryRun of [undefined, 'All']) {
      const status = await failure(client.request('PATCH', `${paths.rules}/kept`, { contentType: 'application/merge-patch+json', body: bad, query: { dryRun } }))
      expect(status.message).toBe('admission webhook "validation.istio.io" denied the request: configuration is invalid: weight -1 < 0')
      expect(status.reason).toBeUndefined()
    }
    expect(await client.request('GET', `${paths.rules}/kept`)).toMatchObject({ spec: { http: [{ route: [{ destination: { host: 'kept' } }] }] } })
  })

  it('names each wrong value with its path in a 422', async () => {
    const status = await failure(client.request('POST', paths.rules, { body: route('typed', { http: [{ timeout: 5, route: [{ destination: { host: 'a' } }] }] }) }))
    expect(status).toMatchObject({ code: 422, reason: 'Invalid' })
    expect(fieldOf(status, 'details', 'causes')).toContainEqual(expect.objectContaining({ field: 'spec.http[0].timeout', reason: 'FieldValueTypeInvalid' }))
  })

  it('serves every version that Istio has, of one object', async () => {
    expect(await client.request('GET', '/apis/networking.istio.io/v1alpha3/namespaces/default/virtualservices/kept')).toMatchObject({ apiVersion: 'networking.istio.io/v1alpha3' })
    const old = { ...route('old'), apiVersion: 'networking.istio.io/v1beta1' }
    await client.request('POST', '/apis/networking.istio.io/v1beta1/namespaces/default/virtualservices', { body: old })
    expect(await client.request('GET', `${paths.rules}/old`)).toMatchObject({ apiVersion: 'networking.istio.io/v1' })
  })
})
