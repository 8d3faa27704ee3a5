import { openApiSchema } from '@bankinfo/mesh/rules'
import { mergeKeyOf } from '../patch/merge-keys.ts'
import { patchTypes } from '../patch/patch.ts'
import type { Kind } from '../../resources/kinds.ts'
import { coreSchema, resolveSchema, type FieldSchema } from '../../resources/schema/core-schemas.ts'
import { groupVersions, kindsOf } from './legacy.ts'

type JsonSchema = Record<string, unknown>

/** `/openapi/v3`: where the schema of each group version is. */
export function openApiIndex (): object {
  const paths = groupVersions().flatMap(({ group, versions }) => versions.map((version) => group === '' ? `api/${version}` : `apis/${group}/${version}`))
  return { paths: Object.fromEntries(paths.map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=1` }])) }
}

/** The schema of one group version, `apis/apps/v1`; undefined when there is none. */
export function openApiDocument (path: string): object | undefined {
  const [root, ...rest] = path.split('/')
  const [group, version] = root === 'api' ? ['', rest[0]] : rest
  if (group === undefined || version === undefined || (root !== 'api' && root !== 'apis')) return undefined
  const kinds = kindsOf(group, version)
  if (!groupVersions().some((one) => one.group === group && one.versions.includes(version))) return undefined
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.0' },
    paths: Object.fromEntries(kinds.flatMap((kind) => objectPaths(kind, group, version))),
    components: { schemas: Object.fromEntries(kinds.map((kind) => [schemaName(kind, version), kindSchema(kind, group, version)])) }
  }
}

function schemaName (kind: Kind, version: string): string {
  const group = kind.group === '' ? 'io.k8s.api.core' : kind.group.split('.').reverse().join('.')
  return `${group}.${version}.${kind.kind}`
}

function objectPaths (kind: Kind, group: string, version: string): ReadonlyArray<readonly [string, object]> {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : `${root}/${kind.plural}`
  const meaning = { 'x-kubernetes-group-version-kind': { group, version, kind: kind.kind } }
  const object = { schema: { $ref: `#/components/schemas/${schemaName(kind, version)}` } }
  const answer = { responses: { 200: { description: 'OK', content: { 'application/json': object } } } }
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({ name, in: 'query', schema: { type: 'string' } }))
  const body = (types: readonly string[]): object => ({ requestBody: { content: Object.fromEntries(types.map((type) => [type, object])) } })
  const accepted = kind.origin === 'core' ? patchTypes : patchTypes.filter((type) => !type.includes('strategic'))
  return [
    [collection, {
      get: { 'x-kubernetes-action': 'list', ...meaning, ...answer },
      post: { 'x-kubernetes-action': 'post', ...meaning, parameters, ...body(['application/json']), ...answer }
    }],
    [`${collection}/{name}`, {
      get: { 'x-kubernetes-action': 'get', ...meaning, ...answer },
      put: { 'x-kubernetes-action': 'put', ...meaning, parameters, ...body(['application/json']), ...answer },
      patch: { 'x-kubernetes-action': 'patch', ...meaning, parameters: [...parameters, { name: 'force', in: 'query', schema: { type: 'boolean' } }], ...body(accepted), ...answer },
      delete: { 'x-kubernetes-action': 'delete', ...meaning, ...answer }
    }]
  ]
}

const identity: JsonSchema = { apiVersion: { type: 'string' }, kind: { type: 'string' } }

function kindSchema (kind: Kind, group: string, version: string): JsonSchema {
  const meaning = { 'x-kubernetes-group-version-kind': [{ group, version, kind: kind.kind }] }
  const core = coreSchema(kind.key)
  if (core !== undefined) return { ...jsonSchema(core, []), ...meaning }
  const metadata = coreSchema('ConfigMap')?.fields?.metadata
  const rule = kind.origin === 'rule' ? openApiSchema(kind.kind) : undefined
  return {
    type: 'object',
    ...(rule?.description !== undefined && { description: rule.description }),
    properties: {
      ...identity,
      ...(metadata !== undefined && { metadata: jsonSchema(metadata, ['metadata']) }),
      spec: rule?.properties?.spec ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    },
    ...meaning
  }
}

/** Lists that are merged item by item say so: kubectl makes its strategic merge patches from that. */
function jsonSchema (referenced: FieldSchema, path: readonly string[]): JsonSchema {
  const { type, fields, values, items, required } = resolveSchema(referenced)
  if (path.length > 24) return { type: 'object' }
  const mergeKey = type === 'array' ? mergeKeyOf(path) : undefined
  return {
    ...(type !== undefined && { type }),
    ...(fields !== undefined && { properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, jsonSchema(field, [...path, name])])) }),
    ...(values !== undefined && { additionalProperties: jsonSchema(values, path) }),
    ...(items !== undefined && { items: jsonSchema(items, path) }),
    ...(required !== undefined && { required }),
    ...(mergeKey !== undefined && { 'x-kubernetes-patch-strategy': 'merge' }),
    ...(mergeKey !== undefined && mergeKey !== '' && { 'x-kubernetes-patch-merge-key': mergeKey })
  }
}
