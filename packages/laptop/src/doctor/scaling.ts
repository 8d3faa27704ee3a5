import { arrayOf, fieldOf, recordOf, textOf, type JsonRecord } from '../resources/json.ts'
import { nameOf, type ClusterFacts } from './facts.ts'
import { wrong, type Finding } from './finding.ts'

/** Autoscalers that know no load, and so never scale: most clusters come without metrics-server. */
export function checkScaling ({ autoscalers }: ClusterFacts): readonly Finding[] {
  const blind = autoscalers.flatMap((one) => {
    const active = arrayOf(fieldOf(one, 'status', 'conditions')).map(recordOf).find(({ type }) => type === 'ScalingActive')
    return active?.status === 'False' && /^(?:FailedGet|InvalidMetric)/.test(textOf(active.reason)) ? [{ one, message: textOf(active.message) }] : []
  })
  const [first] = blind
  if (first === undefined) return []
  const names = blind.map(({ one }) => nameOf(one)).join(', ')
  // What the API server answers for a group that nobody serves, or whose server does not answer.
  return /could not find the requested resource|unable to handle the request/.test(first.message)
    ? [wrong(`no metrics-server: the autoscalers cannot know the load and do nothing (${names})`, 'kubectl apply -f https://github.com/kubernetes-sigs/metrics-server/releases/latest/download/components.yaml (on kind also its argument --kubelet-insecure-tls)')]
    : [wrong(`autoscalers without a measure of the load: ${names}: ${first.message}`, describe(first.one))]
}

function describe (autoscaler: JsonRecord): string {
  return `kubectl describe horizontalpodautoscaler ${nameOf(autoscaler)} -n ${textOf(fieldOf(autoscaler, 'metadata', 'namespace'))}`
}
