const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

/** Up to which age two units are shown, and which. */
const steps: ReadonlyArray<{ readonly below: number, readonly unit: number, readonly sign: string, readonly rest?: number, readonly restSign?: string }> = [
  { below: 2 * minute, unit: second, sign: 's' },
  { below: 10 * minute, unit: minute, sign: 'm', rest: second, restSign: 's' },
  { below: 3 * hour, unit: minute, sign: 'm' },
  { below: 8 * hour, unit: hour, sign: 'h', rest: minute, restSign: 'm' },
  { below: 2 * day, unit: hour, sign: 'h' },
  { below: 8 * day, unit: day, sign: 'd', rest: hour, restSign: 'h' },
  { below: 2 * year, unit: day, sign: 'd' },
  { below: 8 * year, unit: year, sign: 'y', rest: day, restSign: 'd' },
  { below: Infinity, unit: year, sign: 'y' }
]

/** An age as kubectl prints it (`5s`, `3m41s`, `47h`, `5d3h`): fewer units the older it is. @param milliseconds */
export function humanDuration (milliseconds: number): string {
  // Clocks differ: what is up to two seconds in the future is now.
  if (milliseconds <= -2 * second) return '<invalid>'
  const age = Math.max(milliseconds, 0)
  const step = steps.find(({ below }) => age < below)
  if (step === undefined) return '<invalid>'
  const { unit, sign, rest, restSign } = step
  const whole = Math.floor(age / unit)
  const left = rest === undefined ? 0 : Math.floor((age - whole * unit) / rest)
  return left === 0 ? `${whole}${sign}` : `${whole}${sign}${left}${restSign ?? ''}`
}

/** The age of something that has an RFC 3339 time; `<unknown>` without one. */
export function ageOf (time: unknown, now: number = Date.now()): string {
  const started = typeof time === 'string' ? Date.parse(time) : NaN
  return Number.isNaN(started) ? '<unknown>' : humanDuration(now - started)
}
