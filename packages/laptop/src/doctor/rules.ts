import { arrayOf, fieldOf, recordOf, textOf, type JsonRecord } from '../resources/json.ts'
import { nameOf, type ClusterFacts } from './facts.ts'
import { wrong, type Finding } from './finding.ts'

/** Istio reads the protocol from the port's name or appProtocol: https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/ */
const protocols = new Set(['http', 'http2', 'https', 'grpc', 'grpc-web', 'tcp', 'tls', 'mongo', 'mysql', 'redis', 'udp'])

/** The mistakes in Services and rules that cost a workshop the most time; `bankinfo analyze` and `istioctl analyze` find more. */
export function checkRules (facts: ClusterFacts): readonly Finding[] {
  return [...portNames(facts), ...subsets(facts), ...twice(facts)]
}

function portNames ({ services, namespace }: ClusterFacts): readonly Finding[] {
  return services.filter((service) => nameOf(service) !== 'kubernetes').flatMap((service) => arrayOf(fieldOf(service, 'spec', 'ports')).flatMap((item, index): readonly Finding[] => {
    const port = recordOf(item)
    const name = textOf(port.name)
    const prefix = name.startsWith('grpc-web') ? 'grpc-web' : name.split('-')[0] ?? ''
    if (textOf(port.appProtocol) !== '' || protocols.has(prefix)) return []
    return [wrong(
      `Service ${nameOf(service)}: port ${textOf(port.port)} is ${name === '' ? 'without a name' : `named "${name}"`}, so Istio does not know that it speaks HTTP: rules on paths and headers may do nothing`,
      `kubectl patch service ${nameOf(service)} -n ${namespace} --type=json -p '[{"op": "add", "path": "/spec/ports/${index}/appProtocol", "value": "http"}]'`
    )]
  }))
}

function subsets ({ virtualServices, destinationRules, namespace }: ClusterFacts): readonly Finding[] {
  const defined = new Set(destinationRules.flatMap((rule) => arrayOf(fieldOf(rule, 'spec', 'subsets')).map((subset) => `${shortHost(fieldOf(rule, 'spec', 'host'), namespace)}/${textOf(recordOf(subset).name)}`)))
  const missing = virtualServices.flatMap((rule) => destinationsOf(rule)
    .filter(({ subset }) => subset !== undefined)
    .map(({ host, subset }) => ({ rule: nameOf(rule), key: `${shortHost(host, namespace)}/${textOf(subset)}` }))
    .filter(({ key }) => !defined.has(key)))
  return [...new Map(missing.map((one) => [one.key, one])).values()].map(({ rule, key }) => wrong(
    `VirtualService ${rule} sends requests to subset ${key.split('/')[1] ?? ''} of ${key.split('/')[0] ?? ''}, which no DestinationRule defines: they get 503`,
    `kubectl apply -n ${namespace} -f istio/destination-rule-all.yaml`
  ))
}

function destinationsOf (rule: JsonRecord): ReadonlyArray<JsonRecord> {
  return ['http', 'tcp', 'tls'].flatMap((protocol) => arrayOf(fieldOf(rule, 'spec', protocol)))
    .flatMap((item) => arrayOf(recordOf(item).route))
    .map((route) => recordOf(recordOf(route).destination))
}

/** `addedvalues.default.svc.cluster.local` and `addedvalues` are one host. */
function shortHost (host: unknown, namespace: string): string {
  return textOf(host).replace(new RegExp(`\\.${namespace}(\\.svc(\\.cluster\\.local)?)?$`), '')
}

/** In the mesh only the oldest of several VirtualServices for a host counts. */
function twice ({ virtualServices, namespace }: ClusterFacts): readonly Finding[] {
  const byHost = new Map<string, JsonRecord[]>()
  for (const rule of virtualServices) {
    const gateways = arrayOf(fieldOf(rule, 'spec', 'gateways'))
    if (gateways.length > 0 && !gateways.includes('mesh')) continue
    for (const host of arrayOf(fieldOf(rule, 'spec', 'hosts'))) {
      const key = shortHost(host, namespace)
      byHost.set(key, [...byHost.get(key) ?? [], rule])
    }
  }
  return [...byHost].filter(([, rules]) => rules.length > 1).map(([host, rules]) => {
    const [oldest, ...others] = [...rules].sort((one, other) => textOf(fieldOf(one, 'metadata', 'creationTimestamp')).localeCompare(textOf(fieldOf(other, 'metadata', 'creationTimestamp'))))
    return wrong(`${rules.length} VirtualServices for ${host}: only the oldest, ${nameOf(oldest)}, is obeyed`, `kubectl delete virtualservice -n ${namespace} ${others.map(nameOf).join(' ')}`)
  })
}
