/** Reads test files: YAML with positions, held against the schema. */
import { checkRegex, describe, formatPath, mostLike, parseYaml, type FieldPath, type Problem, type YamlDocument } from '@bankinfo/mesh/rules'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'
import { isRecord, recordOf } from '../resources/json.ts'
import { testFileSchema, type TestFile } from './schema.ts'

export interface ReadTestFile {
  readonly file: string
  readonly content: TestFile
  readonly document: YamlDocument
}

interface SchemaFault {
  readonly keyword: string
  readonly schemaPath: string
  readonly instancePath: string
  readonly params: object
  readonly message: string
}

/** @returns the file, or everything that is wrong with its form */
export function readTestFile (file: string, text: string): { readonly read: ReadTestFile } | { readonly problems: readonly Problem[] } {
  const { documents, problems } = parseYaml(file, text)
  if (problems.length > 0) return { problems }
  const [document, second] = documents
  if (document === undefined || second !== undefined) {
    const line = second?.line ?? 1
    return { problems: [{ file, line, column: 1, message: `one document is expected, ${documents.length} came`, hint: document === undefined ? 'Write "tests:" and the tests below it.' : 'Put the tests of both below one "tests:".' }] }
  }
  const { value, locate } = document
  const problem = (path: FieldPath, message: string, hint: string): Problem => ({ file, ...locate(path), message, hint, path: formatPath(path) })
  const faults = allFaults(value)
  const found = faults.length > 0 ? findFaults(faults, value, problem) : findContradictions(value as TestFile, problem)
  return found.length > 0 ? { problems: found.toSorted((a, b) => a.line - b.line || a.column - b.column) } : { read: { file, content: value as TestFile, document } }
}

/** typebox ends at the eighth fault otherwise, and those of the branches of a union count. */
function allFaults (value: unknown): readonly SchemaFault[] {
  const { maxErrors } = Settings.Get()
  Settings.Set({ maxErrors: 10_000 })
  try {
    return Value.Errors(testFileSchema, value)
  } finally {
    Settings.Set({ maxErrors })
  }
}

type MakeProblem = (path: FieldPath, message: string, hint: string) => Problem

function findFaults (faults: readonly SchemaFault[], value: unknown, problem: MakeProblem): readonly Problem[] {
  const unions = faults.filter(({ keyword }) => keyword === 'anyOf').map(({ schemaPath }) => schemaPath)
  const inUnion = ({ schemaPath }: SchemaFault): boolean => unions.some((union) => schemaPath.startsWith(`${union}/anyOf`))
  const found = faults.filter((fault) => !inUnion(fault)).flatMap((fault): readonly Problem[] => {
    const path = pathOf(fault.instancePath, value)
    const schema = schemaAt(fault.schemaPath)
    const params = fault.params as { readonly additionalProperties?: readonly string[], readonly requiredProperties?: readonly string[] }
    switch (fault.keyword) {
      // Told by the mapping that does not know the field.
      case 'boolean': return []
      case 'additionalProperties': return (params.additionalProperties ?? []).map((key) => {
        const known = Object.keys(recordOf(schema.properties))
        const like = mostLike(key, known)
        return problem([...path, key], `unknown field "${key}"`, like === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean "${like}"? Known here: ${known.join(', ')}.`)
      })
      // A misspelt field that is there tells it better than the right one that is missing.
      case 'required': return (params.requiredProperties ?? []).filter((key) => !misspelt(valueAt(value, path), key, schema)).map((key) => problem(path, `"${key}" is missing`, `Expected ${expected(recordOf(recordOf(schema.properties)[key]))}.`))
      default: return [problem(path, `${describe(valueAt(value, path))} came`, `Expected ${expected(schema)}.`)]
    }
  })
  const seen = new Set<string>()
  return found.filter(({ line, column, message }) => {
    const key = `${line}:${column}:${message}`
    return !seen.has(key) && seen.add(key)
  })
}

/** What a schema alone cannot say. */
function findContradictions ({ tests, services = [] }: TestFile, problem: MakeProblem): readonly Problem[] {
  const names = new Map<string, number>()
  return [
    ...services.flatMap(({ port, ports }, index) => port !== undefined && ports !== undefined
      ? [problem(['services', index, 'ports'], '"port" and "ports" came', 'Expected one of them.')]
      : []),
    ...tests.flatMap(({ name, request: { url, host, path }, expect }, index): readonly Problem[] => {
      const at = ['tests', index] as const
      const before = names.get(name)
      names.set(name, before ?? index)
      return [
        ...(before === undefined ? [] : [problem([...at, 'name'], `tests[${before}] is called so, too`, 'Expected a name that no other test of the file has.')]),
        ...(url === undefined && host === undefined ? [problem([...at, 'request'], '"url" is missing', 'Expected url, or host and path.')] : []),
        ...(url !== undefined && (host !== undefined || path !== undefined) ? [problem([...at, 'request', host === undefined ? 'path' : 'host'], '"url" came, too', 'Expected url, or host and path. A Host other than the URL\'s goes into headers.')] : []),
        ...(['requestHeaders', 'responseHeaders'] as const).flatMap((field) => Object.entries(expect[field] ?? {}).flatMap(([header, match]) => {
          const fault = typeof match === 'object' && match !== null && 'regex' in match ? checkRegex(match.regex, match.regex) : undefined
          return fault === undefined ? [] : [problem([...at, 'expect', field, header], fault, 'Expected an expression of RE2.')]
        }))
      ]
    })
  ]
}

function expected ({ description, minItems, type }: { readonly description?: unknown, readonly minItems?: unknown, readonly type?: unknown }): string {
  if (typeof description === 'string') return description
  return minItems === undefined ? `a value of type ${String(type)}` : 'a list with at least one item'
}

function misspelt (value: unknown, key: string, { properties }: Readonly<Record<string, unknown>>): boolean {
  const known = Object.keys(recordOf(properties))
  return Object.keys(recordOf(value)).some((there) => !known.includes(there) && mostLike(there, known) === key)
}

function steps (pointer: string): readonly string[] {
  return pointer.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function schemaAt (pointer: string): Readonly<Record<string, unknown>> {
  let schema: unknown = testFileSchema
  for (const step of steps(pointer.replace(/^#/, ''))) schema = isRecord(schema) || Array.isArray(schema) ? Reflect.get(schema, step) : undefined
  return recordOf(schema)
}

function pathOf (pointer: string, value: unknown): FieldPath {
  const path: Array<string | number> = []
  let at = value
  for (const step of steps(pointer)) {
    const key = Array.isArray(at) ? Number(step) : step
    path.push(key)
    at = typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined
  }
  return path
}

function valueAt (value: unknown, path: FieldPath): unknown {
  return path.reduce((at: unknown, key) => typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined, value)
}
