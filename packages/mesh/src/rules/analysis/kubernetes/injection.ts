import { asFields, asList, asTexts } from '../../value.ts'
import type { Finding } from '../../problem.ts'
import { findingAt, type Documents, type Subject } from '../documents.ts'

const ruleKinds = ['DestinationRule', 'ServiceEntry', 'Sidecar', 'VirtualService']

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

/** IST0123: a namespace that says in two ways, at odds with each other, which proxies its pods get. */
export function findConflictingInjection (documents: Documents): Finding[] {
  return documents.of('Namespace').filter(({ name }) => name !== 'istio-system').flatMap((namespace): Finding[] => {
    const { labels, name } = namespace
    const injection = labels['istio-injection']
    const told = [
      ...(injection === undefined ? [] : [`istio-injection=${String(injection)}`]),
      ...(injection === undefined || injection === 'enabled' ? ['istio.io/rev', 'istio.io/dataplane-mode'] : []).flatMap(label => labels[label] === undefined ? [] : [`${label}=${String(labels[label])}`])
    ]
    if (told.length < 2) return []
    return [clusterWide(findingAt(namespace, undefined, {
      code: 'IST0123',
      level: 'Warning',
      message: `The namespace has more than one type of injection labels [${told.join(' ')}], which may lead to undefined behavior. Make sure only one injection label exists.`,
      hint: `Keep one of them: kubectl label namespace ${name} ${told[1]?.split('=')[0] ?? ''}-`
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
