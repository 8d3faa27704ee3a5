import { coreSchemas } from './core-schemas.generated.ts'

/** What may stand in a field. Without a type, anything may. */
export interface FieldSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean'
  readonly fields?: Readonly<Record<string, FieldSchema>>
  readonly required?: readonly string[]
  /** Of a map with any keys. */
  readonly values?: FieldSchema
  readonly items?: FieldSchema
  /** Name of the definition that says it, `core/v1.PodSpec`. */
  readonly ref?: string
}

export interface CoreSchemas {
  readonly definitions: Readonly<Record<string, FieldSchema>>
  /** By the key under which the store keeps the kind. */
  readonly kinds: Readonly<Record<string, FieldSchema>>
}

/** The schema of one of Kubernetes' own kinds; undefined for a kind without one. */
export function coreSchema (kindKey: string): FieldSchema | undefined {
  const schema = coreSchemas.kinds[kindKey]
  return schema === undefined ? undefined : resolveSchema(schema)
}

/** The definition behind a reference, or the schema itself. */
export function resolveSchema (schema: FieldSchema): FieldSchema {
  return schema.ref === undefined ? schema : coreSchemas.definitions[schema.ref] ?? {}
}
