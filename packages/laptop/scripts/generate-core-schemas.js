/**
 * Derives the strict schemas of Kubernetes' own kinds from the types of kubernetes-types and writes them as a module for the
 * compiler. Does nothing when all is up to date.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const kinds = {
  'core/v1': ['ConfigMap', 'Endpoints', 'Event', 'Namespace', 'Node', 'Pod', 'Secret', 'Service', 'ServiceAccount'],
  'apps/v1': ['Deployment', 'ReplicaSet'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'discovery/v1': ['EndpointSlice'],
  'networking/v1': ['NetworkPolicy'],
  'policy/v1': ['PodDisruptionBudget']
}
const groups = { core: '', apps: '.apps', autoscaling: '.autoscaling', discovery: '.discovery.k8s.io', networking: '.networking.k8s.io', policy: '.policy' }

const self = fileURLToPath(import.meta.url)
const target = join(dirname(self), '../src/resources/schema/core-schemas.generated.ts')
const library = dirname(createRequire(import.meta.url).resolve('kubernetes-types/package.json'))
const stamp = `// ${createHash('sha256').update(readFileSync(join(library, 'package.json'))).update(readFileSync(self)).digest('hex')}`

if (!existsSync(target) || !readFileSync(target, 'utf8').startsWith(stamp)) await generate()

async function generate () {
  const { parse } = await import('@babel/parser')
  const modules = new Map()
  const definitions = {}
  const roots = {}

  function moduleOf (path) {
    if (!modules.has(path)) {
      const { program } = parse(readFileSync(join(library, `${path}.d.ts`), 'utf8'), { sourceType: 'module', plugins: ['typescript'] })
      const imports = new Map()
      const declared = new Map()
      for (const statement of program.body) {
        if (statement.type === 'ImportDeclaration') {
          const from = posix.join(posix.dirname(path), statement.source.value).replace(/\.js$/, '')
          for (const specifier of statement.specifiers) imports.set(specifier.local.name, from)
        } else if (statement.declaration?.id !== undefined) declared.set(statement.declaration.id.name, statement.declaration)
      }
      modules.set(path, { imports, declared })
    }
    return modules.get(path)
  }

  /** @returns the name of the definition, or the schema itself where the type is no more than another name. */
  function define (path, name) {
    const { imports, declared } = moduleOf(path)
    if (imports.has(name)) return define(imports.get(name), name)
    if (name === 'IntOrString' || name === 'Quantity') return {}
    const declaration = declared.get(name)
    if (declaration.type === 'TSTypeAliasDeclaration') return convert(declaration.typeAnnotation, path)
    const key = `${path}.${name}`
    if (definitions[key] === undefined) {
      definitions[key] = { type: 'object' }
      definitions[key] = convert({ type: 'TSTypeLiteral', members: declaration.body.body }, path)
    }
    return { ref: key }
  }

  function convert (type, path) {
    switch (type.type) {
      case 'TSStringKeyword': return { type: 'string' }
      // No field of these kinds has a fraction.
      case 'TSNumberKeyword': return { type: 'integer' }
      case 'TSBooleanKeyword': return { type: 'boolean' }
      case 'TSLiteralType': return { type: 'string' }
      case 'TSArrayType': return { type: 'array', items: convert(type.elementType, path) }
      case 'TSTypeReference': {
        if (type.typeName.name === 'Array') return { type: 'array', items: convert((type.typeParameters ?? type.typeArguments).params[0], path) }
        return define(path, type.typeName.name)
      }
      case 'TSTypeLiteral': {
        const [index] = type.members.filter(({ type: member }) => member === 'TSIndexSignature')
        if (index !== undefined) return { type: 'object', values: convert(index.typeAnnotation.typeAnnotation, path) }
        // Anything may stand in a type that names no field, such as FieldsV1.
        if (type.members.length === 0) return {}
        const fields = type.members.map(member => [member.key.value ?? member.key.name, convert(member.typeAnnotation.typeAnnotation, path)])
        const required = type.members.filter(member => member.optional !== true).map(member => member.key.value ?? member.key.name)
        return { type: 'object', fields: Object.fromEntries(fields), ...(required.length > 0 && { required }) }
      }
      default: return {}
    }
  }

  for (const [path, names] of Object.entries(kinds)) {
    for (const name of names) roots[`${name}${groups[path.split('/')[0]]}`] = define(path, name)
  }
  const json = JSON.stringify({ definitions, kinds: roots }).replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  writeFileSync(target, `${stamp}
/* eslint-disable */
import type { CoreSchemas } from './core-schemas.ts'

/** Schemas of Kubernetes' own kinds by their key in the store. Written by scripts/generate-core-schemas.js. */
export const coreSchemas: CoreSchemas = JSON.parse('${json}')
`)
}
