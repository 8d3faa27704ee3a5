/** A JSON object whose fields are not known. */
export type JsonRecord = Readonly<Record<string, unknown>>

export function isRecord (value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object, or an empty one in place of anything else. */
export function recordOf (value: unknown): JsonRecord {
  return isRecord(value) ? value : {}
}

/** The array, or an empty one in place of anything else. */
export function arrayOf (value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A field deep in an object, undefined as soon as a step is missing. */
export function fieldOf (value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((current, key) => isRecord(current) ? current[key] : undefined, value)
}

/** The string, or an empty one in place of anything else. */
export function textOf (value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
