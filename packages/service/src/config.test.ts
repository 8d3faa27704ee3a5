import Type from 'typebox'
import { expect, test } from 'vitest'
import { readConfig, serviceConfig, urlOf } from './config.ts'
import { ConfigError } from './errors.ts'

const schema = serviceConfig({
  PEER_URL: urlOf('http://peer:9080', 'address of the peer'),
  KEY: Type.Optional(Type.String({ minLength: 32, writeOnly: true })),
  REGION: Type.String({ minLength: 1 })
})

function problemsOf (env: Record<string, string>): readonly string[] {
  try {
    readConfig(schema, env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('fills in defaults and turns text into numbers', () => {
  expect(readConfig(schema, { REGION: 'east', PORT: '8123' })).toMatchObject({ HOST: '127.0.0.1', PORT: 8123, SERVICE_VERSION: 'v1', PEER_URL: 'http://peer:9080', REGION: 'east' })
})

test('names every bad key at once, with what was expected and what came', () => {
  const problems = problemsOf({ PORT: 'eighty', LOG_LEVEL: 'loud', PEER_URL: 'ftp://peer' })
  expect(problems).toHaveLength(4)
  expect(problems.join('\n')).toMatch(/^PORT: must be integer, got "eighty"/m)
  expect(problems.join('\n')).toMatch(/^LOG_LEVEL: must be one of fatal, error, .*, got "loud"/m)
  expect(problems.join('\n')).toMatch(/^PEER_URL: .*, got "ftp:\/\/peer"/m)
  expect(problems.join('\n')).toMatch(/^REGION: required/m)
})

test.each(['65536', '-1', '80.5', '80 x'])('refuses the port %j', (PORT) => {
  expect(problemsOf({ REGION: 'east', PORT })).toEqual([expect.stringMatching(/^PORT: /)])
})

test('never tells the value of a secret', () => {
  expect(problemsOf({ REGION: 'east', KEY: 'hunter2' }).join()).toMatch(/^KEY: (?!.*hunter2)/)
})

test('takes a blank value for not set', () => {
  expect(readConfig(schema, { REGION: 'east', OTEL_EXPORTER_OTLP_ENDPOINT: '', PORT: ' ' })).toMatchObject({ PORT: 9080 })
  expect(problemsOf({ REGION: '' })).toEqual([expect.stringMatching(/^REGION: required/)])
})

test('leaves out what the schema does not name, and cannot be changed', () => {
  const config = readConfig(schema, { REGION: 'east', PATH: '/bin' })
  expect(config).not.toHaveProperty('PATH')
  expect(() => { Object.assign(config, { PORT: 1 }) }).toThrow(TypeError)
})
