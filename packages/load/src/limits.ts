/** What one run may ask for: enough for every lesson, and too little to be of use against somebody else's server. */
export const limits = {
  connections: 1000,
  requests: 1_000_000,
  /** Milliseconds. */
  duration: 600_000
} as const

/** A run that asks for more than it may. */
export class LimitError extends Error {}

/** @throws LimitError naming what is too much, or no number of that kind */
export function checkLimits (run: { readonly connections: number, readonly requests?: number | undefined, readonly durationMs?: number | undefined, readonly rate?: number | undefined }): void {
  const { connections, requests, durationMs, rate } = run
  if (!Number.isInteger(connections) || connections < 1 || connections > limits.connections) {
    throw new LimitError(`connections: expected a whole number from 1 to ${limits.connections}, got ${connections}`)
  }
  if (requests !== undefined && (!Number.isInteger(requests) || requests < 1 || requests > limits.requests)) {
    throw new LimitError(`requests: expected a whole number from 1 to ${limits.requests}, got ${requests}`)
  }
  if (durationMs !== undefined && !(durationMs > 0 && durationMs <= limits.duration)) {
    throw new LimitError(`duration: expected more than 0 and at most ${limits.duration / 1000} seconds, got ${durationMs / 1000}`)
  }
  if (rate !== undefined && !(rate > 0)) throw new LimitError(`rate: expected more than 0 requests per second, got ${rate}`)
  if (requests === undefined && durationMs === undefined) throw new LimitError('expected a number of requests or a duration')
}
