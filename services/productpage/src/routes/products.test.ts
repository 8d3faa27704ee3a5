import { expect, test } from 'vitest'
import { bank } from '../bank.fixture.ts'

test('lists the products in both languages', async () => {
  const { body } = await (await bank()).http.get('/api/v1/products').expect(200).expect('cache-control', 'no-store')
  expect(body.length).toBeGreaterThanOrEqual(6)
  for (const { id, name } of body) {
    expect(id).toMatch(/^[a-z0-9-]+$/)
    expect(name.en).toMatch(/[A-Za-z]/)
    expect(name.zh).toMatch(/[\u4e00-\u9fff]/)
  }
})

test('has each listed product, its details and its added values', async () => {
  const { http } = await bank()
  const { body: products } = await http.get('/api/v1/products')
  for (const { id } of products) {
    expect((await http.get(`/api/v1/products/${id}`).expect(200)).body).toMatchObject({ id, description: { en: expect.any(String) } })
    const details = await http.get(`/api/v1/products/${id}/details`).expect(200)
    expect(details.headers['x-bankinfo-via']).toBe('details/v1/details-v1-pod')
    expect((await http.get(`/api/v1/products/${id}/addedvalues`).expect(200)).body).toMatchObject({ version: 'v2', pod: 'addedvalues-v2-pod' })
  }
})

test.each(['', '/details', '/addedvalues'])('an unknown product%s is 404, a malformed one 400, and nobody is asked', async (part) => {
  const { http, asked } = await bank()
  expect((await http.get(`/api/v1/products/none${part}`).expect(404)).body.code).toBe('product_not_found')
  expect((await http.get(`/api/v1/products/..%2Fmetrics${part}`).expect(400)).body.code).toBe('invalid_request')
  expect(asked).toEqual([])
})
