import { isIP } from 'node:net'
import { asFields, asList, asNumber, asText, asTexts, isSet, type Fields } from '../value.ts'
import { checkDomain, checkExportTo, checkLabelSet, checkPartialWildcard, checkPort, checkPortName, checkProtocol, checkSubnet, checkUnixAddress, checkWildcardDomain, parseProtocol, quote } from './names.ts'
import { checkWorkloadSelector } from './sidecar.ts'
import { Verdict } from './verdict.ts'

/** `spec` of a ServiceEntry, in the order of Istio's own checks. */
export function checkServiceEntry (spec: Fields, namespace: string, labels: Fields): Verdict {
  const selector = new Verdict()
  if (!checkWorkloadSelector(spec['workloadSelector'], 'service entry', selector)) return selector
  const verdict = selector
  const resolution = asText(spec['resolution']) || 'NONE'
  const hosts = asTexts(spec['hosts'])
  const ports = asList(spec['ports']).map(asFields)
  const endpoints = asList(spec['endpoints']).map(asFields)
  if (isSet(spec['workloadSelector']) && isSet(spec['endpoints'])) verdict.error('only one of WorkloadSelector or Endpoints is allowed in Service Entry')
  checkHosts(hosts, resolution, verdict)
  checkAddresses(asTexts(spec['addresses']), resolution, verdict)
  checkPorts(ports, !isAutoAllocated(spec, labels) && asList(spec['addresses']).length === 0, verdict)

  const portNames = new Set(ports.map(port => asText(port['name'])))
  if (resolution === 'NONE') {
    if (endpoints.length > 0) verdict.error('no endpoints should be provided for resolution type none')
    if (isSet(spec['workloadSelector'])) verdict.warn('workloadSelector should not be set when resolution mode is NONE')
  } else if (resolution === 'STATIC') for (const endpoint of endpoints) checkStaticEndpoint(endpoint, portNames, verdict)
  else if (resolution === 'DYNAMIC_DNS') checkDynamicDns(spec, verdict)
  else checkDns({ hosts, ports, endpoints, portNames, resolution, addresses: asTexts(spec['addresses']) }, verdict)

  // Plain TCP does not tell hosts apart.
  const carriesNames = ports.every(port => ['http', 'tls'].includes(parseProtocol(asText(port['protocol']))))
  if (resolution !== 'NONE' && hosts.length > 1 && !carriesNames) verdict.error('multiple hosts provided with non-HTTP, non-TLS ports')
  checkExportTo(spec['exportTo'], namespace, verdict, 'serviceEntry')
  return verdict
}

function checkHosts (hosts: readonly string[], resolution: string, verdict: Verdict): void {
  if (hosts.length === 0) verdict.error('service entry must have at least one host')
  for (const host of hosts) {
    const wrong = host === '*' ? `invalid host ${host}` : checkWildcardDomain(host)
    if (wrong !== undefined) verdict.error(wrong)
    const partial = resolution === 'DYNAMIC_DNS' ? undefined : checkPartialWildcard(host)
    if (partial !== undefined) verdict.warn(partial)
  }
}

function checkAddresses (addresses: readonly string[], resolution: string, verdict: Verdict): void {
  for (const address of addresses) checkSubnet(address, verdict)
  if (addresses.some(address => address.includes('/')) && resolution !== 'NONE' && resolution !== 'STATIC') verdict.error('CIDR addresses are allowed only for NONE/STATIC resolution types')
}

/** Whether Istio gives the hosts addresses of their own. */
function isAutoAllocated (spec: Fields, labels: Fields): boolean {
  const resolution = asText(spec['resolution']) || 'NONE'
  return resolution !== 'NONE' && asText(labels['networking.istio.io/enable-autoallocate-ip']).toLowerCase() !== 'false' && asList(spec['addresses']).length === 0
}

function checkPorts (ports: readonly Fields[], needAddresses: boolean, verdict: Verdict): void {
  const names = new Set<string>()
  const numbers = new Set<number>()
  for (const port of ports) {
    const name = asText(port['name'])
    const number = asNumber(port['number'])
    if (names.has(name)) verdict.error(`service entry port name ${quote(name)} already defined`)
    if (numbers.has(number)) verdict.error(`service entry port ${number} already defined`)
    names.add(name)
    numbers.add(number)
    if (asNumber(port['targetPort']) !== 0) checkPort(asNumber(port['targetPort']), verdict)
    if (needAddresses && ['', 'TCP'].includes(asText(port['protocol']))) {
      verdict.warn('addresses are required for ports serving TCP (or unset) protocol when IP Autoallocation is not enabled')
    }
    checkPortName(name, verdict)
    checkProtocol(asText(port['protocol']), verdict)
    checkPort(number, verdict)
  }
}

function checkStaticEndpoint (endpoint: Fields, portNames: ReadonlySet<string>, verdict: Verdict): void {
  const address = asText(endpoint['address'])
  if (address === '') {
    if (asText(endpoint['network']) === '') {
      verdict.error('address is required')
      return
    }
    verdict.warn(`address is unset with network ${quote(asText(endpoint['network']))}`)
  }
  const unix = address.startsWith('unix://')
  if (unix) {
    checkUnixAddress(address.slice('unix://'.length), verdict)
    if (Object.keys(asFields(endpoint['ports'])).length > 0) verdict.error(`unix endpoint ${address} must not include ports`)
  } else if (address !== '' && isIP(address) === 0) verdict.error(`endpoint address ${quote(address)} is not a valid IP address`)
  checkEndpointPorts(endpoint, portNames, verdict)
  checkLabelSet(endpoint['labels'], verdict)
  if (unix && portNames.size !== 1) verdict.error('exactly 1 service port required for unix endpoints')
}

function checkEndpointPorts (endpoint: Fields, portNames: ReadonlySet<string>, verdict: Verdict): void {
  for (const [name, number] of Object.entries(asFields(endpoint['ports']))) {
    if (!portNames.has(name)) verdict.error(`endpoint port ${asNumber(number)} is not defined by the service entry`)
    checkPortName(name, verdict)
    checkPort(asNumber(number), verdict)
  }
}

interface DnsEntry {
  readonly hosts: readonly string[]
  readonly ports: readonly Fields[]
  readonly endpoints: readonly Fields[]
  readonly portNames: ReadonlySet<string>
  readonly resolution: string
  readonly addresses: readonly string[]
}

function checkDns ({ hosts, ports, endpoints, portNames, resolution, addresses }: DnsEntry, verdict: Verdict): void {
  const wrong = endpoints.length > 0 ? undefined : hosts.map(checkDomain).find(text => text !== undefined)
  if (wrong !== undefined) verdict.error(`hosts must be FQDN or contain only prefix wildcards if no endpoints are provided for resolution mode ${resolution}, ${wrong}`)
  if (resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1) verdict.error(`there must only be 0 or 1 endpoint for resolution mode ${resolution}`)
  for (const endpoint of endpoints) {
    const address = asText(endpoint['address'])
    if (isIP(address) === 0 && checkDomain(address) !== undefined) verdict.error(`endpoint address ${quote(address)} is not a valid FQDN or an IP address`)
    checkLabelSet(endpoint['labels'], verdict)
    checkEndpointPorts(endpoint, portNames, verdict)
  }
  const tcp = ports.some(port => ['tcp', 'tls'].includes(parseProtocol(asText(port['protocol']))))
  if (addresses.length > 0 && hosts.length > 1 && tcp) verdict.warn('service entry can not have more than one host specified simultaneously with address and tcp port')
}

function checkDynamicDns (spec: Fields, verdict: Verdict): void {
  if (asList(spec['hosts']).length === 0) verdict.error('at least one wildcard host must be provided for resolution type DYNAMIC_DNS')
  for (const host of asTexts(spec['hosts'])) if (!host.startsWith('*')) verdict.error('host must be wildcarded for resolution mode DYNAMIC_DNS')
  if (asList(spec['addresses']).length > 0) verdict.error('addresses cannot be set for resolution type DYNAMIC_DNS. HTTP route domains will only be generatedfrom the hosts field values')
  if (asList(spec['endpoints']).length > 0) verdict.error('endpoints cannot be set for resolution type DYNAMIC_DNS. Destination IP address determined from hostsfield values')
  for (const port of asList(spec['ports']).map(asFields)) {
    if (!['http', 'tls', 'grpc', 'http2'].includes(asText(port['protocol']).toLowerCase())) verdict.error('only HTTP, TLS, GRPC, and HTTP2 protocols are supported for resolution type DYNAMIC_DNS')
  }
}
