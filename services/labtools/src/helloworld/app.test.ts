import { expect, test } from 'vitest'
import { tested } from '../labtools.fixture.ts'
import { buildHelloworld } from './app.ts'

test('tells version and pod', async () => {
  const { http, lines } = await tested(buildHelloworld, { SERVICE_VERSION: 'v2' })
  const { text } = await http.get('/hello').expect(200)
  expect(text).toBe('Hello version: v2, instance: tested-pod\n')
  await http.get('/health').expect(200)
  await expect.poll(() => lines.length, { timeout: 30_000 }).toBe(1)
  expect(lines[0]).toContain('"GET /hello HTTP/1.1" 200')
})
