/**
 * Which statistics of a proxy show: Istio's proxies keep those of the server, the listeners and the cluster manager, and of services none
 * unless the pod's annotation asks for them.
 * https://istio.io/latest/docs/ops/configuration/telemetry/envoy-stats/
 */
import { RE2JS } from 're2js'
import { parse } from 'yaml'
import type { Labels } from '../../model.ts'

const always = ['cluster_manager', 'listener_manager', 'server', 'cluster.xds-grpc', 'wasm']

/** Whether a statistic of this name shows, by a pod's annotations. */
export function statisticsShown (annotations: Labels): (name: string) => boolean {
  const matcher = matcherOf(annotations)
  const prefixes = [...always, ...matcher.inclusionPrefixes, ...listOf(annotations['sidecar.istio.io/statsInclusionPrefixes'])]
  const suffixes = [...matcher.inclusionSuffixes, ...listOf(annotations['sidecar.istio.io/statsInclusionSuffixes'])]
  const patterns = [...matcher.inclusionRegexps, ...listOf(annotations['sidecar.istio.io/statsInclusionRegexps'])].flatMap(compiled)
  return (name) => prefixes.some((prefix) => name.startsWith(prefix)) || suffixes.some((suffix) => name.endsWith(suffix)) || patterns.some((pattern) => pattern.matches(name))
}

interface StatsMatcher {
  readonly inclusionPrefixes: readonly string[]
  readonly inclusionSuffixes: readonly string[]
  readonly inclusionRegexps: readonly string[]
}

function matcherOf (annotations: Labels): StatsMatcher {
  const matcher = fieldOf(configOf(annotations['proxy.istio.io/config']), 'proxyStatsMatcher')
  const strings = (name: string): string[] => {
    const value = fieldOf(matcher, name)
    return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
  }
  return { inclusionPrefixes: strings('inclusionPrefixes'), inclusionSuffixes: strings('inclusionSuffixes'), inclusionRegexps: strings('inclusionRegexps') }
}

/** An annotation that is no YAML says nothing; on a cluster the pod would not be made. */
function configOf (text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return parse(text) as unknown
  } catch {
    return undefined
  }
}

function fieldOf (value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function listOf (text: string | undefined): string[] {
  return (text ?? '').split(',').map((entry) => entry.trim()).filter((entry) => entry !== '')
}

function compiled (pattern: string): RE2JS[] {
  try {
    return [RE2JS.compile(pattern)]
  } catch {
    return []
  }
}
