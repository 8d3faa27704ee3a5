import { asFields, asList, asNumber, asText, asTexts, isSet, type Fields } from '../../value.ts'
import type { Finding } from '../../problem.ts'
import { parseProtocol } from '../../webhook/names.ts'
import { findingAt, fullHost, type Documents, type Subject } from '../documents.ts'
import type { Registry } from '../registry.ts'

interface HttpRoute {
  readonly rule: Subject
  readonly route: Fields
  readonly index: number
}

function httpRoutes (documents: Documents): HttpRoute[] {
  return documents.of('VirtualService').flatMap(rule => asList(rule.spec['http']).map((route, index) => ({ rule, route: asFields(route), index })))
}

function servesMesh ({ spec }: Subject): boolean {
  const gateways = asTexts(spec['gateways'])
  return gateways.length === 0 || gateways.includes('mesh')
}

/** BI0001 */
export function findGatewayOnlyRules (documents: Documents, registry: Registry): Finding[] {
  const services = new Set(documents.of('Service').map(({ name, namespace }) => fullHost(name, namespace)))
  return documents.of('VirtualService').filter(rule => !servesMesh(rule)).flatMap(rule => asTexts(rule.spec['hosts']).flatMap((host, index): Finding[] => {
    if (host.startsWith('*') || !services.has(fullHost(host, rule.namespace)) || registry.find(host, rule) === undefined) return []
    return [findingAt(rule, ['spec', 'hosts', index], {
      code: 'BI0001',
      level: 'Warning',
      message: `Calls inside the mesh to "${host}" do not meet this VirtualService: its gateways do not name "mesh".`,
      hint: 'Add "mesh" to "gateways:" when pods should obey it too; for a gateway alone use the host that clients outside write.'
    })]
  }))
}

/** BI0002 */
export function findFaultsOutOfReach (documents: Documents): Finding[] {
  return httpRoutes(documents).flatMap(({ rule, route, index }): Finding[] => {
    const fault = asFields(route['fault'])
    const at = (field: string, message: string): Finding => findingAt(rule, ['spec', 'http', index, field], {
      code: 'BI0002',
      level: 'Info',
      message,
      hint: 'Faults come before timeouts and retries: inject the fault one hop further on, in front of the service that this one calls, to see how they meet.'
    })
    return [
      ...(isSet(fault['delay']) && asText(route['timeout']) !== '' && !/^0m?s$/.test(asText(route['timeout'])) ? [at('timeout', 'The timeout of a route does not cover the delay that the same route injects.')] : []),
      ...(isSet(fault['abort']) && asNumber(asFields(route['retries'])['attempts']) > 0 ? [at('retries', 'The retries of a route do not repeat what the same route aborts.')] : [])
    ]
  })
}

/** BI0003 */
export function findInertFaults (documents: Documents): Finding[] {
  return httpRoutes(documents).flatMap(({ rule, route, index }) => ['delay', 'abort'].flatMap((kind): Finding[] => {
    const fault = asFields(route['fault'])[kind]
    if (!isSet(fault) || isSet(asFields(fault)['percentage']) || isSet(asFields(fault)['percent'])) return []
    return [findingAt(rule, ['spec', 'http', index, 'fault', kind], {
      code: 'BI0003', level: 'Warning', message: `A fault without "percentage" never happens: this ${kind} does nothing.`, hint: 'Add "percentage:" with "value: 100" (or less) below it.'
    })]
  }))
}

/** BI0004 */
export function findLoneWeights (documents: Documents): Finding[] {
  return httpRoutes(documents).flatMap(({ rule, route, index }): Finding[] => {
    const destinations = asList(route['route'])
    const weight = asFields(destinations[0])['weight']
    if (destinations.length !== 1 || !isSet(weight) || weight === 100) return []
    return [findingAt(rule, ['spec', 'http', index, 'route', 0, 'weight'], {
      code: 'BI0004', level: 'Info', message: `The only destination of a route gets every request, whatever its weight (${asNumber(weight)}).`, hint: 'Remove the weight, or add the destination that gets the rest.'
    })]
  })
}

/** BI0005 */
export function findRulesWithoutHttp (documents: Documents): Finding[] {
  const services = new Map(documents.of('Service').map(service => [fullHost(service.name, service.namespace), service]))
  return documents.of('VirtualService').filter(rule => servesMesh(rule) && asList(rule.spec['http']).length > 0).flatMap(rule => asTexts(rule.spec['hosts']).flatMap((host, index): Finding[] => {
    const ports = asList(services.get(fullHost(host, rule.namespace))?.spec['ports']).map(asFields)
    const named = ports.filter(port => isOther(port))
    if (ports.length === 0 || named.length < ports.length) return []
    return [findingAt(rule, ['spec', 'hosts', index], {
      code: 'BI0005',
      level: 'Warning',
      message: `The http rules for "${host}" do nothing in the mesh: its ports (${ports.map(port => `${asNumber(port['port'])} ${asText(port['name'])}`.trimEnd()).join(', ')}) are not HTTP.`,
      hint: 'The name of a Service\'s port says its protocol: call it http (or http-something) or set appProtocol when it speaks HTTP; else write tcp or tls rules.'
    })]
  }))
}

/** Ports that say, by name or appProtocol, that they are something else than HTTP. */
function isOther (port: Fields): boolean {
  const said = asText(port['appProtocol'] ?? port['name']).toLowerCase()
  if (said === '' || said.startsWith('grpc-web')) return false
  const protocol = parseProtocol(said.split('-', 1)[0] ?? '')
  return protocol !== 'http' && protocol !== 'unsupported'
}

/** BI0006 */
export function findDoubledSlashes (documents: Documents): Finding[] {
  return httpRoutes(documents).flatMap(({ rule, route, index }): Finding[] => {
    const uri = asText(asFields(route['rewrite'])['uri'])
    const prefixes = asList(route['match']).map(block => asText(asFields(asFields(block)['uri'])['prefix']))
    const prefix = prefixes.find(text => text.length > 1 && !text.endsWith('/'))
    // With the prefix and a slash in the same route the slash goes, too.
    if (!uri.endsWith('/') || prefix === undefined || prefixes.includes(`${prefix}/`)) return []
    return [findingAt(rule, ['spec', 'http', index, 'rewrite', 'uri'], {
      code: 'BI0006',
      level: 'Info',
      message: `The prefix ${prefix} alone is replaced by ${uri}, so ${prefix}/a becomes ${uri}/a.`,
      hint: `Match the prefix ${prefix}/ as well, before it.`
    })]
  })
}
