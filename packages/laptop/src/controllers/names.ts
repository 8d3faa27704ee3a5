import { createHash, randomInt } from 'node:crypto'

/** The characters of Kubernetes' generated names: no vowels and nothing that reads like another, so that no words come out. */
const safe = 'bcdfghjklmnpqrstvwxz2456789'

/** A random suffix like `x7k2p`. */
export function randomSuffix (length = 5): string {
  return Array.from({ length }, () => safe[randomInt(safe.length)]).join('')
}

/** The hash in a ReplicaSet's name: ten characters that depend on the pod template alone, whatever the order of its fields. */
export function templateHash (template: unknown): string {
  const digest = createHash('sha256').update(canonical(template)).digest()
  return Array.from(digest.subarray(0, 10), (byte) => safe[byte % safe.length]).join('')
}

/** JSON with sorted keys. */
export function canonical (value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => a < b ? -1 : 1)
      .map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`)
      .join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}
