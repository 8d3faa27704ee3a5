import { asFields, asList, asNumber, asText, asTexts, isSet, type Fields } from '../value.ts'
import { checkAddress, checkDestination, checkDomain, checkNamespacedHost, checkPort, checkPortName, checkProtocol, checkUnixAddress, parseProtocol, quote } from './names.ts'
import { checkServerTls } from './server-tls.ts'
import { checkConnectionPool } from './traffic-policy.ts'
import { Verdict } from './verdict.ts'

/** `spec` of a Sidecar, in the order of Istio's own checks. */
export function checkSidecar (spec: Fields, namespace: string): Verdict {
  const verdict = new Verdict()
  if (!checkWorkloadSelector(spec['workloadSelector'], 'sidecar', verdict)) return verdict
  const ingress = asList(spec['ingress']).map(asFields)
  const egress = asList(spec['egress']).map(asFields)
  if (ingress.length === 0 && egress.length === 0 && !isSet(spec['outboundTrafficPolicy']) && !isSet(spec['inboundConnectionPool'])) {
    const onlyError = new Verdict()
    onlyError.error('sidecar: empty configuration provided')
    return onlyError
  }
  const ports = new Set<number>()
  for (const listener of ingress) checkIngress(listener, ports, verdict)
  checkConnectionPool(spec['inboundConnectionPool'], verdict)
  checkEgress(egress, namespace, verdict)
  checkOutboundPolicy(spec['outboundTrafficPolicy'], verdict)
  return verdict
}

/** `workloadSelector` of a Sidecar or ServiceEntry. False: it is wrong, and Istio says no more than that. */
export function checkWorkloadSelector (selector: unknown, of: string, verdict: Verdict): boolean {
  if (!isSet(selector)) return true
  const labels = Object.entries(asFields(asFields(selector)['labels']))
  for (const [name, value] of labels) {
    const text = quote(`${name}=${String(value)}`)
    if (name === '') verdict.error(`empty key is not supported in selector: ${text}`)
    if (name.includes('*') || String(value).includes('*')) verdict.error(`wildcard is not supported in selector: ${text}`)
  }
  if (labels.length === 0) verdict.warn(`${of}: workload selector specified without labels, will be applied to all services in namespace`)
  return !verdict.failed
}

function checkIngress (listener: Fields, ports: Set<number>, verdict: Verdict): void {
  if (!isSet(listener['port'])) {
    verdict.error('sidecar: port is required for ingress listeners')
    return
  }
  const port = asFields(listener['port'])
  const number = asNumber(port['number'])
  const protocol = asText(port['protocol'])
  const bind = asText(listener['bind'])
  if (asNumber(port['targetPort']) > 0) verdict.error('targetPort has no impact on Sidecars')
  if (asText(port['name']) !== '') checkPortName(asText(port['name']), verdict)
  checkProtocol(protocol, verdict)
  checkPort(number, verdict)
  if (bind !== '') checkAddress(bind, verdict)
  if (ports.has(number)) verdict.error('sidecar: ports on IP bound listeners must be unique')
  ports.add(number)
  checkDefaultEndpoint(asText(listener['defaultEndpoint']), verdict)
  if (isSet(listener['tls'])) checkIngressTls(asFields(listener['tls']), protocol, verdict)
  checkConnectionPool(listener['connectionPool'], verdict)
  if (isSet(asFields(listener['connectionPool'])['http']) && parseProtocol(protocol) !== 'http') {
    verdict.warn(`sidecar: HTTP connection pool settings are configured for port ${number} (${quote(asText(port['name']))}) but its protocol is not HTTP (${protocol}); only TCP settings will apply`)
  }
}

function checkDefaultEndpoint (endpoint: string, verdict: Verdict): void {
  if (endpoint === '') return
  if (endpoint.startsWith('unix://')) {
    checkUnixAddress(endpoint.slice('unix://'.length), verdict)
    return
  }
  const [, bracketed, host = bracketed ?? '', port] = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(endpoint) ?? []
  if (port === undefined) verdict.error(`address ${endpoint}: ${endpoint.includes(':') ? 'too many colons in address' : 'missing port in address'}`)
  else if (!['', '127.0.0.1', '0.0.0.0', '::1', '::'].includes(host)) {
    verdict.error('sidecar: defaultEndpoint must be of form 127.0.0.1:<port>,0.0.0.0:<port>,[::1]:port,[::]:port,unix://filepath or unset')
  }
  if (/^[-+]?\d+$/.test(port ?? '')) checkPort(Number(port), verdict)
  else verdict.error(`sidecar: defaultEndpoint port (${port ?? ''}) is not a number: strconv.Atoi: parsing ${quote(port ?? '')}: invalid syntax`)
}

function checkIngressTls (tls: Fields, protocol: string, verdict: Verdict): void {
  const mode = asText(tls['mode'])
  if (asList(tls['subjectAltNames']).length > 0) verdict.error('sidecar: subjectAltNames is not supported in ingress tls')
  if (tls['httpsRedirect'] === true) verdict.error('sidecar: httpsRedirect is not supported')
  if (asText(tls['credentialName']) !== '') verdict.error('sidecar: credentialName is not currently supported')
  if (asList(tls['credentialNames']).length > 0) verdict.error('sidecar: credentialNames is not currently supported')
  if (asList(tls['tlsCertificates']).length > 0) verdict.error('sidecar: tls_certificates is not currently supported')
  if (mode === 'ISTIO_MUTUAL' || mode === 'AUTO_PASSTHROUGH') verdict.error(`configuration is invalid: cannot set mode to ${mode} in sidecar ingress tls`)
  if (parseProtocol(protocol) !== 'tls') verdict.error('server cannot have TLS settings for non HTTPS/TLS ports')
  checkServerTls(tls, verdict)
}

function checkEgress (listeners: readonly Fields[], namespace: string, verdict: Verdict): void {
  const ports = new Set<number>()
  const sockets = new Set<string>()
  let catchAll = false
  listeners.forEach((listener, index) => {
    if (isSet(listener['port'])) checkEgressPort(listener, { ports, sockets }, verdict)
    else if (catchAll) {
      verdict.error('sidecar: egress can have only one listener with empty port')
      return
    } else if (index === listeners.length - 1) catchAll = true
    else verdict.error('sidecar: the egress listener with empty port should be the last listener in the list')
    checkEgressHosts(asTexts(listener['hosts']), namespace, verdict)
  })
}

function checkEgressPort (listener: Fields, taken: { ports: Set<number>, sockets: Set<string> }, verdict: Verdict): void {
  const port = asFields(listener['port'])
  const bind = asText(listener['bind'])
  const number = asNumber(port['number'])
  if (asNumber(port['targetPort']) > 0) verdict.error('targetPort has no impact on Sidecars')
  if (asText(port['name']) !== '') checkPortName(asText(port['name']), verdict)
  checkProtocol(asText(port['protocol']), verdict)
  if (number === 0) {
    if (bind.startsWith('unix://')) checkUnixAddress(bind.slice('unix://'.length), verdict)
    else verdict.error('sidecar: ports with 0 value must have a unix domain socket bind address')
    if (asText(listener['captureMode']) === 'IPTABLES') verdict.error('sidecar: captureMode must be DEFAULT/NONE for unix domain socket listeners')
    if (taken.sockets.has(bind)) verdict.error('sidecar: unix domain socket values for listeners must be unique')
    taken.sockets.add(bind)
    return
  }
  checkPort(number, verdict)
  if (bind !== '') checkAddress(bind, verdict)
  if (taken.ports.has(number)) verdict.error('sidecar: ports on IP bound listeners must be unique')
  taken.ports.add(number)
}

function checkEgressHosts (hosts: readonly string[], namespace: string, verdict: Verdict): void {
  if (hosts.length === 0) verdict.error('sidecar: egress listener must contain at least one host')
  const known = new Map<string, Set<string>>()
  for (const text of hosts) {
    const slash = text.indexOf('/')
    if (slash !== -1 && !text.startsWith('~')) {
      const space = text.slice(0, slash) === '.' ? namespace : text.slice(0, slash)
      const host = text.slice(slash + 1)
      const names = known.get(space) ?? new Set<string>()
      known.set(space, names)
      if (host === '*' ? names.size > 0 : names.has(host) || names.has('*')) verdict.warn(`duplicated egress host: ${text}`)
      names.add(host)
    }
    checkNamespacedHost(text, 'sidecar', verdict)
  }
  if (known.get('*')?.has('*') === true && known.size !== 1) verdict.warn('`*/*` host select all resources, no other hosts can be added')
}

function checkOutboundPolicy (value: unknown, verdict: Verdict): void {
  const { mode, egressProxy } = asFields(value)
  if (!isSet(egressProxy)) return
  if (mode !== 'ALLOW_ANY') {
    verdict.error('sidecar: egress_proxy must be set only with ALLOW_ANY outbound_traffic_policy mode')
    return
  }
  const proxy = asFields(egressProxy)
  const wrong = checkDomain(asText(proxy['host']))
  if (wrong !== undefined) verdict.error(wrong)
  if (isSet(proxy['port'])) checkDestination(proxy, verdict)
  else verdict.error('sidecar: egress_proxy port must be non-nil')
}
