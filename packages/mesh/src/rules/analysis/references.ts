import { asFields, asList, asNumber, asText, asTexts, isSet } from '../value.ts'
import type { Finding } from '../problem.ts'
import { hostsOverlap } from '../webhook/names.ts'
import { destinationsOf, findingAt, fullHost, type Documents, type Subject } from './documents.ts'
import type { Registry } from './registry.ts'

/** IST0101 for subsets that no DestinationRule defines, and for gateways; IST0132 for hosts that the gateway does not take. */
export function findMissingReferences (documents: Documents): Finding[] {
  const subsets = new Set(documents.of('DestinationRule').flatMap(rule =>
    asList(rule.spec['subsets']).map(subset => `${fullHost(asText(rule.spec['host']), rule.namespace)}+${asText(asFields(subset)['name'])}`)))
  const gateways = new Map(documents.of('Gateway').map(gateway => [gateway.id, gateway]))
  return documents.of('VirtualService').flatMap(rule => [
    ...findMissingSubsets(rule, subsets),
    ...asTexts(rule.spec['gateways']).flatMap((name, index) => findGatewayFaults({ rule, name, index }, gateways))
  ])
}

function findMissingSubsets (rule: Subject, subsets: ReadonlySet<string>): Finding[] {
  return destinationsOf(rule).flatMap(({ fields, path, mirror }): Finding[] => {
    const host = asText(fields['host'])
    const subset = asText(fields['subset'])
    if (subset === '' || subsets.has(`${fullHost(host, rule.namespace)}+${subset}`)) return []
    return [findingAt(rule, [...path, 'host'], {
      code: 'IST0101',
      level: 'Error',
      message: `Referenced ${mirror ? 'mirror' : 'host'}+subset in destinationrule not found: "${host}+${subset}"`,
      hint: `Requests sent there get 503: add a DestinationRule for ${host} with a subset named ${subset}, and apply it before this rule.`
    })]
  })
}

function findGatewayFaults ({ rule, name, index }: { rule: Subject, name: string, index: number }, gateways: ReadonlyMap<string, Subject>): Finding[] {
  if (name === 'mesh') return []
  const path = ['spec', 'gateways', index]
  const id = name.includes('/') ? name : `${rule.namespace}/${name}`
  const gateway = gateways.get(id)
  const hosts = asTexts(rule.spec['hosts'])
  const missing: Finding[] = gateway !== undefined
    ? []
    : [findingAt(rule, path, {
        code: 'IST0101',
        level: 'Error',
        message: `Referenced gateway not found: "${name}"`,
        hint: `The rule has no effect at a gateway until there is a Gateway ${id}; for calls inside the mesh name the gateway "mesh", or none.`
      })]
  if (gateway !== undefined && gatewayHosts(gateway, rule.namespace).some(of => hosts.some(host => hostsOverlap(of, host)))) return missing
  return [...missing, findingAt(rule, path, {
    code: 'IST0132',
    level: 'Warning',
    message: `one or more host [${hosts.join(' ')}] defined in VirtualService ${rule.id} not found in Gateway ${id}.`,
    hint: 'The gateway passes on only the hosts that its servers list: add the host there, or use one of theirs here.'
  })]
}

/** Hosts of a gateway's servers that rules of a namespace may use. */
function gatewayHosts (gateway: Subject, namespace: string): string[] {
  return asList(gateway.spec['servers']).flatMap(server => asTexts(asFields(server)['hosts'])).flatMap(text => {
    const slash = text.indexOf('/')
    if (slash === -1) return [text]
    const scope = text.slice(0, slash) === '.' ? gateway.namespace : text.slice(0, slash)
    return scope === '*' || scope === namespace ? [text.slice(slash + 1)] : []
  })
}

/** IST0101 for hosts that nobody serves, IST0112 for a destination that leaves open which of several ports is meant. */
export function findMissingHosts (documents: Documents, registry: Registry): Finding[] {
  return documents.of('VirtualService').flatMap(rule => destinationsOf(rule).flatMap(({ fields, path, mirror }): Finding[] => {
    const host = asText(fields['host'])
    const entry = registry.find(host, rule)
    if (entry === undefined) {
      if (!registry.isJudged(fullHost(host, rule.namespace))) return []
      return [findingAt(rule, [...path, 'host'], {
        code: 'IST0101',
        level: 'Error',
        message: `Referenced ${mirror ? 'mirror host' : 'host'} not found: "${host}"`,
        hint: host.includes('.') && !host.endsWith('.svc.cluster.local')
          ? 'A name with a dot is taken as it is: write the Service\'s short name or its full one (name.namespace.svc.cluster.local), or add a ServiceEntry for the host.'
          : `Requests sent there get 503: check the name, or add the Service or a ServiceEntry for ${fullHost(host, rule.namespace)}.`
      })]
    }
    if (!isSet(fields['port'])) {
      if (entry.ports.length < 2) return []
      return [findingAt(rule, [...path, 'host'], {
        code: 'IST0112',
        level: 'Error',
        message: `This VirtualService routes to a service "${host}" that exposes multiple ports [${entry.ports.join(' ')}]. Specifying a port in the destination is required to disambiguate.`,
        hint: `Add "port:" with "number: ${entry.ports[0] ?? 80}" (or another of these) to the destination.`
      })]
    }
    const port = asNumber(asFields(fields['port'])['number'])
    if (entry.ports.includes(port)) return []
    return [findingAt(rule, [...path, 'host'], {
      code: 'IST0101', level: 'Error', message: `Referenced host:port not found: "${host}:${port}"`, hint: `The host has port ${entry.ports.join(', ') || 'none'}: name one of them.`
    })]
  }))
}

/** IST0140: a rule at a gateway does not pass through the mesh's rule for the host it leads to. */
export function findIngressWithoutSubsets (documents: Documents): Finding[] {
  const withSubsets = documents.of('VirtualService').flatMap(rule => destinationsOf(rule)
    .filter(({ fields, mirror, path }) => !mirror && path[1] === 'http' && asText(fields['subset']) !== '' && asTexts(rule.spec['hosts']).includes(asText(fields['host'])))
    .map(({ fields }) => ({ rule, host: asText(fields['host']) })))
  return documents.of('VirtualService').filter(rule => asTexts(rule.spec['gateways']).length > 0).flatMap(rule =>
    destinationsOf(rule).filter(({ fields, mirror, path }) => !mirror && path[1] === 'http' && asText(fields['subset']) === '').flatMap(({ fields, path }) => {
      const others = new Set(withSubsets.filter(({ host }) => host === asText(fields['host'])).map(other => other.rule.id))
      return [...others].map(other => findingAt(rule, [...path, 'host'], {
        code: 'IST0140',
        level: 'Warning',
        message: `Subset in virtual service ${other} has no effect on ingress gateway ${rule.id} requests`,
        hint: `Requests from outside reach all versions: add the subset to this rule too, or add this rule's gateway to the gateways of ${other}.`
      }))
    }))
}
