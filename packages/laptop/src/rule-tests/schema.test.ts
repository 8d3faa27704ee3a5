import { expect, it } from 'vitest'
import { testFileSchema } from './schema.ts'

it('is what editors are given: `vitest run src/rule-tests/schema.test.ts -u` writes the file', async () => {
  const text = JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...testFileSchema }, undefined, 2)
  await expect(`${text}\n`).toMatchFileSnapshot('../../rule-tests.schema.json')
})
