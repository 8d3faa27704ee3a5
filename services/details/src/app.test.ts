import { createDispatcher, readConfig } from '@bankinfo/service'
import supertest from 'supertest'
import { expect, onTestFinished, test } from 'vitest'
import { buildApp } from './app.ts'
import { configSchema } from './config.ts'

async function details () {
  const dispatcher = createDispatcher()
  const app = await buildApp(readConfig(configSchema, { LOG_LEVEL: 'silent', POD_NAME: 'details-v1-abc' }), { dispatcher })
  onTestFinished(async () => {
    await app.close()
    await dispatcher.close()
  })
  await app.ready()
  return supertest(app.server)
}

const ids = ['wealth-90', 'time-deposit-3y', 'large-cd-2y', 'cash-plus', 'balanced-fund', 'gold-savings']

test.each(ids)('has the facts of %s in both languages', async (id) => {
  const answer = await (await details()).get(`/api/v1/details/${id}`).expect(200)
  expect(answer.body).toMatchObject({ id, currency: 'CNY', riskClass: expect.stringMatching(/^R[1-5]$/), minimum: expect.any(Number) })
  for (const field of ['issuer', 'term', 'fee', 'redemption', 'settlement', 'guarantee']) {
    expect(answer.body[field].en, field).toMatch(/^[\x20-\x7e]+$/)
    expect(answer.body[field].zh, field).toMatch(/[\u4e00-\u9fff]/)
  }
  expect(answer.body.rate.min).toBeLessThanOrEqual(answer.body.rate.max)
})

test('says who answered', async () => {
  const answer = await (await details()).get('/api/v1/details/wealth-90')
  expect(answer.headers).toMatchObject({ 'x-bankinfo-service': 'details', 'x-bankinfo-version': 'v1', 'x-bankinfo-pod': 'details-v1-abc' })
})

test('answers an unknown product with 404 and a stable code', async () => {
  const answer = await (await details()).get('/api/v1/details/no-such').expect(404)
  expect(answer.body).toMatchObject({ code: 'product_not_found', message: "There is no product 'no-such'" })
})

test.each(['..%2f..%2fetc%2fpasswd', '%3Cscript%3E', 'A'.repeat(65), 'constructor%00', '__proto__'])('refuses the malformed id %s', async (id) => {
  const answer = await (await details()).get(`/api/v1/details/${id}`).expect(400)
  expect(answer.body.code).toBe('invalid_request')
})

test('takes no property of an object for a product', async () => {
  await (await details()).get('/api/v1/details/constructor').expect(404)
})

test('describes its routes in OpenAPI', async () => {
  const answer = await (await details()).get('/openapi.json').expect(200)
  expect(answer.body.paths['/api/v1/details/{id}'].get.responses).toHaveProperty('404')
})
