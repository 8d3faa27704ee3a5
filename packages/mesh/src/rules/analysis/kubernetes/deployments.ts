import { asFields, asList, asNumber, asText, type Fields } from '../../value.ts'
import type { Finding } from '../../problem.ts'
import { findingAt, isSelected, type Documents, type Subject } from '../documents.ts'

/** The user of the sidecar itself: what runs as it is never redirected into the mesh. */
const proxyUser = 1337

/** IST0116, IST0137: pods behind several Services that do not agree on a port. */
export function findDividedPorts (documents: Documents): Finding[] {
  return documents.of('Deployment').filter(deployment => isInMesh(deployment, documents)).flatMap(deployment => {
    const labels = asFields(asFields(asFields(deployment.spec['template'])['metadata'])['labels'])
    const ports = documents.of('Service').filter(service => service.namespace === deployment.namespace && selectsPods(service, labels))
      .flatMap(service => asList(service.spec['ports']).map(asFields).map(port => ({ service: service.id, port })))
    return [...findProtocols(deployment, ports), ...findTargets(deployment, ports)]
  })
}

interface UsedPort {
  readonly service: string
  readonly port: Fields
}

function findProtocols (deployment: Subject, ports: readonly UsedPort[]): Finding[] {
  return groups(ports, ({ port }) => asNumber(port['port'])).flatMap(([number, same]): Finding[] => {
    if (new Set(same.map(({ port }) => asText(port['protocol']) || 'TCP')).size < 2) return []
    return [findingAt(deployment, ['metadata', 'name'], {
      code: 'IST0116',
      level: 'Warning',
      message: `This deployment ${deployment.name} is associated with multiple services using port ${number} but different protocols: [${same.map(({ service }) => service).sort().join(' ')}]`,
      hint: 'Istio can listen in one way on a port: give the Services different ports, or one protocol.'
    })]
  })
}

function findTargets (deployment: Subject, ports: readonly UsedPort[]): Finding[] {
  return groups(ports, ({ port }) => String(port['targetPort'] ?? port['port'])).flatMap(([target, same]): Finding[] => {
    const byNumber = new Map(same.map(({ service, port }) => [asNumber(port['port']), service]))
    if (byNumber.size < 2) return []
    return [findingAt(deployment, ['metadata', 'name'], {
      code: 'IST0137',
      level: 'Warning',
      message: `This deployment ${deployment.name} is associated with multiple services [${[...byNumber.values()].sort().join(' ')}] using targetPort "${target}" but different ports: [${[...byNumber.keys()].sort((a, b) => a - b).join(' ')}].`,
      hint: 'The pods\' own proxies know one Service for a port: give the Services the same port, or let each lead to a port of its own.'
    })]
  })
}

function groups<K> (ports: readonly UsedPort[], keyOf: (port: UsedPort) => K): Array<[K, UsedPort[]]> {
  const found = new Map<K, UsedPort[]>()
  for (const port of ports) found.set(keyOf(port), [...found.get(keyOf(port)) ?? [], port])
  return [...found]
}

function selectsPods (service: Subject, labels: Fields): boolean {
  const selector = asFields(service.spec['selector'])
  return Object.keys(selector).length > 0 && isSelected(labels, selector)
}

/** Whether its pods get a sidecar, as far as the documents say. */
export function isInMesh (deployment: Subject, documents: Documents): boolean {
  const template = asFields(deployment.spec['template'])
  const metadata = asFields(template['metadata'])
  if (asList(asFields(template['spec'])['containers']).some(container => asFields(container)['name'] === 'istio-proxy')) return true
  const own = asFields(metadata['labels'])['sidecar.istio.io/inject'] ?? asFields(metadata['annotations'])['sidecar.istio.io/inject']
  if (own !== undefined) return own === 'true'
  return documents.of('Namespace').some(({ name, labels }) => name === deployment.namespace && (labels['istio-injection'] === 'enabled' || labels['istio.io/rev'] !== undefined))
}

/** IST0144: an application that runs as the sidecar's user. */
export function findReservedUsers (documents: Documents): Finding[] {
  const faults = (subject: Subject, pod: Fields, path: ReadonlyArray<string | number>): Finding[] => {
    const contexts = [
      { context: pod['securityContext'], at: [...path, 'securityContext', 'runAsUser'] },
      ...asList(pod['containers']).map(asFields).flatMap((container, index) => container['name'] === 'istio-proxy'
        ? []
        : [{ context: container['securityContext'], at: [...path, 'containers', index, 'securityContext', 'runAsUser'] }])
    ]
    return contexts.filter(({ context }) => asFields(context)['runAsUser'] === proxyUser).map(({ at }) => findingAt(subject, at, {
      code: 'IST0144',
      level: 'Warning',
      message: 'User ID (UID) 1337 is reserved for the sidecar proxy.',
      hint: 'Calls of this user pass the sidecar by, and no rule applies to them: run the application as another user.'
    }))
  }
  return [
    ...documents.of('Pod').flatMap(pod => faults(pod, pod.spec, ['spec'])),
    ...documents.of('Deployment').flatMap(deployment => faults(deployment, asFields(asFields(deployment.spec['template'])['spec']), ['spec', 'template', 'spec']))
  ]
}
