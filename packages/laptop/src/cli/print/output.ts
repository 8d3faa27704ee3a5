import { isRecord, type JsonRecord } from '../../resources/json.ts'
import { CliError } from '../command.ts'
import { listObject, toJson, toYaml } from './structured.ts'

export type Output =
  | { readonly type: 'table' }
  | { readonly type: 'wide' }
  | { readonly type: 'name' }
  /** @param single one object was asked for by name: it is shown itself, not in a List */
  | { readonly type: 'objects', readonly format: (objects: readonly JsonRecord[], single: boolean) => Promise<string> }

/** Reads the value of `-o`. @throws CliError for a format that there is not */
export function parseOutput (text: string | undefined): Output {
  if (text === undefined || text === '') return { type: 'table' }
  const equals = text.indexOf('=')
  const name = equals === -1 ? text : text.slice(0, equals)
  const argument = equals === -1 ? undefined : text.slice(equals + 1)
  switch (name) {
    case 'wide': return { type: 'wide' }
    case 'name': return { type: 'name' }
    case 'json': return { type: 'objects', format: async (objects, single) => toJson(whole(objects, single)) }
    case 'yaml': return { type: 'objects', format: (objects, single) => toYaml(whole(objects, single)) }
    case 'jsonpath': {
      const template = argument
      if (template === undefined || template === '') throw new CliError('template format specified but no template given')
      return {
        type: 'objects',
        format: async (objects, single) => {
          const { formatJsonPath, JsonPathError, JsonPathRangeError } = await import('./jsonpath.ts')
          try {
            return formatJsonPath(template, whole(objects, single))
          } catch (error) {
            if (error instanceof JsonPathError) throw new CliError(error.message)
            if (error instanceof JsonPathRangeError) throw new CliError(`error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${error.message}`)
            throw error
          }
        }
      }
    }
    case 'custom-columns': {
      const columns = (argument ?? '').split(',').map((column) => /^([^:]+):(.+)$/.exec(column))
      if (argument === undefined || columns.includes(null)) throw new CliError('custom-columns format specified but no custom columns given: expected TITLE:PATH,...')
      return { type: 'objects', format: (objects) => customColumns(objects, columns.map((match) => ({ title: match?.[1] ?? '', path: match?.[2] ?? '' }))) }
    }
    default: throw new CliError(`unable to match a printer suitable for the output format "${name}", allowed formats are: custom-columns, json, jsonpath, name, wide, yaml`)
  }
}

function whole (objects: readonly JsonRecord[], single: boolean): JsonRecord {
  const [first] = objects
  return single && first !== undefined ? first : listObject(objects)
}

async function customColumns (objects: readonly JsonRecord[], columns: ReadonlyArray<{ readonly title: string, readonly path: string }>): Promise<string> {
  const { findJsonPath } = await import('./jsonpath.ts')
  const { createTablePrinter } = await import('./table.ts')
  const cell = (value: unknown): string => isRecord(value) || Array.isArray(value) ? JSON.stringify(value) : String(value)
  return createTablePrinter()([
    columns.map(({ title }) => title),
    ...objects.map((object) => columns.map(({ path }) => findJsonPath(path, object).map(cell).join(',') || '<none>'))
  ])
}
