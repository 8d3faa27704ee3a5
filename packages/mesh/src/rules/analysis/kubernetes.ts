import { asFields, asList, asNumber, asText, asTexts } from '../value.ts'
import type { Finding } from '../problem.ts'
import { parseProtocol } from '../webhook/names.ts'
import { findingAt, type Documents, type Subject } from './documents.ts'

/** Ports that are plain TCP whatever their names, because a guess at the protocol would break them. */
const wellKnownTcpPorts = new Set([25, 53, 3306, 27017])
const ruleKinds = ['DestinationRule', 'ServiceEntry', 'Sidecar', 'VirtualService']

/** IST0118, IST0150: Service ports whose names do not say the protocol. */
export function findPortNames (documents: Documents): Finding[] {
  return documents.of('Service').filter(service => service.labels['istio'] === undefined && service.labels['release'] !== 'istio').flatMap(service => {
    const external = service.spec['type'] === 'ExternalName'
    return asList(service.spec['ports']).map(asFields).flatMap((port, index): Finding[] => {
      const name = asText(port['name'])
      const number = asNumber(port['port'])
      if (isProtocolKnown(port, number) && !(external && name === 'tcp')) return []
      const path = ['spec', 'ports', index, 'port']
      const hint = 'Name the port after its protocol (http, http2, grpc, https, tls, tcp, with -suffix if need be) or set appProtocol; without that HTTP rules may not apply.'
      if (external) {
        return [findingAt(service, path, {
          code: 'IST0150', level: 'Warning', message: 'Port name for ExternalName service is invalid. Proxy may prevent tcp named ports and unmatched traffic for ports serving TCP protocol from being forwarded correctly', hint
        })]
      }
      const target = port['targetPort'] ?? 0
      return [findingAt(service, path, {
        code: 'IST0118', level: 'Info', message: `Port name ${name} (port: ${number}, targetPort: ${String(target)}) doesn't follow the naming convention of Istio port.`, hint
      })]
    })
  })
}

function isProtocolKnown (port: ReturnType<typeof asFields>, number: number): boolean {
  if (port['protocol'] === 'UDP') return true
  const name = asText(port['appProtocol'] ?? port['name']).toLowerCase()
  if (/^kubernetes\.io\/(?:h2c|ws|wss)$/.test(name) || name.startsWith('grpc-web')) return true
  return parseProtocol(name.split('-', 1)[0] ?? '') !== 'unsupported' || wellKnownTcpPorts.has(number)
}

/** IST0102: a namespace whose pods get no sidecar although rules are there for them (with `complete`: any namespace). */
export function findUninjectedNamespaces (documents: Documents, complete: boolean): Finding[] {
  const ruled = new Set(ruleKinds.flatMap(kind => documents.of(kind)).map(({ namespace }) => namespace))
  return documents.of('Namespace').filter(({ name }) => name !== 'istio-system' && (complete || ruled.has(name))).flatMap((namespace): Finding[] => {
    const { labels, name } = namespace
    if (labels['istio-injection'] !== undefined || labels['istio.io/rev'] !== undefined || labels['istio.io/dataplane-mode'] === 'ambient') return []
    return [clusterWide(findingAt(namespace, ['metadata', 'name'], {
      code: 'IST0102',
      level: 'Info',
      message: `The namespace is not enabled for Istio injection. Run 'kubectl label namespace ${name} istio-injection=enabled' to enable it, or 'kubectl label namespace ${name} istio-injection=disabled' to explicitly mark it as not needing injection.`,
      hint: 'Without sidecars the rules of this namespace do nothing; pods that run already get theirs at their next restart.'
    }), name)]
  })
}

/** IST0103: a running pod that should have a sidecar and has none. */
export function findPodsWithoutProxy (documents: Documents): Finding[] {
  const injected = new Set(documents.of('Namespace').filter(({ labels }) => labels['istio-injection'] === 'enabled').map(({ name }) => name))
  return documents.of('Pod').filter(pod => injected.has(pod.namespace) && !hasProxy(pod) && !optsOut(pod) && pod.spec['hostNetwork'] !== true).map(pod => findingAt(pod, undefined, {
    code: 'IST0103',
    level: 'Warning',
    message: `The pod ${pod.id} is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.`,
    hint: `Run kubectl rollout restart for its Deployment in namespace ${pod.namespace}: sidecars are added when pods are made.`
  }))
}

function hasProxy (pod: Subject): boolean {
  return [...asList(pod.spec['containers']), ...asList(pod.spec['initContainers'])].some(container => asFields(container)['name'] === 'istio-proxy')
}

function optsOut (pod: Subject): boolean {
  const annotation = asFields(pod.document.resource.metadata.annotations)['sidecar.istio.io/inject']
  return asTexts([pod.labels['sidecar.istio.io/inject'] ?? annotation]).some(text => text.toLowerCase() === 'false')
}

/** Objects without a namespace are named alone. */
function clusterWide (finding: Finding, name: string): Finding {
  return { ...finding, resource: `Namespace ${name}` }
}
