import { parseDuration } from '../duration.ts'
import { asText, isSet } from '../value.ts'
import type { Verdict } from './verdict.ts'

/** Istio takes durations of a millisecond and more, in whole milliseconds. */
export function checkDuration (value: unknown, verdict: Verdict): void {
  if (!isSet(value)) return
  const milliseconds = parseDuration(asText(value))
  if (milliseconds === undefined) verdict.error(`bad Duration: time: invalid duration ${JSON.stringify(value)}`)
  else if (milliseconds < 1) verdict.error('duration must be greater than 1ms')
  else if (!Number.isInteger(Number(milliseconds.toFixed(6)))) verdict.error('only durations to ms precision are supported')
}
