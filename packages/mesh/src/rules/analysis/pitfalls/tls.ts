import { asFields, asList, asNumber, asText, asTexts, isSet, type Fields } from '../../value.ts'
import type { FieldPath, Finding } from '../../problem.ts'
import { hostsOverlap } from '../../webhook/names.ts'
import { findingAt, fullHost, isSelected, type Documents, type Subject } from '../documents.ts'
import { isInMesh } from '../kubernetes/deployments.ts'

interface ClientTls {
  readonly mode: string
  readonly path: FieldPath
}

/** How callers of a port speak TLS, as a DestinationRule has it: the port's own setting counts alone. */
function clientTls (rule: Subject, port: number): ClientTls | undefined {
  const policy = asFields(rule.spec['trafficPolicy'])
  const settings = asList(policy['portLevelSettings']).map(asFields)
  const index = settings.findIndex(setting => asNumber(asFields(setting['port'])['number']) === port)
  const tls = index === -1 ? policy['tls'] : settings[index]?.['tls']
  if (!isSet(tls)) return undefined
  return { mode: asText(asFields(tls)['mode']), path: index === -1 ? ['spec', 'trafficPolicy', 'tls'] : ['spec', 'trafficPolicy', 'portLevelSettings', index, 'tls'] }
}

function rulesFor (documents: Documents, host: string, namespace: string): readonly Subject[] {
  return documents.of('DestinationRule').filter(rule => hostsOverlap(fullHost(asText(rule.spec['host']), rule.namespace), fullHost(host, namespace)))
}

function entryPorts (documents: Documents): Array<{ readonly entry: Subject, readonly port: Fields, readonly index: number, readonly host: string }> {
  return documents.of('ServiceEntry').flatMap(entry => asTexts(entry.spec['hosts']).flatMap(host =>
    asList(entry.spec['ports']).map((port, index) => ({ entry, port: asFields(port), index, host }))))
}

function originates (mode: string): boolean {
  return mode === 'SIMPLE' || mode === 'MUTUAL'
}

/** BI0007 */
export function findPlainTextToTls (documents: Documents): Finding[] {
  return entryPorts(documents).flatMap(({ entry, port, index, host }): Finding[] => {
    const target = asNumber(port['targetPort']) || asNumber(port['number'])
    if (target !== 443 || !['HTTP', 'HTTP2', 'GRPC'].includes(asText(port['protocol']).toUpperCase())) return []
    if (rulesFor(documents, host, entry.namespace).some(rule => originates(clientTls(rule, asNumber(port['number']))?.mode ?? ''))) return []
    return [findingAt(entry, ['spec', 'ports', index, 'protocol'], {
      code: 'BI0007',
      level: 'Info',
      message: `Requests to ${host} are sent as plain HTTP to port 443.`,
      hint: 'Write "protocol: HTTPS" when callers speak https themselves, or add a DestinationRule with "tls: {mode: SIMPLE}" for the host, so that the proxy does.'
    })]
  })
}

/** BI0008 */
export function findDoubleTls (documents: Documents): Finding[] {
  return entryPorts(documents).flatMap(({ entry, port, host }) => {
    if (!['HTTPS', 'TLS'].includes(asText(port['protocol']).toUpperCase())) return []
    const number = asNumber(port['number'])
    return rulesFor(documents, host, entry.namespace).flatMap((rule): Finding[] => {
      const tls = clientTls(rule, number)
      if (tls === undefined || !originates(tls.mode)) return []
      return [findingAt(rule, tls.path, {
        code: 'BI0008',
        level: 'Warning',
        message: `Callers speak TLS to port ${number} of ${host} themselves, and this rule has the proxy speak TLS around it.`,
        hint: `Let callers use http on a port of protocol HTTP (80, with "targetPort: ${number}"), or remove the tls settings.`
      })]
    })
  })
}

/** BI0009 */
export function findUnaskedRoutes (documents: Documents): Finding[] {
  const gateways = new Map(documents.of('Gateway').map(gateway => [gateway.id, gateway]))
  return documents.of('VirtualService').flatMap(rule => asTexts(rule.spec['gateways']).flatMap((name, index): Finding[] => {
    const gateway = gateways.get(name.includes('/') ? name : `${rule.namespace}/${name}`)
    const hosts = asTexts(rule.spec['hosts'])
    const servers = asList(gateway?.spec['servers']).map(asFields).filter(server => asTexts(server['hosts']).some(host => hosts.some(own => hostsOverlap(host.slice(host.indexOf('/') + 1), own))))
    if (gateway === undefined || servers.length === 0) return []
    const has = (kind: string): boolean => asList(rule.spec[kind]).length > 0
    const passed = servers.every(server => ['PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(asText(asFields(server['tls'])['mode'])))
    const ended = servers.every(server => ['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL'].includes(asText(asFields(server['tls'])['mode'])) && asText(asFields(server['port'])['protocol']).toUpperCase() === 'HTTPS')
    const at = (message: string, hint: string): Finding => findingAt(rule, ['spec', 'gateways', index], { code: 'BI0009', level: 'Warning', message, hint })
    if (passed && has('http') && !has('tls')) return [at(`The http rules are never asked: Gateway ${gateway.id} passes TLS through unread.`, 'Write "tls:" rules that match "sniHosts", or let the gateway end TLS (mode SIMPLE, with a certificate).')]
    if (ended && has('tls') && !has('http')) return [at(`The tls rules are never asked: Gateway ${gateway.id} ends TLS and reads HTTP.`, 'Write "http:" rules, or let the gateway pass TLS through (mode PASSTHROUGH).')]
    return []
  }))
}

/** BI0010 */
export function findTlsWithoutSidecar (documents: Documents): Finding[] {
  return documents.of('DestinationRule').flatMap((rule): Finding[] => {
    if (asText(asFields(asFields(rule.spec['trafficPolicy'])['tls'])['mode']) !== 'ISTIO_MUTUAL') return []
    const host = fullHost(asText(rule.spec['host']), rule.namespace)
    const bare = documents.of('Service').filter(service => hostsOverlap(host, fullHost(service.name, service.namespace)) && isOutside(service, documents))
    if (bare.length === 0) return []
    return [findingAt(rule, ['spec', 'trafficPolicy', 'tls'], {
      code: 'BI0010',
      level: 'Warning',
      message: `Mutual TLS is spoken to ${bare.map(({ id }) => id).join(', ')}, whose pods have no sidecar to answer it: calls get 503.`,
      hint: 'Add a DestinationRule with "tls: {mode: DISABLE}" for that host, or inject its pods. Without any tls setting Istio finds out by itself who speaks mutual TLS.'
    })]
  })
}

/** Pods of a namespace that the documents show, and show without injection. */
function isOutside (service: Subject, documents: Documents): boolean {
  const selector = asFields(service.spec['selector'])
  const deployments = documents.of('Deployment').filter(deployment => deployment.namespace === service.namespace && Object.keys(selector).length > 0 &&
    isSelected(asFields(asFields(asFields(deployment.spec['template'])['metadata'])['labels']), selector))
  return deployments.length > 0 && documents.of('Namespace').some(({ name }) => name === service.namespace) && deployments.every(deployment => !isInMesh(deployment, documents))
}
