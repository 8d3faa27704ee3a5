import { parseDuration } from '../duration.ts'
import { asFields, asList, asNumber, asText, isSet, type Fields } from '../value.ts'
import { checkDuration } from './durations.ts'
import { checkLocalitySetting, checkZoneAwareSetting } from './locality.ts'
import { checkAddress, checkDomain, checkPort } from './names.ts'
import { Verdict } from './verdict.ts'

const policyFields = ['outlierDetection', 'connectionPool', 'loadBalancer', 'tls', 'portLevelSettings', 'tunnel', 'proxyProtocol', 'retryBudget']

/** `trafficPolicy` of a DestinationRule or of one of its subsets. */
export function checkTrafficPolicy (value: unknown): Verdict {
  const verdict = new Verdict()
  if (!isSet(value)) return verdict
  const policy = asFields(value)
  if (!policyFields.some(field => field === 'portLevelSettings' ? asList(policy[field]).length > 0 : isSet(policy[field]))) verdict.error('traffic policy must have at least one field')
  else if (isSet(policy['tunnel']) && isSet(policy['proxyProtocol'])) verdict.error('tunnel and proxyProtocol must not be set together')
  else {
    checkCommonPolicy(policy, verdict)
    for (const port of asList(policy['portLevelSettings']).map(asFields)) {
      const ofPort = new Verdict()
      if (!isSet(port['port'])) ofPort.error('portTrafficPolicy must have valid port')
      if (policyFields.slice(0, 4).some(field => isSet(port[field]))) checkCommonPolicy(port, ofPort)
      else ofPort.error('port traffic policy must have at least one field')
      verdict.addErrors(ofPort)
    }
    checkTunnel(policy['tunnel'], verdict)
  }
  return verdict
}

function checkCommonPolicy (policy: Fields, verdict: Verdict): void {
  checkOutlierDetection(policy['outlierDetection'], verdict)
  checkConnectionPool(policy['connectionPool'], verdict)
  checkLoadBalancer(policy['loadBalancer'], policy['outlierDetection'], verdict)
  checkClientTls(policy['tls'], verdict)
}

function checkOutlierDetection (value: unknown, verdict: Verdict): void {
  if (!isSet(value)) return
  const outlier = asFields(value)
  checkDuration(outlier['baseEjectionTime'], verdict)
  if (asNumber(outlier['consecutiveErrors']) !== 0) verdict.warn('outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead')
  if (outlier['splitExternalLocalOriginErrors'] !== true && asNumber(outlier['consecutiveLocalOriginFailures']) > 0) {
    verdict.error('outlier detection consecutive local origin failures is specified, but split external local origin errors is set to false')
  }
  checkDuration(outlier['interval'], verdict)
  for (const field of ['maxEjectionPercent', 'minHealthPercent']) {
    const percent = asNumber(outlier[field])
    if (percent < 0 || percent > 100) verdict.error(`percentage ${percent} is not in range 0..100`)
  }
}

/** `connectionPool` of a traffic policy or of a Sidecar's ingress. */
export function checkConnectionPool (value: unknown, verdict: Verdict): void {
  if (!isSet(value)) return
  const { http, tcp } = asFields(value)
  if (!isSet(http) && !isSet(tcp)) verdict.error('connection pool must have at least one field')
  if (isSet(http)) checkHttpPool(asFields(http), verdict)
  if (isSet(tcp)) checkTcpPool(asFields(tcp), verdict)
}

function checkHttpPool (http: Fields, verdict: Verdict): void {
  const limits = [['http1MaxPendingRequests', 'http1 max pending requests'], ['http2MaxRequests', 'http2 max requests'], ['maxRequestsPerConnection', 'max requests per connection'], ['maxRetries', 'max retries']] as const
  for (const [field, name] of limits) if (asNumber(http[field]) < 0) verdict.error(`${name} must be non-negative`)
  checkDuration(http['idleTimeout'], verdict)
  if (http['h2UpgradePolicy'] === 'UPGRADE' && http['useClientProtocol'] === true) verdict.error('use client protocol must not be true when H2UpgradePolicy is UPGRADE')
  if (asNumber(http['maxConcurrentStreams']) < 0) verdict.error('max concurrent streams must be non-negative')
  if (!isSet(http['http2KeepAlive'])) return
  for (const field of ['interval', 'timeout']) {
    const duration = asFields(http['http2KeepAlive'])[field]
    if (isSet(duration)) checkDuration(duration, verdict)
    else verdict.error(`http2 keepalive ${field} is required`)
  }
}

function checkTcpPool (tcp: Fields, verdict: Verdict): void {
  if (asNumber(tcp['maxConnections']) < 0) verdict.error('max connections must be non-negative')
  checkDuration(tcp['connectTimeout'], verdict)
  checkDuration(tcp['maxConnectionDuration'], verdict)
  // Nothing means that connections may be idle for ever.
  if (Math.trunc(parseDuration(asText(tcp['idleTimeout'])) ?? 1) !== 0) checkDuration(tcp['idleTimeout'], verdict)
  for (const field of ['time', 'interval']) checkDuration(asFields(tcp['tcpKeepalive'])[field], verdict)
}

function checkLoadBalancer (value: unknown, outlier: unknown, verdict: Verdict): void {
  if (!isSet(value)) return
  const balancer = asFields(value)
  if (isSet(balancer['consistentHash'])) checkConsistentHash(asFields(balancer['consistentHash']), verdict)
  if (isSet(balancer['localityLbSetting']) && isSet(balancer['zoneAwareLbSetting'])) verdict.error('only one of localityLbSetting and zoneAwareLbSetting can be set')
  checkLocalitySetting(balancer['localityLbSetting'], outlier, verdict)
  checkZoneAwareSetting(balancer['zoneAwareLbSetting'], outlier, verdict)
  if (!isSet(balancer['warmup'])) return
  const warmup = asFields(balancer['warmup'])
  checkDuration(warmup['duration'], verdict)
  if (asNumber(warmup['minimumPercent']) > 100) verdict.error('minimumPercent value should be less than or equal to 100')
  if (isSet(warmup['aggression']) && asNumber(warmup['aggression']) <= 0) verdict.error('aggression should be greater than 0')
}

function checkConsistentHash (hash: Fields, verdict: Verdict): void {
  const { httpCookie, maglev } = hash
  if (isSet(httpCookie)) {
    const cookie = asFields(httpCookie)
    if (asText(cookie['name']) === '') verdict.error('name required for HttpCookie')
    const names = new Set<string>()
    for (const attribute of asList(cookie['attributes'])) {
      const name = asText(asFields(attribute)['name'])
      if (name === '') verdict.error('cookie attribute name cannot be empty')
      else if (names.has(name)) verdict.error(`duplicate cookie attribute name: ${name}`)
      names.add(name)
    }
  }
  if (asNumber(hash['minimumRingSize']) !== 0) {
    verdict.warn('consistent hash MinimumRingSize is deprecated, use ConsistentHashLB\'s RingHash configuration instead')
    if (isSet(maglev) || isSet(hash['ringHash'])) verdict.error('only one of MinimumRingSize or Maglev/Ringhash can be specified')
  }
  if (!isSet(maglev)) return
  const size = asNumber(asFields(maglev)['tableSize'])
  if (size === 0) verdict.error('tableSize must be set for maglev')
  if (size >= 5_000_011) verdict.error('tableSize must be less than 5000011 for maglev')
  else if (!isPrime(size)) verdict.error('tableSize must be a prime number for maglev')
}

function isPrime (number: number): boolean {
  if (number < 2) return false
  for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) return false
  return true
}

function checkClientTls (value: unknown, verdict: Verdict): void {
  if (!isSet(value)) return
  const tls = asFields(value)
  const mode = asText(tls['mode'])
  const given = (field: string): boolean => asText(tls[field]) !== ''
  if (tls['insecureSkipVerify'] === true) {
    if (mode === 'SIMPLE' && (given('caCertificates') || given('credentialName') || isSet(tls['subjectAltNames']))) {
      verdict.error('cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true')
    }
    if (mode === 'MUTUAL' && (given('caCertificates') || isSet(tls['subjectAltNames']))) {
      verdict.error('cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set true')
    }
  }
  if ((mode === 'SIMPLE' || mode === 'MUTUAL') && given('credentialName')) {
    if (['clientCertificate', 'caCertificates', 'privateKey', 'caCrl'].some(given)) verdict.error('cannot specify client certificates or CA certificate or CA CRL If credentialName is set')
    return
  }
  if (mode === 'MUTUAL' && !given('clientCertificate')) verdict.error('client certificate required for mutual tls')
  if (mode === 'MUTUAL' && !given('privateKey')) verdict.error('private key required for mutual tls')
}

function checkTunnel (value: unknown, verdict: Verdict): void {
  if (!isSet(value)) return
  const tunnel = asFields(value)
  if (!['', 'CONNECT', 'POST'].includes(asText(tunnel['protocol']))) verdict.error('tunnel protocol must be "CONNECT" or "POST"')
  const host = asText(tunnel['targetHost'])
  const wrongName = checkDomain(host)
  const address = new Verdict()
  checkAddress(host, address)
  if (wrongName !== undefined && address.text !== undefined) verdict.error(`tunnel target host must be valid FQDN or IP address: ${wrongName}; ${address.text}`)
  const port = new Verdict()
  checkPort(asNumber(tunnel['targetPort']), port)
  if (port.text !== undefined) verdict.error(`tunnel target port is invalid: ${port.text}`)
}
