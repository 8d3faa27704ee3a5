import { findRuleKind } from '../rule-kinds.ts'
import { formatPath, type FieldPath } from '../problem.ts'
import { checks } from './checks.ts'
import { fieldError, printValue, type SchemaError } from './field-error.ts'
import { specSchemas } from './istio-schemas.generated.ts'
import type { Schema } from './schema.ts'
import { suggestField } from './suggest.ts'

/** A place in a document, as a chain up to its top; steps are only written out for a field that is refused. */
interface Place {
  readonly parent: Place | undefined
  readonly step: string | number
  /** The step is a key of a map, not a field. */
  readonly inMap?: true
}

interface Report {
  readonly unknown: SchemaError[]
  readonly wrong: SchemaError[]
  /** Checks to run when nothing is wrong. */
  readonly pending: (() => void)[]
}

type Validator = (value: unknown, place: Place, report: Report) => void

const objectFields = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status'])
const metadataFields = new Set([
  'name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp',
  'deletionGracePeriodSeconds', 'labels', 'annotations', 'ownerReferences', 'finalizers', 'managedFields'
])
/** Errors after which the API server does not run the checks (`x-kubernetes-validations`) any more. */
const blocking: ReadonlySet<SchemaError['type']> = new Set(['required', 'typeInvalid', 'unsupportedValue', 'tooLong', 'tooMany'])
const compiled = new Map<string, Validator>()

/**
 * Holds an object of Istio's API against the schema of its kind: fields, types, enumerations, ranges, and the checks across
 * fields. Unknown fields are named first, in the order of their paths. Kinds without a schema pass.
 * @param resource any JSON value that claims to be a rule
 * @returns all that is wrong, in the API server's words; empty when nothing is
 */
export function validateSchema (resource: { readonly apiVersion: string, readonly kind: string, readonly metadata: object, readonly spec?: unknown }): SchemaError[] {
  const schema = findRuleKind(resource) === undefined ? undefined : specSchemas[resource.kind]
  if (schema === undefined) return []
  let validate = compiled.get(resource.kind)
  if (validate === undefined) {
    validate = compile(schema)
    compiled.set(resource.kind, validate)
  }
  const report: Report = { unknown: [], wrong: [], pending: [] }
  for (const key of Object.keys(resource)) {
    if (!objectFields.has(key)) report.unknown.push(unknownField([key], 'Fields of the rule belong below "spec:".'))
  }
  for (const key of Object.keys(resource.metadata)) {
    if (!metadataFields.has(key)) report.unknown.push(unknownField(['metadata', key], 'Fields of the rule belong below "spec:"; your own marks below "metadata.annotations:".'))
  }
  if (resource.spec !== undefined) validate(resource.spec, { parent: undefined, step: 'spec' }, report)
  else if (resource.kind === 'ServiceEntry') report.wrong.push(required(['spec']))

  if (!report.wrong.some(({ type }) => blocking.has(type))) report.pending.forEach(check => { check() })
  else {
    report.wrong.push(fieldError('invalid', [], 'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
      'Mend the fields named above first.'))
  }
  return [...report.unknown.sort((a, b) => a.path < b.path ? -1 : 1), ...report.wrong]
}

function compile (schema: Schema): Validator {
  const type = compileType(schema)
  const parts: Validator[] = []
  if (schema.type === 'object') parts.push(compileObject(schema))
  if (schema.type === 'array') parts.push(compileArray(schema))
  if (schema.enum !== undefined) parts.push(compileEnum(schema.enum))
  if (schema.minimum !== undefined || schema.maximum !== undefined) parts.push(compileRange(schema))
  if (schema.maxLength !== undefined) parts.push(compileLength(schema.maxLength))
  if (schema.format === 'byte') parts.push(validateBase64)
  if (schema.checks !== undefined) parts.push(...schema.checks.map(compileCheck))
  return (value, place, report) => {
    if (value === null && schema.nullable === true) return
    const wrong = type(value, place)
    if (wrong !== undefined) {
      report.wrong.push(wrong)
      if (schema.type !== 'object' && schema.type !== 'array') reportFields(value, place, report)
      if (typeof value === 'number' && schema.type === 'integer' && parts.length > 0) {
        report.wrong.push(fieldError('invalid', [], `Invalid value: "": Checked value must be of type integer (default format) in ${wrong.path}`, wrong.hint))
      }
    } else for (const part of parts) part(value, place, report)
  }
}

function compileType (schema: Schema): (value: unknown, place: Place) => SchemaError | undefined {
  const { type, format } = schema
  const numeric = type === 'integer' || type === 'number'
  return (value, place) => {
    const came = typeName(value)
    if (came === type) return undefined
    if (came === 'integer' && type === 'number') return undefined
    // Kubernetes names the format instead of the type when a number's format does not fit.
    const named = numeric && format !== undefined && came !== 'string' && came !== 'array' && came !== 'null'
    const data = named ? (came === 'number' ? 'float64' : '') : came
    const steps = stepsOf(place)
    const message = `Invalid value: ${printValue(data)}: ${formatPath(steps)} in body must be of type ${named ? format : type}: ${printValue(data)}`
    return fieldError('typeInvalid', steps, message, typeHint(schema, value, came))
  }
}

function typeName (value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function typeHint (schema: Schema, value: unknown, came: string): string {
  if (came === 'null') return 'Give it a value, or leave the field out.'
  switch (schema.type) {
    case 'string':
      if (schema.checks?.includes('duration') === true) return `Write a number with its unit, such as ${typeof value === 'number' ? value : 3}s.`
      return came === 'boolean' ? 'YAML reads yes, no, on, off and y as booleans: put the text in quotes.' : 'Write a text; a number needs quotes to be one.'
    case 'integer': return came === 'string' ? 'Write the number without quotes.' : 'Write a whole number.'
    case 'number': return came === 'string' ? 'Write the number without quotes.' : 'Write a number.'
    case 'boolean': return 'Write true or false, without quotes.'
    case 'array': return 'Write a list: each item on a line of its own that starts with "- ".'
    case 'object': {
      const exact = schema.exclusive?.[0]?.includes('exact') === true && came === 'string'
      return exact ? `Say how to match, such as "exact: ${String(value)}" or "prefix: ${String(value)}".` : 'Write a mapping: "key: value" lines, indented below the field.'
    }
  }
}

function compileObject (schema: Schema): Validator {
  const fields = new Map(Object.entries(schema.properties ?? {}).map(([key, field]) => [key, compile(field)]))
  const rest = schema.additionalProperties === undefined ? undefined : compile(schema.additionalProperties)
  return (value, place, report) => {
    if (!isObject(value)) return
    let count = 0
    for (const key in value) {
      if (!Object.hasOwn(value, key)) continue
      count++
      const known = fields.get(key)
      const validate = known ?? rest
      const below: Place = known === undefined && rest !== undefined ? { parent: place, step: key, inMap: true } : { parent: place, step: key }
      if (validate === undefined) report.unknown.push(unknownField(stepsOf(below), suggestField(schema, key)))
      else validate(value[key], below, report)
    }
    for (const key of schema.required ?? []) if (!Object.hasOwn(value, key)) report.wrong.push(required(stepsOf({ parent: place, step: key })))
    if (schema.maxProperties !== undefined && count > schema.maxProperties) report.wrong.push(tooMany(place, count, schema.maxProperties))
    for (const group of schema.exclusive ?? []) {
      const there = group.filter(key => Object.hasOwn(value, key))
      if (there.length < 2) continue
      const steps = stepsOf(place)
      const path = formatPath(steps)
      report.wrong.push(fieldError('invalid', steps, `Invalid value: "": "${path}" must validate one and only one schema (oneOf). Found ${there.length} valid alternatives`,
        `Keep one of ${there.join(', ')}.`))
    }
  }
}

function compileArray (schema: Schema): Validator {
  const validate = schema.items === undefined ? undefined : compile(schema.items)
  const { minItems, maxItems, uniqueBy } = schema
  return (value, place, report) => {
    if (!Array.isArray(value)) return
    if (minItems !== undefined && value.length < minItems) {
      const steps = stepsOf(place)
      report.wrong.push(fieldError('invalid', steps, `Invalid value: ${value.length}: ${formatPath(steps)} in body should have at least ${minItems} items`, 'List at least one.'))
    }
    if (maxItems !== undefined && value.length > maxItems) report.wrong.push(tooMany(place, value.length, maxItems))
    const seen = new Set<unknown>()
    value.forEach((item: unknown, index) => {
      validate?.(item, { parent: place, step: index }, report)
      const key = uniqueBy !== undefined && isObject(item) ? item[uniqueBy] : undefined
      if (key !== undefined && seen.has(key)) {
        report.wrong.push(fieldError('duplicate', stepsOf({ parent: place, step: index }), `Duplicate value: ${printValue({ [String(uniqueBy)]: key })}`, `Give each item a ${String(uniqueBy)} of its own.`))
      }
      seen.add(key)
    })
  }
}

function compileEnum (values: readonly string[]): Validator {
  const known = new Set<unknown>(values)
  return (value, place, report) => {
    if (known.has(value)) return
    report.wrong.push(fieldError('unsupportedValue', stepsOf(place), `Unsupported value: ${printValue(value)}: supported values: ${values.map(printValue).join(', ')}`, 'Write one of the supported values, in capitals.'))
  }
}

function compileRange ({ minimum = -Infinity, maximum = Infinity }: Schema): Validator {
  return (value, place, report) => {
    const number = Number(value)
    if (number >= minimum && number <= maximum) return
    const bound = number < minimum ? `greater than or equal to ${minimum}` : `less than or equal to ${maximum}`
    const steps = stepsOf(place)
    report.wrong.push(fieldError('invalid', steps, `Invalid value: ${number}: ${formatPath(steps)} in body should be ${bound}`, `Write a number ${bound}.`))
  }
}

function compileLength (maxLength: number): Validator {
  return (value, place, report) => {
    if (typeof value !== 'string' || value.length <= maxLength || [...value].length <= maxLength) return
    report.wrong.push(fieldError('tooLong', stepsOf(place), `Too long: may not be more than ${maxLength} bytes`, `Shorten it to ${maxLength} characters.`))
  }
}

const validateBase64: Validator = (value, place, report) => {
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(String(value))) return
  const steps = stepsOf(place)
  report.wrong.push(fieldError('typeInvalid', steps, `Invalid value: ${printValue(value)}: ${formatPath(steps)} in body must be of type byte: ${printValue(value)}`,
    'Write the bytes in base64, or use "string" for text.'))
}

function compileCheck (name: string): Validator {
  const check = checks[name]
  if (check === undefined) throw new Error(`scripts/schema-overlay.js names a check that checks.ts does not have: ${name}`)
  return (value, place, report) => {
    report.pending.push(() => {
      for (const { detail, hint, hidesValue } of check(value)) {
        const printed = typeof value === 'object' ? '' : ` ${printValue(hidesValue === true ? typeof value : value)}:`
        report.wrong.push({ ...fieldError('invalid', stepsOf(place), `Invalid value:${printed} ${detail}`, hint), path: formatPlace(place) })
      }
    })
  }
}

function unknownField (steps: FieldPath, hint: string): SchemaError {
  const path = formatPath(steps)
  return fieldError('unknownField', steps, `unknown field ${printValue(path)}`, hint)
}

function required (steps: FieldPath): SchemaError {
  return fieldError('required', steps, 'Required value', `Add "${String(steps.at(-1))}:".`)
}

function tooMany (place: Place, count: number, most: number): SchemaError {
  return fieldError('tooMany', stepsOf(place), `Too many: ${count}: must have at most ${most} item${most === 1 ? '' : 's'}`, 'Split the rule.')
}

/** Mappings where a plain value is expected: what they hold counts as unknown fields. */
function reportFields (value: unknown, place: Place, report: Report): void {
  if (Array.isArray(value)) value.forEach((item: unknown, index) => { reportFields(item, { parent: place, step: index }, report) })
  else if (isObject(value)) for (const key of Object.keys(value)) report.unknown.push(unknownField(stepsOf({ parent: place, step: key }), 'A plain value is expected here: check the indentation.'))
}

/** A path as the checks' messages have it: keys of maps stand in brackets, `spec.workloadSelector.labels[app]`. */
function formatPlace ({ parent, step, inMap }: Place): string {
  const text = parent === undefined ? '' : formatPlace(parent)
  if (typeof step === 'number' || inMap === true) return `${text}[${step}]`
  return text === '' ? step : `${text}.${step}`
}

function stepsOf (place: Place): FieldPath {
  const steps: (string | number)[] = []
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) steps.unshift(at.step)
  return steps
}

function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
