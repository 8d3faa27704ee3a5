import { arrayOf, fieldOf, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { labelCell, shortList } from '../../resources/tables/columns.ts'
import { header } from './fields.ts'

/** A Service as kubectl describes it. @param slices the EndpointSlices of its namespace */
export function describeService (service: JsonRecord, slices: readonly JsonRecord[]): string {
  const spec = recordOf(service.spec)
  const name = textOf(fieldOf(service, 'metadata', 'name'))
  const own = slices.filter((slice) => fieldOf(slice, 'metadata', 'labels', 'kubernetes.io/service-name') === name)
  const line = (title: string, value: string): string => value === '' ? '' : `${title}:\t${value}\n`
  const list = (value: unknown): string => arrayOf(value).map(textOf).join(',')
  return [
    header(service),
    `Selector:\t${labelCell(spec.selector)}\n`,
    `Type:\t${textOf(spec.type)}\n`,
    line('IP Family Policy', textOf(spec.ipFamilyPolicy)),
    `IP Families:\t${list(spec.ipFamilies) || '<none>'}\n`,
    `IP:\t${textOf(spec.clusterIP)}\n`,
    `IPs:\t${list(spec.clusterIPs) || '<none>'}\n`,
    line('External IPs', list(spec.externalIPs)),
    line('External Name', textOf(spec.externalName)),
    line('LoadBalancer Ingress', arrayOf(fieldOf(service, 'status', 'loadBalancer', 'ingress')).map(ingress).join(', ')),
    arrayOf(spec.ports).map((port) => describePort(recordOf(port), own)).join(''),
    `Session Affinity:\t${textOf(spec.sessionAffinity)}\n`,
    line('External Traffic Policy', textOf(spec.externalTrafficPolicy)),
    line('Internal Traffic Policy', textOf(spec.internalTrafficPolicy))
  ].join('')
}

function ingress (point: unknown): string {
  const { ip, hostname, ipMode } = recordOf(point)
  return `${textOf(ip) || textOf(hostname)}${ipMode === undefined ? '' : ` (${textOf(ipMode)})`}`
}

function describePort (port: JsonRecord, slices: readonly JsonRecord[]): string {
  const name = textOf(port.name) || '<unset>'
  const protocol = textOf(port.protocol)
  return [
    `Port:\t${name}\t${textOf(port.port)}/${protocol}\n`,
    `TargetPort:\t${textOf(port.targetPort)}/${protocol}\n`,
    port.appProtocol === undefined ? '' : `AppProtocol:\t${textOf(port.appProtocol)}\n`,
    port.nodePort === undefined ? '' : `NodePort:\t${name}\t${textOf(port.nodePort)}/${protocol}\n`,
    `Endpoints:\t${slices.length === 0 ? '<none>' : endpoints(slices, textOf(port.name))}\n`
  ].join('')
}

/** Addresses that are ready; none, where there are slices, is nothing at all. */
function endpoints (slices: readonly JsonRecord[], portName: string): string {
  const all = slices.flatMap((slice) => arrayOf(slice.ports).map(recordOf).filter(({ name }) => textOf(name) === portName).flatMap(({ port }) =>
    arrayOf(slice.endpoints).map(recordOf).filter((endpoint) => fieldOf(endpoint, 'conditions', 'ready') !== false)
      .map((endpoint) => `${textOf(arrayOf(endpoint.addresses)[0])}:${textOf(port)}`)))
  return all.length === 0 ? '' : shortList(all, 3)
}
