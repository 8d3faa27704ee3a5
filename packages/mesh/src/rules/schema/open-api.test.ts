import { describe, expect, it } from 'vitest'
import { ruleKinds } from '../rule-kinds.ts'
import { descriptions } from './descriptions.ts'
import { openApiSchema, type OpenApiSchema } from './open-api.ts'

const at = (kind: string, path: string): OpenApiSchema | undefined => path === ''
  ? openApiSchema(kind)
  : path.split('.').reduce<OpenApiSchema | undefined>((schema, step) => {
    const field = schema?.properties?.[step.replaceAll('[]', '')]
    return step.endsWith('[]') ? field?.items : field
  }, openApiSchema(kind))

describe('openApiSchema', () => {
  it('has every kind that the mesh carries out, with group, versions and kind', () => {
    for (const { kind } of ruleKinds.filter(({ carried }) => carried)) {
      expect(openApiSchema(kind)?.['x-kubernetes-group-version-kind']).toContainEqual({ group: 'networking.istio.io', version: 'v1', kind })
    }
    expect(openApiSchema('Service')).toBeUndefined()
  })

  it('states types, enumerations, ranges, required fields and choices', () => {
    expect(at('VirtualService', 'spec.http[].match[].uri')).toMatchObject({
      type: 'object',
      properties: { exact: { type: 'string' }, prefix: { type: 'string' }, regex: { type: 'string' } },
      oneOf: [{ not: { anyOf: [{ required: ['exact'] }, { required: ['prefix'] }, { required: ['regex'] }] } }, { required: ['exact'] }, { required: ['prefix'] }, { required: ['regex'] }]
    })
    expect(at('VirtualService', 'spec.http[].match[].port')).toEqual({ type: 'integer', minimum: 0, maximum: 4294967295 })
    expect(at('VirtualService', 'spec.http[].route[]')?.required).toEqual(['destination'])
    expect(at('Sidecar', 'spec.outboundTrafficPolicy.mode')).toMatchObject({ type: 'string', enum: ['REGISTRY_ONLY', 'ALLOW_ANY'] })
    expect(at('DestinationRule', 'spec.trafficPolicy.loadBalancer.consistentHash')?.['allOf']).toHaveLength(2)
    expect(at('ServiceEntry', 'spec.ports')).toMatchObject({ 'x-kubernetes-list-map-keys': ['name'] })
  })

  it('has what is described', () => {
    for (const [kind, fields] of Object.entries(descriptions)) {
      for (const [path, description] of Object.entries(fields)) expect({ kind, path, description: at(kind, path)?.description }).toEqual({ kind, path, description })
    }
  })
})
