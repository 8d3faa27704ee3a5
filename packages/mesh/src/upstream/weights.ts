/**
 * Weights of endpoints: what a ServiceEntry gives them, and less of it while they warm up.
 * https://istio.io/latest/docs/reference/config/networking/destination-rule/#WarmupConfiguration
 * https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/slow_start
 */
import { parseDuration } from '../rules/duration.ts'

export interface WarmupSpec { duration?: string, minimumPercent?: number, aggression?: number }

export interface Warmup {
  /** Milliseconds that an endpoint takes to its whole weight. */
  readonly duration: number
  /** Of its weight at least. */
  readonly minimumPercent: number
  /** 1: in even steps; more: sooner much. */
  readonly aggression: number
}

/** `warmupDurationSecs` is the old form. It counts for round robin and least request. */
export function compileWarmup ({ warmup, warmupDurationSecs }: { warmup?: WarmupSpec, warmupDurationSecs?: string }): Warmup | undefined {
  const duration = parseDuration(warmup?.duration ?? warmupDurationSecs ?? '')
  return duration === undefined || duration <= 0 ? undefined : { duration, minimumPercent: warmup?.minimumPercent ?? 10, aggression: warmup?.aggression ?? 1 }
}

/** In words. */
export function tellWarmup (warmup: Warmup | undefined): string[] {
  return warmup === undefined ? [] : [`warmup: an endpoint that comes later grows from ${warmup.minimumPercent} % to its whole share in ${warmup.duration} ms`]
}

export interface Weighted {
  readonly endpoint: { readonly weight?: number }
  /** Clock time at which the caller first saw it. */
  readonly since: number
  readonly active: number
  /** Turns that round robin owes it. */
  credit: number
}

/** The share of an endpoint at a moment, beside those of the others. */
export function weightOf ({ endpoint: { weight = 1 }, since }: Weighted, warmup: Warmup | undefined, now: number): number {
  if (warmup === undefined || now - since >= warmup.duration) return weight
  const grown = (Math.max(now - since, 1) / warmup.duration) ** (1 / warmup.aggression)
  return weight * Math.max(grown, warmup.minimumPercent / 100)
}

/** In turn, each as often as its weight says, as evenly spread as can be. */
export function inTurn<Host extends Weighted> (hosts: readonly Host[], weight: (host: Host) => number): Host | undefined {
  let best: Host | undefined
  let total = 0
  for (const host of hosts) {
    const own = weight(host)
    total += own
    host.credit += own
    if (best === undefined || host.credit > best.credit) best = host
  }
  if (best !== undefined) best.credit -= total
  return best
}

/** By chance, less the busier an endpoint is. `draw` is in [0, 1). */
export function lessBusy<Host extends Weighted> (hosts: readonly Host[], weight: (host: Host) => number, draw: number): Host | undefined {
  const shares = hosts.map((host) => weight(host) / (host.active + 1))
  let left = draw * shares.reduce((sum, share) => sum + share, 0)
  for (const [index, host] of hosts.entries()) {
    left -= shares[index] ?? 0
    if (left < 0) return host
  }
  return hosts.at(-1)
}
