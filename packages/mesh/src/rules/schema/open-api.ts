import { findRuleKind, ruleKinds } from '../rule-kinds.ts'
import { descriptions } from './descriptions.ts'
import { specSchemas } from './istio-schemas.generated.ts'
import type { Schema } from './schema.ts'

/** A schema as OpenAPI v3 has it, for `/openapi/v3` and `kubectl explain`. */
export interface OpenApiSchema {
  readonly type: Schema['type']
  readonly description?: string
  readonly properties?: Readonly<Record<string, OpenApiSchema>>
  readonly required?: readonly string[]
  readonly items?: OpenApiSchema
  readonly additionalProperties?: OpenApiSchema
  readonly [keyword: string]: unknown
}

const plainKeywords = ['enum', 'minimum', 'maximum', 'minItems', 'maxItems', 'maxLength', 'maxProperties', 'format', 'nullable', 'required'] as const
const cache = new Map<string, OpenApiSchema>()

/**
 * The strict schema of objects of a kind of Istio's: what {@link validateSchema} holds them against, in OpenAPI's terms; the checks
 * across fields are not in it. `metadata` and `status` are left open.
 * @returns undefined for kinds that the mesh has no schema of
 */
export function openApiSchema (kind: string): OpenApiSchema | undefined {
  const known = cache.get(kind)
  if (known !== undefined) return known
  const spec = specSchemas[kind]
  const rule = ruleKinds.find(one => one.kind === kind)
  if (spec === undefined || rule === undefined || findRuleKind({ apiVersion: `${rule.group}/${rule.versions[0] ?? ''}`, kind }) === undefined) return undefined
  const open: OpenApiSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const schema: OpenApiSchema = {
    type: 'object',
    description: descriptions[kind]?.[''] ?? '',
    properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: open, spec: convert(spec, 'spec', kind), status: open },
    'x-kubernetes-group-version-kind': rule.versions.map(version => ({ group: rule.group, version, kind }))
  }
  cache.set(kind, schema)
  return schema
}

function convert (schema: Schema, path: string, kind: string): OpenApiSchema {
  const description = descriptions[kind]?.[path]
  const { properties, items, additionalProperties, exclusive, uniqueBy } = schema
  const choices = exclusive?.map(oneOf) ?? []
  return {
    type: schema.type,
    ...(description !== undefined && { description }),
    ...Object.fromEntries(plainKeywords.filter(keyword => schema[keyword] !== undefined).map(keyword => [keyword, schema[keyword]])),
    ...(properties !== undefined && { properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, convert(field, `${path}.${name}`, kind)])) }),
    ...(items !== undefined && { items: convert(items, `${path}[]`, kind) }),
    ...(additionalProperties !== undefined && { additionalProperties: convert(additionalProperties, `${path}.*`, kind) }),
    ...(choices.length === 1 && choices[0]),
    ...(choices.length > 1 && { allOf: choices }),
    ...(uniqueBy !== undefined && { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [uniqueBy] })
  }
}

/** One of the fields, or none. */
function oneOf (fields: readonly string[]): { oneOf: object[] } {
  const each = fields.map(field => ({ required: [field] }))
  return { oneOf: [{ not: { anyOf: each } }, ...each] }
}
