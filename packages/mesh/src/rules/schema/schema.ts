/** A structural schema in the terms of OpenAPI v3, with what Kubernetes adds to it in short forms. */
export interface Schema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  /** Schema of the values of a map. Without it and without properties, nothing but `{}` fits. */
  readonly additionalProperties?: Schema
  readonly items?: Schema
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly maxLength?: number
  readonly maxProperties?: number
  readonly format?: string
  readonly nullable?: boolean
  /** Of each group of fields at most one may be there (a protobuf oneof). */
  readonly exclusive?: readonly (readonly string[])[]
  /** Field of which each item of the list must have its own value. */
  readonly uniqueBy?: string
  /** Names of checks in checks.ts that hold for the whole value; the API server runs them only when all else is right. */
  readonly checks?: readonly string[]
}
