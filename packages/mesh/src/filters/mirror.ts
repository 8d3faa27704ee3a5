/**
 * Copies of requests for other destinations, whose answers nobody waits for.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMirrorPolicy
 */
import { happens, partsPerMillion, percentInWords, type PercentSpec } from './percentage.ts'
import type { FilterContext, HttpFilter, Stream } from './filter.ts'
import type { DestinationSpec, HttpRouteSpec } from '../compile/spec.ts'

export interface MirrorSpec { destination: DestinationSpec, percentage?: PercentSpec }

export interface MirrorConfig {
  readonly kind: 'mirror'
  readonly mirrors: ReadonlyArray<{ readonly cluster: string, readonly parts: number }>
}

export const mirror: HttpFilter<MirrorConfig> = { compile, decode, tell }

/** Unlike a fault, a mirror without a percentage gets everything. */
const all = 100

function compile (spec: HttpRouteSpec, { clusterOf }: FilterContext): MirrorConfig | undefined {
  const wanted = [
    ...(spec.mirror === undefined ? [] : [{ destination: spec.mirror, percent: spec.mirrorPercentage === undefined ? spec.mirrorPercent ?? spec.mirror_percent : spec.mirrorPercentage.value ?? 0 }]),
    ...(spec.mirrors ?? []).map(({ destination, percentage }) => ({ destination, percent: percentage === undefined ? undefined : percentage.value ?? 0 }))
  ]
  const mirrors = wanted
    .map(({ destination, percent = all }) => ({ cluster: clusterOf(destination), parts: partsPerMillion(percent) }))
    .filter(({ parts }) => parts > 0)
  return mirrors.length === 0 ? undefined : { kind: 'mirror', mirrors }
}

/** Each mirror draws for itself. */
function decode ({ mirrors }: MirrorConfig, stream: Stream, next: () => void): void {
  if (stream.hasCluster) {
    for (const { cluster, parts } of mirrors) if (happens(parts, stream.random)) stream.mirror(cluster)
  }
  next()
}

function tell ({ mirrors }: MirrorConfig): string[] {
  return mirrors.map(({ cluster, parts }) => `mirror: a copy of ${percentInWords(parts)} goes to ${cluster}, its answer is thrown away`)
}
