import { parse } from 'yaml'
import { arrayOf, fieldOf, recordOf, textOf } from '../resources/json.ts'
import { nameOf, type ClusterFacts } from './facts.ts'
import { note, ok, type Finding } from './finding.ts'

const addons = ['prometheus', 'grafana', 'jaeger', 'kiali'] as const

/** Prometheus, Grafana, Jaeger and Kiali, and that traces are sent. Lessons that look at traffic need them, the others do not. */
export function checkAddons ({ system, context }: ClusterFacts): readonly Finding[] {
  const deployed = (name: string) => system.deployments.find((one) => nameOf(one) === name)
  const isReady = (name: string): boolean => Number(textOf(fieldOf(deployed(name), 'status', 'readyReplicas'))) > 0
  const missing = addons.filter((name) => deployed(name) === undefined)
  const waiting = addons.filter((name) => !missing.includes(name) && !isReady(name))
  const findings: Finding[] = []
  if (waiting.length > 0) findings.push(note(`add-ons that are not ready: ${waiting.join(', ')}`, 'kubectl get pods -n istio-system; kubectl describe pod says why'))
  else if (missing.length === 0) findings.push(ok(`add-ons: ${addons.join(', ')}`))
  if (missing.length > 0) {
    findings.push(note(`not installed: ${missing.join(', ')} (metrics, dashboards, traces and the graph of who calls whom)`, `scripts/cluster-up.sh --context ${context}`))
  }
  if (!missing.includes('jaeger')) findings.push(...checkTracing(system))
  return findings
}

/** Jaeger is there: every request is sent to it, by a provider that Istio knows. */
function checkTracing ({ telemetries, meshConfig }: ClusterFacts['system']): readonly Finding[] {
  const rules = telemetries.flatMap((one) => arrayOf(fieldOf(one, 'spec', 'tracing')).map(recordOf))
  const whole = rules.filter(({ randomSamplingPercentage }) => Number(textOf(randomSamplingPercentage)) === 100)
  if (whole.length === 0) return [note('Jaeger is there, but not every request is traced: Istio samples one of a hundred', 'kubectl apply -k observability')]
  // A managed mesh keeps its configuration elsewhere: nothing can be said of it then.
  if (meshConfig === undefined) return []
  const known = new Set(namesIn(fieldOf(parse(meshConfig), 'extensionProviders')))
  const wanted = whole.flatMap(({ providers }) => namesIn(providers))
  const unknown = wanted.filter((name) => !known.has(name))
  return unknown.length === 0
    ? []
    : [note(`traces go to the provider ${unknown.join(', ')}, which Istio's mesh configuration does not have: none arrives`, 'istioctl install -f scripts/cluster/istio.yaml, if this Istio is yours alone; observability/README.md has the way for one that is not')]
}

function namesIn (list: unknown): readonly string[] {
  return arrayOf(list).map((one) => textOf(recordOf(one).name))
}
