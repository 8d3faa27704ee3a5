import type { Kind } from '../kinds.ts'

/** The JSON schema of `spec` of one of Istio's kinds; undefined where the mesh has none. */
export function ruleSchema (_kind: Kind): Record<string, unknown> | undefined {
  return undefined
}
