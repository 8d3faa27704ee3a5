/** Which steps cannot be held yet, told from what their rules and clients ask for. */
import { unsupportedFields } from '../rules/index.ts'
import type { Observed, Step } from './case.ts'
import type { Resource } from '../model.ts'

/** The feature that is missing, or undefined when the step can be held. */
export function waitsFor (rules: readonly Resource[], step: Step, observed: Observed): string | undefined {
  for (const rule of rules) {
    const [missing] = unsupportedFields(rule)
    if (missing !== undefined) return `${rule.kind} ${missing.path}`
  }
  if (step.client_cert === true) return 'client certificates'
  if (step.to?.startsWith('https:') === true && observed.error === undefined) return 'a TLS client'
  return undefined
}
