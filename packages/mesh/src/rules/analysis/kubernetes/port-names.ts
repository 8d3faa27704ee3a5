import { asFields, asList, asNumber, asText } from '../../value.ts'
import type { Finding } from '../../problem.ts'
import { parseProtocol } from '../../webhook/names.ts'
import { findingAt, type Documents } from '../documents.ts'

/** Ports that are plain TCP whatever their names, because a guess at the protocol would break them. */
const wellKnownTcpPorts = new Set([25, 53, 3306, 27017])

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
