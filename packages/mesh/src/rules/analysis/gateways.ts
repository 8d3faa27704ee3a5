import { asFields, asList, asNumber, asText, asTexts } from '../value.ts'
import type { Finding } from '../problem.ts'
import { findingAt, isSelected, printSelector, type Documents, type Subject } from './documents.ts'

/** IST0145: two Gateways for the same pods, port and host. Without those pods the files may be steps of which one counts at a time. */
export function findGatewayConflicts (documents: Documents, complete: boolean): Finding[] {
  const gateways = documents.of('Gateway').filter(({ spec }) => complete || documents.workloads.some(({ labels }) => isSelected(labels, asFields(spec['selector']))))
  return gateways.flatMap(gateway => {
    const selector = asFields(gateway.spec['selector'])
    const rivals = gateways.filter(other => other !== gateway && other.id !== gateway.id && shareWorkload(selector, asFields(other.spec['selector']), documents))
    return asList(gateway.spec['servers']).flatMap((value, index): Finding[] => {
      const server = asFields(value)
      const port = asNumber(asFields(server['port'])['number'])
      const conflicting = rivals.filter(other => asList(other.spec['servers']).map(asFields).some(theirs =>
        asNumber(asFields(theirs['port'])['number']) === port && asText(theirs['bind']) === asText(server['bind']) &&
        asTexts(theirs['hosts']).some(host => asTexts(server['hosts']).includes(host))))
      if (conflicting.length === 0) return []
      return [findingAt(gateway, ['spec', 'servers', index], {
        code: 'IST0145',
        level: 'Error',
        message: `Conflict with gateways ${conflicting.map(({ id }) => id).sort().join(',')} (workload selector ${printSelector(selector)}, port ${port}, hosts ${asTexts(server['hosts']).join(',')}).`,
        hint: 'Of plain HTTP both count together, of TLS the older alone: keep one of the Gateways and let the VirtualServices name it, or give each its own hosts or port.'
      })]
    })
  })
}

/** IST0138: one certificate on two Gateways of the same pods. */
export function findDuplicateCertificates (documents: Documents): Finding[] {
  const gateways = documents.of('Gateway')
  return gateways.flatMap(gateway => gateways.filter(other => other.id !== gateway.id && isSelected(asFields(other.spec['selector']), asFields(gateway.spec['selector'])))
    .filter(other => certificatesOf(gateway).some(own => certificatesOf(other).includes(own)))
    .map(other => findingAt(gateway, ['metadata', 'name'], {
      code: 'IST0138',
      level: 'Warning',
      message: `Duplicate certificate in multiple gateways [${gateway.id} ${other.id}] may cause 404s if clients re-use HTTP2 connections.`,
      hint: 'A browser uses one connection for all hosts of a certificate, also for those of the other Gateway: put the servers into one Gateway, or give each a certificate of its own.'
    })))
}

function certificatesOf (gateway: Subject): string[] {
  return asList(gateway.spec['servers']).map(server => asFields(asFields(server)['tls'])).flatMap(tls => {
    const credential = asText(tls['credentialName'])
    const [certificate, key] = [asText(tls['serverCertificate']), asText(tls['privateKey'])]
    if (credential !== '') return [`credential ${credential}`]
    return certificate === '' || key === '' ? [] : [`file ${certificate} ${key}`]
  })
}

function shareWorkload (a: object, b: object, documents: Documents): boolean {
  const [first, second] = [asFields(a), asFields(b)]
  if (printSelector(first) === printSelector(second)) return true
  return documents.workloads.some(({ labels }) => isSelected(labels, first) && isSelected(labels, second))
}

/** IST0101 for gateway pods and certificates, IST0162 for ports that the gateway's Service does not offer. Needs all of a cluster. */
export function findGatewayReferences (documents: Documents): Finding[] {
  return documents.of('Gateway').flatMap(gateway => {
    const selector = asFields(gateway.spec['selector'])
    const pods = documents.workloads.filter(({ labels }) => isSelected(labels, selector))
    const [first] = pods
    const selectorPath = ['spec', 'selector', ...Object.keys(selector).slice(0, 1)]
    if (first === undefined) {
      return [findingAt(gateway, selectorPath, {
        code: 'IST0101',
        level: 'Error',
        message: `Referenced selector not found: "${printSelector(selector)}"`,
        hint: 'No pod has these labels, so no port is opened; the usual gateway has istio=ingressgateway.'
      })]
    }
    const ports = new Set(pods.flatMap(pod => servicePorts(pod.subject.namespace, pod.labels, documents)))
    return asList(gateway.spec['servers']).flatMap((value, index): Finding[] => {
      const server = asFields(value)
      const port = asNumber(asFields(server['port'])['number'])
      const credential = asText(asFields(server['tls'])['credentialName'])
      const found: Finding[] = []
      if (!ports.has(port)) {
        found.push(findingAt(gateway, selectorPath, {
          code: 'IST0162',
          level: 'Warning',
          message: `The gateway is listening on a target port (port ${port}) that is not defined in the Service associated with its workload instances (Pod selector ${printSelector(selector)}). If you need to access the gateway port through the gateway Service, it will not be available.`,
          hint: `Add the port to the gateway's Service, or use one of ${[...ports].sort((a, b) => a - b).join(', ')}.`
        }))
      }
      if (credential !== '' && !documents.of('Secret').some(secret => secret.name === credential && secret.namespace === first.subject.namespace)) {
        found.push(findingAt(gateway, ['spec', 'servers', index, 'tls', 'credentialName'], {
          code: 'IST0101',
          level: 'Error',
          message: `Referenced credentialName not found: "${credential}"`,
          hint: `Create the Secret in namespace ${first.subject.namespace}, where the gateway's pods are: kubectl create -n ${first.subject.namespace} secret tls ${credential} --key=... --cert=...`
        }))
      }
      return found
    })
  })
}

function servicePorts (namespace: string, labels: object, documents: Documents): number[] {
  const selecting = (service: Subject): boolean => service.namespace === namespace && service.spec['selector'] !== undefined && isSelected(asFields(labels), asFields(service.spec['selector']))
  return documents.of('Service').filter(selecting).flatMap(service => asList(service.spec['ports']).map(asFields).flatMap(port => [asNumber(port['port']), asNumber(port['targetPort'])])).filter(port => port > 0)
}
