/** Durations counted by size, fine enough for percentiles: steps of 4.4 %, so at most 2.2 % beside the truth. */

const stepsPerOctave = 16
/** Just above 70 minutes. */
const steps = 22 * stepsPerOctave

/** Counts by step. Allocated for a slot of time in which there was a request. */
export type Latencies = Uint32Array

export function createLatencies (): Latencies {
  return new Uint32Array(steps + 1)
}

/** Counts a duration in milliseconds. */
export function addLatency (latencies: Latencies, milliseconds: number): void {
  const step = milliseconds < 1 ? 0 : Math.min(Math.floor(Math.log2(milliseconds) * stepsPerOctave) + 1, steps)
  latencies[step] = (latencies[step] ?? 0) + 1
}

export function mergeLatencies (into: Latencies, from: Latencies): void {
  for (let step = 0; step <= steps; step++) into[step] = (into[step] ?? 0) + (from[step] ?? 0)
}

/** The duration in milliseconds that a share (0 to 1) of the requests did not exceed; undefined where there were none. */
export function percentile (latencies: Latencies, share: number): number | undefined {
  const total = latencies.reduce((sum, count) => sum + count, 0)
  if (total === 0) return undefined
  let rest = Math.ceil(total * share)
  const step = latencies.findIndex((count) => {
    rest -= count
    return rest <= 0
  })
  return step <= 0 ? 0 : Math.round(2 ** ((step - 0.5) / stepsPerOctave))
}
