/**
 * Derives the strict schemas of Istio's kinds from the types of @kubernetes-models/istio (whose own validators let unknown
 * fields pass) and the overlay beside this file, and writes them as a module for the compiler. Does nothing when all is up to date.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const kinds = ['DestinationRule', 'Gateway', 'ServiceEntry', 'Sidecar', 'VirtualService']
const here = dirname(fileURLToPath(import.meta.url))
const target = join(here, '../src/rules/schema/istio-schemas.generated.ts')
const types = join(dirname(createRequire(import.meta.url).resolve('@kubernetes-models/istio')), 'networking.istio.io/v1beta1')

const sources = Object.fromEntries(kinds.map(kind => [kind, readFileSync(join(types, `${kind}.d.ts`), 'utf8')]))
const hash = createHash('sha256')
for (const text of [...Object.values(sources), readFileSync(fileURLToPath(import.meta.url)), readFileSync(join(here, 'schema-overlay.js'))]) hash.update(text)
const stamp = `// ${hash.digest('hex')}`

if (!existsSync(target) || !readFileSync(target, 'utf8').startsWith(stamp)) await generate()

async function generate () {
  const { parse } = await import('@babel/parser')
  const overlay = await import('./schema-overlay.js')
  const schemas = {}
  for (const kind of kinds) {
    const spec = findSpec(parse(sources[kind], { sourceType: 'module', plugins: ['typescript'] }), kind)
    const schema = convert(spec)
    extend(schema, '', kind, overlay)
    schemas[kind] = schema
  }
  const json = JSON.stringify(schemas).replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  writeFileSync(target, `${stamp}
/* eslint-disable */
import type { Schema } from './schema.ts'

/** Schema of \`spec\` by kind. Written by scripts/generate-schemas.js. */
export const specSchemas: Readonly<Record<string, Schema>> = JSON.parse('${json}')
`)
}

function findSpec (file, kind) {
  for (const statement of file.program.body) {
    const declared = statement.declaration
    if (declared?.type !== 'TSInterfaceDeclaration' || declared.id.name !== `I${kind}`) continue
    const spec = declared.body.body.find(member => propertyName(member) === 'spec')
    if (spec !== undefined) return spec.typeAnnotation.typeAnnotation
  }
  throw new Error(`@kubernetes-models/istio has no I${kind} with a spec`)
}

function propertyName (member) {
  return member.type === 'TSPropertySignature' ? member.key.value ?? member.key.name : undefined
}

function convert (type) {
  switch (type.type) {
    case 'TSStringKeyword': return { type: 'string' }
    case 'TSNumberKeyword': return { type: 'number' }
    case 'TSBooleanKeyword': return { type: 'boolean' }
    case 'TSParenthesizedType': return convert(type.typeAnnotation)
    case 'TSArrayType': return { type: 'array', items: convert(type.elementType) }
    case 'TSTypeReference': return { type: 'array', items: convert(parameters(type)[0]) }
    case 'TSTypeLiteral': return convertObject(type)
    case 'TSUnionType': return type.types[0].type === 'TSLiteralType' ? { type: 'string', enum: type.types.map(literalText) } : convert(type.types[0])
    case 'TSIntersectionType': {
      // "A and one of ..." is how the package writes a oneOf: each choice is A again with one more field required.
      const schema = convert(type.types[0])
      const fields = [...new Set(type.types.slice(1).flatMap(requiredInChoices))].filter(field => schema.properties?.[field] !== undefined && !schema.required?.includes(field))
      return fields.length > 1 ? { ...schema, exclusive: [fields] } : schema
    }
    default: throw new Error(`no schema for a type of form ${type.type}`)
  }
}

function requiredInChoices (type) {
  switch (type.type) {
    case 'TSParenthesizedType': return requiredInChoices(type.typeAnnotation)
    case 'TSUnionType': return type.types.flatMap(requiredInChoices)
    case 'TSTypeLiteral': return type.members.filter(member => member.type === 'TSPropertySignature' && !member.optional).map(propertyName)
    default: return []
  }
}

function parameters (reference) {
  const name = reference.typeName.name
  const { params } = reference.typeParameters ?? reference.typeArguments ?? {}
  if (name !== 'Array' || params?.length !== 1) throw new Error(`no schema for the type ${name}`)
  return params
}

function literalText (type) {
  if (type.type !== 'TSLiteralType' || type.literal.type !== 'StringLiteral') throw new Error(`a text is expected in an enumeration, not ${type.type}`)
  return type.literal.value
}

function convertObject (type) {
  const schema = { type: 'object' }
  for (const member of type.members) {
    const annotation = member.typeAnnotation.typeAnnotation
    if (member.type === 'TSIndexSignature') {
      schema.additionalProperties = convert(annotation)
      continue
    }
    const name = propertyName(member)
    schema.properties ??= {}
    schema.properties[name] = convert(annotation)
    if (!member.optional) (schema.required ??= []).push(name)
  }
  return schema
}

/** Adds what the overlay says to a schema and to all below it. */
function extend (schema, path, kind, overlay) {
  const rows = table => table.filter(([of, at]) => (of === '*' || of === kind) && fits(path, at))
  for (const [, , fields] of rows(overlay.addedFields)) {
    for (const [name, field] of Object.entries(fields)) schema.properties = { ...schema.properties, [name]: schema.properties?.[name] ?? structuredClone(field) }
  }
  for (const [, , values] of rows(overlay.addedValues)) schema.enum = [...new Set([...schema.enum, ...values])]
  for (const [, , fields] of rows(overlay.requiredFields)) schema.required = [...new Set([...schema.required ?? [], ...fields])]
  const [constraint] = rows(overlay.constraints)
  if (constraint !== undefined) Object.assign(schema, constraint[2])
  if (schema.type === 'number' && schema.format === undefined) throw new Error(`the overlay says nothing about the number ${kind} ${path}`)

  for (const [name, field] of Object.entries(schema.properties ?? {})) extend(field, path === '' ? name : `${path}.${name}`, kind, overlay)
  if (schema.items !== undefined) extend(schema.items, `${path}[]`, kind, overlay)
  if (schema.additionalProperties !== undefined) extend(schema.additionalProperties, `${path}.*`, kind, overlay)
}

function fits (path, end) {
  return path === end || (end !== '' && path.endsWith(`.${end}`))
}
