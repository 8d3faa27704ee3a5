import { arrayOf, fieldOf, recordOf, textOf } from '../resources/json.ts'
import { nameOf, type ClusterFacts } from './facts.ts'
import { note, ok, type Finding } from './finding.ts'

const addons = ['prometheus', 'grafana', 'jaeger', 'kiali'] as const

/** Prometheus, Grafana, Jaeger and Kiali, and that traces are sent. Lessons that look at traffic need them, the others do not. */
export function checkAddons ({ system, context }: ClusterFacts): readonly Finding[] {
  const missing = addons.filter((name) => !system.deployments.some((one) => nameOf(one) === name))
  const findings: Finding[] = missing.length === 0
    ? [ok(`add-ons: ${addons.join(', ')}`)]
    : [note(`not installed: ${missing.join(', ')} (metrics, dashboards, traces and the graph of who calls whom)`, `scripts/cluster-up.sh --context ${context}`)]
  if (!missing.includes('jaeger') && !system.telemetries.some(samplesAll)) {
    findings.push(note('Jaeger is there, but not every request is traced: Istio samples one of a hundred', 'kubectl apply -k observability'))
  }
  return findings
}

function samplesAll (telemetry: unknown): boolean {
  return arrayOf(fieldOf(telemetry, 'spec', 'tracing')).some((one) => Number(textOf(recordOf(one).randomSamplingPercentage)) === 100)
}
