import { asFields, asText } from '../../value.ts'
import { checkRegex } from '../regex.ts'
import { quote } from '../names.ts'
import type { Verdict } from '../verdict.ts'

/** A match by exact, prefix or regex, as everything but the URI has it. */
export function checkStringMatch (value: unknown, where: string, verdict: Verdict): void {
  const match = asFields(value)
  if (match['prefix'] === '') verdict.error(`${quote(where)}: prefix string match should not be empty`)
  else checkRegexMatch(value, where, verdict)
}

/** The URI's prefix may be empty; its regex may not. */
export function checkRegexMatch (value: unknown, where: string, verdict: Verdict): void {
  const { regex } = asFields(value)
  if (regex === undefined) return
  const wrong = regex === '' ? `${quote(where)}: regex string match should not be empty` : checkRegex(asText(regex), where)
  if (wrong !== undefined) verdict.error(wrong)
}
