import { styles } from '../styles/catalog.ts'
import { badForm } from './problems.ts'
import type { OutputFormat } from './output-format.ts'

/** Text fields of an upload, by name. */
export type Fields = ReadonlyMap<string, string>

/** What an upload asks for, beside its pictures. */
export interface Order {
  /** Absent when a style image is given. */
  readonly style?: string
  /** 0 to 1. */
  readonly strength: number
  /** 0 to 1. */
  readonly detail: number
  readonly format?: OutputFormat
  readonly download: boolean
}

export const parameterRange = { minimum: 0, maximum: 100 } as const
export const defaults = { strength: 100, detail: 50 } as const
export const textFields: readonly string[] = ['style', 'strength', 'detail', 'format', 'download']

const formats: Readonly<Record<string, OutputFormat>> = { jpeg: 'jpeg', jpg: 'jpeg', png: 'png', webp: 'webp', avif: 'avif' }

/**
 * Reads the text fields of an upload.
 *
 * @throws ServiceError 400 naming the field, what was expected and what came
 */
export function readOrder (fields: Fields, hasStyleImage: boolean): Order {
  const style = fields.get('style')
  if (style === undefined && !hasStyleImage) throw badForm('style', 'Say which style: send a field "style" (an id from GET /styles) or a picture as "styleImage".')
  if (style !== undefined && hasStyleImage) throw badForm('style', 'Both "style" and "styleImage" came. Send one of them.')
  if (style !== undefined && !styles.some(({ id }) => id === style)) {
    throw badForm('style', `There is no style ${JSON.stringify(style)}. Expected one of ${styles.map(({ id }) => id).join(', ')}.`)
  }
  const format = fields.get('format')
  if (format !== undefined && formats[format] === undefined) throw badForm('format', `"format" must be jpeg, png, webp or avif, not ${JSON.stringify(format)}.`)
  const output = format === undefined ? undefined : formats[format]
  return {
    ...(style === undefined ? {} : { style }),
    ...(output === undefined ? {} : { format: output }),
    strength: percentage(fields, 'strength'),
    detail: percentage(fields, 'detail'),
    download: flag(fields, 'download')
  }
}

function percentage (fields: Fields, name: 'strength' | 'detail'): number {
  const text = fields.get(name)
  if (text === undefined) return defaults[name] / 100
  const value = Number(text)
  if (!/^\d{1,3}(\.\d{1,3})?$/.test(text) || value > parameterRange.maximum) throw badForm(name, `"${name}" must be a number from 0 to 100, not ${JSON.stringify(text)}.`)
  return value / 100
}

function flag (fields: Fields, name: string): boolean {
  const text = fields.get(name)
  if (text === undefined || text === 'false' || text === '0') return false
  if (text === 'true' || text === '1' || text === 'on') return true
  throw badForm(name, `"${name}" must be true or false, not ${JSON.stringify(text)}.`)
}
