import { arrayOf, fieldOf, recordOf, textOf, type JsonRecord } from '../resources/json.ts'
import { labelsOf, nameOf, type ClusterFacts } from './facts.ts'
import { note, ok, wrong, type Finding } from './finding.ts'

/** Asks a URL; the HTTP status, or undefined when nothing answered in time. */
export type Probe = (url: string) => Promise<number | undefined>

/** Is there a way in, from the client's machine to the page? Addresses are tried, not believed. */
export async function checkGateway (facts: ClusterFacts, probe: Probe): Promise<readonly Finding[]> {
  const service = facts.system.services.find((one) => nameOf(one) === 'istio-ingressgateway')
  if (service === undefined) {
    return [wrong('there is no ingress gateway (Service istio-ingressgateway in istio-system)', `istioctl install --set profile=default (or scripts/cluster-up.sh --context ${facts.context})`)]
  }
  const pods = facts.system.pods.filter((pod) => labelsOf(pod).istio === 'ingressgateway')
  const route = gatewayRule(facts, pods)
  const address = await checkAddress(facts, service, { probe, opened: route.every(({ state }) => state === 'ok') })
  return [...route, ...address]
}

function gatewayRule ({ gateways, namespace }: ClusterFacts, pods: readonly JsonRecord[]): readonly Finding[] {
  if (gateways.length === 0) return [wrong(`no Gateway in namespace ${namespace}: nothing listens on port 80, the page cannot answer`, `kubectl apply -n ${namespace} -f istio/gateway.yaml`)]
  if (pods.length === 0) return []
  const labels = pods.map(labelsOf)
  const lost = gateways.filter((gateway) => !labels.some((one) => Object.entries(recordOf(fieldOf(gateway, 'spec', 'selector'))).every(([key, value]) => one[key] === value)))
  return lost.length === 0
    ? [ok(`Gateway ${gateways.map(nameOf).join(', ')}`)]
    : lost.map((gateway) => wrong(
      `Gateway ${nameOf(gateway)} selects ${Object.entries(recordOf(fieldOf(gateway, 'spec', 'selector'))).map(([key, value]) => `${key}=${textOf(value)}`).join(',')}, which no gateway pod has`,
      'kubectl get pods -n istio-system --show-labels, then put a label of the gateway\'s pod into spec.selector'
    ))
}

interface Way {
  readonly probe: Probe
  /** Whether a Gateway opens port 80. */
  readonly opened: boolean
}

async function checkAddress ({ nodes, context }: ClusterFacts, service: JsonRecord, { probe, opened }: Way): Promise<readonly Finding[]> {
  const forward = `kubectl --context ${context} port-forward -n istio-system service/istio-ingressgateway 8080:80, then http://127.0.0.1:8080/productpage`
  const balancer = arrayOf(fieldOf(service, 'status', 'loadBalancer', 'ingress')).map(recordOf)
  const nodePort = arrayOf(fieldOf(service, 'spec', 'ports')).map(recordOf).find(({ port }) => port === 80)?.nodePort
  const candidates = [
    ...balancer.map((one) => textOf(one.ip) || textOf(one.hostname)).filter((host) => host !== ''),
    ...(nodePort === undefined ? [] : nodes.flatMap(addressesOf).map((host) => `${host}:${textOf(nodePort)}`))
  ].map((host) => `http://${host}/productpage`)
  if (!opened) return []
  for (const url of candidates) {
    const status = await probe(url)
    if (status === 200) return [ok(`the page: ${url}`)]
    if (status !== undefined) return [wrong(`${url} answers ${status}`, 'kubectl get pods, and pnpm bankinfo doctor\'s other findings; 404: kubectl apply -f istio/gateway.yaml')]
  }
  const what = balancer.length === 0
    ? `the ingress gateway has no address (EXTERNAL-IP ${fieldOf(service, 'spec', 'type') === 'LoadBalancer' ? '<pending>: the cluster has no load balancer' : '<none>'})`
    : 'the load balancer\'s address does not answer from this machine'
  return [note(`${what}${candidates.length === 0 ? '' : `; tried ${candidates.join(', ')}`}`, forward)]
}

function addressesOf (node: JsonRecord): readonly string[] {
  return arrayOf(fieldOf(node, 'status', 'addresses')).map(recordOf).filter(({ type }) => type === 'ExternalIP' || type === 'InternalIP').map(({ address }) => textOf(address))
}
