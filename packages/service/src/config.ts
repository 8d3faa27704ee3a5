import envSchema from 'env-schema'
import Type, { type Static, type TObject, type TProperties } from 'typebox'
import { hostname } from 'node:os'
import { ConfigError } from './errors.ts'

/** What every service reads from its environment; a service adds its own keys with {@link serviceConfig}. */
export const commonConfig = {
  HOST: Type.String({ minLength: 1, default: '127.0.0.1', description: 'address to listen on' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 9080, description: 'port to listen on; 0 takes a free one' }),
  SERVICE_VERSION: Type.String({ pattern: '^v[0-9]+$', default: 'v1', description: 'version that answers carry, like v1' }),
  POD_NAME: Type.String({ minLength: 1, default: hostname(), description: 'pod that answers carry' }),
  POD_NAMESPACE: Type.String({ minLength: 1, default: 'default', description: 'namespace of the pod' }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info', description: 'least level that is logged' }),
  DRAIN_SECONDS: Type.Number({ minimum: 0, maximum: 60, default: 2, description: 'how long a pod that was told to end (SIGTERM) keeps serving while it reports not ready' }),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(Type.String({ pattern: '^https?://', description: 'OTLP/HTTP collector, like http://collector:4318; no traces without it' }))
}

/** Base address of another service: http or https, without query or fragment. */
export const urlOf = (fallback: string, description: string) =>
  Type.String({ pattern: '^https?://[^\\s/?#]+(/[^\\s?#]*)?$', default: fallback, description })

/** The schema of a service's environment: the common keys and its own. A key given in both is the service's. */
export function serviceConfig<P extends TProperties> (own: P): TObject<Omit<typeof commonConfig, keyof P> & P> {
  return Type.Object<Omit<typeof commonConfig, keyof P> & P>({ ...commonConfig, ...own })
}

/** The part of the configuration that createApp and start need. */
export type ServiceConfig = Readonly<Static<TObject<typeof commonConfig>>>

/**
 * Reads a process's environment once, against its schema: text becomes numbers, defaults are filled in, keys that the
 * schema does not name are left out, a blank value counts as not set.
 *
 * @returns the frozen configuration
 * @throws ConfigError naming every bad key, what was expected and what came (never the value of a `writeOnly` key)
 */
export function readConfig<S extends TObject> (schema: S, env: Record<string, string | undefined>): Readonly<Static<S>> {
  const data = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''))
  try {
    // env-schema writes into the schema that it is given.
    return Object.freeze(envSchema<Static<S>>({ schema: structuredClone(schema), data, env: false }))
  } catch (error) {
    if (!hasErrors(error)) throw error
    throw new ConfigError(error.errors.map((problem) => describe(problem, schema, data)))
  }
}

interface SchemaProblem {
  readonly keyword: string
  readonly instancePath: string
  readonly message?: string
  readonly params: Readonly<Record<string, unknown>>
}

function hasErrors (error: unknown): error is { errors: readonly SchemaProblem[] } {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
}

function describe (problem: SchemaProblem, schema: TObject, data: Readonly<Record<string, unknown>>): string {
  if (problem.keyword === 'required') return `${String(problem.params['missingProperty'])}: required, but not set`
  const key = problem.instancePath.slice(1)
  const property: { writeOnly?: boolean, description?: string } = schema.properties[key] ?? {}
  const allowed = problem.params['allowedValues']
  const expected = Array.isArray(allowed) ? `must be one of ${allowed.join(', ')}` : problem.message ?? 'is not valid'
  const got = property.writeOnly === true ? '' : `, got ${JSON.stringify(data[key])}`
  const meaning = property.description === undefined ? '' : ` (${property.description})`
  return `${key}: ${expected}${got}${meaning}`
}
