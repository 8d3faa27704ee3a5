/** Shares of requests, as Istio hands them to Envoy: whole parts of a million. */

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/#Percent */
export interface PercentSpec { value?: number }

const million = 1_000_000

/** Parts of a million; what is below 0.0001 % is nothing. */
export function partsPerMillion (percent: number): number {
  return Math.trunc(percent * million / 100)
}

/** Whether a draw in [0, 1) falls into the share. 0 and all are certain. */
export function happens (parts: number, random: () => number): boolean {
  return parts > 0 && (parts >= million || Math.floor(random() * million) < parts)
}

/** `30 %`. */
export function percentInWords (parts: number): string {
  return `${parts / (million / 100)} %`
}
