import { isIP } from 'node:net'
import { asFields, asNumber, asTexts, type Fields } from '../value.ts'
import type { Verdict } from './verdict.ts'

const label = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?'
const labelPattern = new RegExp(`^${label}$`)
const wildcardLabelPattern = new RegExp(`^(?:\\*|(?:\\*|\\*-)?${label})$`)
const labelNamePattern = new RegExp(`^(${label}(?:\\.${label})*/)?((?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$`)
const labelValuePattern = /^(?:(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
const protocols: ReadonlyMap<string, Protocol> = new Map([
  ...['http', 'http2', 'http_proxy', 'grpc', 'grpc-web'].map(name => [name, 'http'] as const),
  ...['https', 'tls'].map(name => [name, 'tls'] as const),
  ...['tcp', 'mongo', 'redis', 'mysql'].map(name => [name, 'tcp'] as const),
  ['udp', 'udp']
])

export type Protocol = 'http' | 'tls' | 'tcp' | 'udp' | 'unsupported'

/** What a port's protocol is to Istio; names are not case-sensitive. */
export function parseProtocol (name: string): Protocol {
  return protocols.get(name.toLowerCase()) ?? 'unsupported'
}

export function isDnsLabel (text: string): boolean {
  return text.length <= 63 && labelPattern.test(text)
}

/** A fully qualified domain name; a last dot is allowed. Returns Istio's words for what is wrong. */
export function checkDomain (name: string): string | undefined {
  return checkLength(name) ?? checkLabels(name)
}

/** As {@link checkDomain}, with a wildcard allowed as the first label or the beginning of it. */
export function checkWildcardDomain (name: string): string | undefined {
  const wrong = checkLength(name)
  if (wrong !== undefined) return wrong
  const [first = '', ...rest] = name.split('.')
  if (first.length > 63 || !wildcardLabelPattern.test(first)) return `domain name ${quote(name)} invalid (label ${quote(first)} invalid)`
  return rest.length > 0 ? checkLabels(rest.join('.')) : undefined
}

function checkLength (name: string): string | undefined {
  if (name.length > 255) return `domain name ${quote(name)} too long (max 255)`
  return name === '' ? 'empty domain name not allowed' : undefined
}

function checkLabels (name: string): string | undefined {
  const labels = name.split('.')
  const last = labels.at(-1) ?? ''
  if (/^[-+]?\d+$/.test(last)) return `domain name ${quote(name)} invalid (top level domain ${quote(last)} cannot be all-numeric)`
  const wrong = labels.find((text, index) => !isDnsLabel(text) && !(text === '' && index === labels.length - 1))
  return wrong === undefined ? undefined : `domain name ${quote(name)} invalid (label ${quote(wrong)} invalid)`
}

/** `namespace/host` of a Gateway's server or a Sidecar's egress listener. */
export function checkNamespacedHost (text: string, of: 'gateway' | 'sidecar', verdict: Verdict): void {
  const slash = text.indexOf('/')
  if (slash === -1) {
    if (of === 'gateway') checkHostPart(text, of, verdict)
    else verdict.error('host must be of form namespace/dnsName')
    return
  }
  const namespace = text.slice(0, slash)
  const name = text.slice(slash + 1)
  if (namespace === '' || name === '') verdict.error('config namespace and dnsName in host entry cannot be empty')
  if (of === 'sidecar') {
    const bare = namespace.replace(/^~/, '')
    if (bare !== '' && bare !== '*' && bare !== '.' && !isDnsLabel(bare)) verdict.error(`invalid namespace value ${quote(namespace)} in sidecar`)
  } else if (namespace !== '*' && namespace !== '.' && !isDnsLabel(namespace)) verdict.error(`invalid namespace value ${quote(namespace)} in gateway`)
  checkHostPart(name, of, verdict)
}

function checkHostPart (name: string, of: 'gateway' | 'sidecar', verdict: Verdict): void {
  if (name !== '*' && !name.includes('.')) verdict.error('short names (non FQDN) are not allowed')
  const wrong = checkWildcardDomain(name)
  if (wrong !== undefined) {
    if (of === 'sidecar') verdict.error(wrong)
    if (isIP(name) === 0) verdict.error(wrong)
  }
  const partial = checkPartialWildcard(name)
  if (partial !== undefined) verdict.error(partial)
}

export function checkPartialWildcard (host: string): string | undefined {
  return host.includes('*') && host.length !== 1 && !host.startsWith('*.') ? `partial wildcard ${quote(host)} not allowed` : undefined
}

export function checkPort (port: number, verdict: Verdict): void {
  if (port < 1 || port > 65535) verdict.error(`port number ${port} must be in the range 1..65535`)
}

export function checkPortName (name: string, verdict: Verdict): void {
  if (!isDnsLabel(name)) verdict.error(`invalid port name: ${name}`)
}

/** An empty protocol means that Istio finds it out from the traffic. */
export function checkProtocol (name: string, verdict: Verdict): void {
  if (name !== '' && parseProtocol(name) === 'unsupported') verdict.error(`unsupported protocol: ${name}`)
}

export function checkAddress (address: string, verdict: Verdict): void {
  if (isIP(address) === 0) verdict.error(`${address} is not a valid IP`)
}

/** An IP address or a CIDR block. */
export function checkSubnet (subnet: string, verdict: Verdict): void {
  const [address = '', bits, ...more] = subnet.split('/')
  if (bits === undefined || more.length > 0) {
    checkAddress(subnet, verdict)
    return
  }
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  if (version === 0 || !/^(?:0|[1-9]\d*)$/.test(bits) || Number(bits) > most) verdict.error(`${subnet} is not a valid CIDR block`)
}

export function checkUnixAddress (path: string, verdict: Verdict): void {
  if (path === '') verdict.error('unix address must not be empty')
  else if (!path.startsWith('@') && (!path.startsWith('/') || path.endsWith('/'))) verdict.error(`${path} is not an absolute path to a file`)
}

export function checkLabelSet (labels: unknown, verdict: Verdict): void {
  for (const [name, value] of Object.entries(asFields(labels))) {
    const [, prefix = '', rest] = labelNamePattern.exec(name) ?? []
    if (rest === undefined) verdict.listedError(`invalid tag key: ${quote(name)}`)
    else if (prefix.length > 254) verdict.listedError(`invalid tag key: ${quote(name)} (DNS prefix is too long)`)
    else if (rest.length > 63) verdict.listedError(`invalid tag key: ${quote(name)} (name is too long)`)
    if (!labelValuePattern.test(String(value))) verdict.listedError(`invalid tag value: ${quote(String(value))}`)
  }
}

export function checkSubsetName (name: string, verdict: Verdict): void {
  if (name === '') verdict.error('subset name cannot be empty')
  else if (!isDnsLabel(name)) verdict.error(`subset name is invalid: ${name}`)
}

/** A place that a route leads to: host, subset, port. */
export function checkDestination (destination: Fields, verdict: Verdict): void {
  const host = String(destination['host'] ?? '')
  const wrong = host === '*' ? `invalid destination host ${host}` : checkWildcardDomain(host)
  if (wrong !== undefined) verdict.error(wrong)
  const subset = destination['subset']
  if (typeof subset === 'string' && subset !== '') checkSubsetName(subset, verdict)
  if (destination['port'] !== undefined) checkPort(asNumber(asFields(destination['port'])['number']), verdict)
}

/** Names of gateways, `namespace/name` or a name of the rule's namespace. */
export function checkGatewayNames (names: readonly string[], verdict: Verdict): void {
  for (const text of names) {
    const slash = text.indexOf('/')
    if (slash === -1) {
      const [name = '', namespace = ''] = text.split('.')
      if (text.includes('.')) verdict.warn(`using legacy gatewayName format ${quote(text)}; prefer the <namespace>/<name> format: ${quote(`${namespace}/${name}`)}`)
      const wrong = checkDomain(text)
      if (wrong !== undefined) verdict.error(wrong)
      return
    }
    const namespace = text.slice(0, slash)
    const name = text.slice(slash + 1)
    if (namespace === '' || name === '') verdict.error('config namespace and gateway name cannot be empty')
    if (!isDnsLabel(namespace)) verdict.error(`invalid value for namespace: ${quote(namespace)}`)
    if (!isDnsLabel(name)) verdict.error(`invalid value for gateway name: ${quote(name)}`)
  }
}

/** Who may see a rule: `.` its namespace, `*` all, names of namespaces, and for a ServiceEntry `~` nobody. */
export function checkExportTo (exportTo: unknown, namespace: string, verdict: Verdict, of: 'rule' | 'serviceEntry' | 'ruleWithSelector' = 'rule'): void {
  const entries = asTexts(exportTo)
  const seen = new Set<string>()
  for (const entry of entries) {
    const key = entry === '.' ? namespace : entry
    if (seen.has(key)) verdict.error(key === entry ? `duplicate entries in exportTo for entry ${entry}` : `duplicate entries in exportTo: . and current namespace ${namespace}`)
    else if (key === '~' && of !== 'serviceEntry') verdict.error('exportTo ~ (none) is not allowed for Istio configuration objects')
    else if (key !== '*' && key !== '~' && !isDnsLabel(key)) verdict.error('only .,*, or a valid DNS 1123 label is allowed as exportTo entry')
    else seen.add(key)
  }
  if (of === 'ruleWithSelector' && seen.size > 0) {
    if (!seen.has(namespace)) verdict.error('destination rule with workload selector cannot have exportTo beyond current namespace')
    else if (seen.size > 1) verdict.error('destination rule with workload selector cannot have multiple entries in exportTo')
  }
  if (seen.has('*') && entries.length > 1) verdict.error('cannot have both public (*) and non-public exportTo values for a resource')
  if (seen.has('~') && entries.length > 1) verdict.error('cannot export service entry to no one (~) and someone')
}

/** Whether two hosts can mean the same, wildcards on either side. */
export function hostsOverlap (a: string, b: string): boolean {
  if (a.startsWith('*') && b.startsWith('*')) return a.length < b.length ? b.endsWith(a.slice(1)) : a.endsWith(b.slice(1))
  return isWithinHost(a, b) || isWithinHost(b, a)
}

/** Whether all that `host` means is also meant by `wider`. */
export function isWithinHost (host: string, wider: string): boolean {
  if (!wider.startsWith('*')) return host === wider
  return host.startsWith('*') ? host.length >= wider.length && host.endsWith(wider.slice(1)) : host.endsWith(wider.slice(1))
}

/** A text as Go's %q prints it. */
export function quote (text: string): string {
  return JSON.stringify(text)
}
