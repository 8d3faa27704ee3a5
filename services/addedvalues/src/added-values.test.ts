import { readConfig } from '@bankinfo/service'
import { expect, test } from 'vitest'
import { addedValues } from './added-values.fixture.ts'
import { configSchema } from './config.ts'

test('v1 has services and no analysis', async () => {
  const { body } = await (await addedValues({ SERVICE_VERSION: 'v1' })).get('/api/v1/addedvalues/wealth-90').expect(200)
  expect(body).toMatchObject({ version: 'v1', pod: 'pod-1', user: null })
  expect(body.services.length).toBeGreaterThan(0)
  expect(body).not.toHaveProperty('analysis')
  expect(body).not.toHaveProperty('styleTransfer')
})

test('v2 adds risk and investment analysis', async () => {
  const { body } = await (await addedValues({ SERVICE_VERSION: 'v2' })).get('/api/v1/addedvalues/balanced-fund').expect(200)
  expect(body).toMatchObject({ version: 'v2', analysis: { risk: { class: 'R3' }, investment: { amount: 10_000 } } })
  expect(body).not.toHaveProperty('styleTransfer')
})

test('offers a signed-in customer more than a visitor, and says for whom it answered', async () => {
  const service = await addedValues({ SERVICE_VERSION: 'v1' })
  const visitor = await service.get('/api/v1/addedvalues/wealth-90')
  const customer = await service.get('/api/v1/addedvalues/wealth-90').set('end-user', 'jason')
  expect(customer.body.user).toBe('jason')
  expect(customer.body.services.length).toBeGreaterThan(visitor.body.services.length)
})

test.each(['v1', 'v2'])('%s answers all of /styletransfer with 404 not_in_this_version', async (version) => {
  const service = await addedValues({ SERVICE_VERSION: version })
  const expected = { code: 'not_in_this_version', version }
  expect((await service.get('/styletransfer/styles').expect(404)).body).toMatchObject(expected)
  expect((await service.post('/styletransfer/transfer').attach('image', Buffer.alloc(200_000), 'a.jpg').expect(404)).body).toMatchObject(expected)
})

test('refuses a version that there is not, naming the key', () => {
  expect(() => readConfig(configSchema, { SERVICE_VERSION: 'v4' })).toThrow(/SERVICE_VERSION: must be one of v1, v2, v3, got "v4"/)
})

test('answers an unknown product with 404 and a stable code', async () => {
  expect((await (await addedValues({ SERVICE_VERSION: 'v2' })).get('/api/v1/addedvalues/none').expect(404)).body.code).toBe('product_not_found')
})
