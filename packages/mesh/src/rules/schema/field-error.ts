import { formatPath, type FieldPath } from '../problem.ts'

/**
 * A field that the API server refuses. `message` is the part of its words after the path, as `Status` objects carry it in
 * `details.causes[].message`; for an unknown field it is the part after `strict decoding error:`.
 */
export interface SchemaError {
  readonly type: 'unknownField' | 'required' | 'typeInvalid' | 'unsupportedValue' | 'tooLong' | 'tooMany' | 'duplicate' | 'invalid'
  /** `spec.http[0].timeout`; `<nil>` for the object as a whole. */
  readonly path: string
  readonly steps: FieldPath
  /** `details.causes[].reason` of a `Status`. */
  readonly reason: string
  readonly message: string
  /** What to do about it, in our words. */
  readonly hint: string
}

const reasons: Readonly<Record<SchemaError['type'], string>> = {
  unknownField: 'FieldValueForbidden',
  required: 'FieldValueRequired',
  typeInvalid: 'FieldValueTypeInvalid',
  unsupportedValue: 'FieldValueNotSupported',
  tooLong: 'FieldValueTooLong',
  tooMany: 'FieldValueTooMany',
  duplicate: 'FieldValueDuplicate',
  invalid: 'FieldValueInvalid'
}

export function fieldError (type: SchemaError['type'], steps: FieldPath, message: string, hint: string): SchemaError {
  return { type, path: steps.length === 0 ? '<nil>' : formatPath(steps), steps, reason: reasons[type], message, hint }
}

/** Writes a value the way Go does in such messages: texts in quotes, all else as JSON. */
export function printValue (value: unknown): string {
  return JSON.stringify(value) ?? 'null'
}
