/**
 * Readers for parts of a rule. The schema has the last word on types; what it lets pass as absent or empty reads as protobuf's
 * default, the way Istio sees it, and a value of a wrong type reads like an absent one.
 */

export type Fields = Readonly<Record<string, unknown>>

const none: Fields = Object.freeze({})
const empty: readonly unknown[] = Object.freeze([])

export function isFields (value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function asFields (value: unknown): Fields {
  return isFields(value) ? value : none
}

export function asList (value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : empty
}

export function asTexts (value: unknown): string[] {
  return asList(value).map(asText)
}

export function asText (value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function asNumber (value: unknown): number {
  return typeof value === 'number' ? value : 0
}

/** Whether a message is there at all, be it empty. */
export function isSet (value: unknown): boolean {
  return value !== undefined && value !== null
}
