const unitMilliseconds: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, μs: 1e-3, ns: 1e-6 }

/**
 * Reads a duration as Istio's rules write it, Go's form: `500ms`, `3s`, `1m30s`, `-1.5h`.
 * @returns milliseconds, undefined when the text is not a duration
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function parseDuration (text: string): number | undefined {
  const [, sign, amounts] = /^([-+]?)((?:(?:\d+\.?\d*|\.\d+)(?:h|ms|m|s|us|µs|μs|ns))+|0)$/.exec(text) ?? []
  if (amounts === undefined) return undefined
  let total = 0
  for (const [, amount, unit = ''] of amounts.matchAll(/([\d.]+)([a-zµμ]+)/g)) total += Number(amount) * (unitMilliseconds[unit] ?? 0)
  return sign === '-' ? -total : total
}
