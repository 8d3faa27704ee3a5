import { asFields, asList, asNumber, asText, asTexts, isSet, type Fields } from '../value.ts'
import { checkAddress, checkNamespacedHost, checkPort, checkUnixAddress, isDnsLabel, parseProtocol, quote } from './names.ts'
import { checkServerTls } from './server-tls.ts'
import { Verdict } from './verdict.ts'

/** `spec` of a Gateway, in the order of Istio's own checks. */
export function checkGateway (spec: Fields, name: string): Verdict {
  const verdict = new Verdict()
  if (!isDnsLabel(name)) verdict.error(`invalid gateway name: ${quote(name)}`)
  const servers = asList(spec['servers']).map(asFields)
  if (servers.length === 0) verdict.error('gateway must have at least one server')
  for (const server of servers) checkServer(server, verdict)
  const names = new Set<string>()
  for (const server of servers.filter(({ port }) => isSet(port))) {
    const port = asFields(server['port'])
    const portName = asText(port['name'])
    if (names.has(portName)) verdict.error(`port names in servers must be unique: duplicate name ${portName}`)
    names.add(portName)
    if (parseProtocol(asText(port['protocol'])) !== 'http' && asFields(server['tls'])['httpsRedirect'] === true) verdict.warn('tls.httpsRedirect should only be used with http servers')
  }
  return verdict
}

function checkServer (server: Fields, verdict: Verdict): void {
  const hosts = asTexts(server['hosts'])
  if (hosts.length === 0) verdict.error('server config must contain at least one host')
  for (const host of hosts) checkNamespacedHost(host, 'gateway', verdict)

  const ofPort = new Verdict()
  checkServerPort(server['port'], asText(server['bind']), ofPort)
  verdict.add(ofPort)
  checkBind(asFields(server['port']), asText(server['bind']), verdict)
  checkServerTls(server['tls'], verdict)
  if (ofPort.failed) return

  const protocol = parseProtocol(asText(asFields(server['port'])['protocol']))
  const tls = asFields(server['tls'])
  if (protocol === 'tls') {
    if (!isSet(server['tls'])) verdict.error('server must have TLS settings for HTTPS/TLS protocols')
  } else if (isSet(server['tls'])) {
    const passthrough = [undefined, 'PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(asText(tls['mode']) || undefined)
    const certificates = ['caCertificates', 'privateKey', 'serverCertificate'].some(field => asText(tls[field]) !== '')
    if (protocol !== 'http') verdict.error('server cannot have TLS settings for non HTTPS/TLS ports')
    else if (!passthrough || certificates) verdict.error('server cannot have TLS settings for plain text HTTP ports')
  }
}

function checkServerPort (value: unknown, bind: string, verdict: Verdict): void {
  if (!isSet(value)) {
    verdict.error('port is required')
    return
  }
  const port = asFields(value)
  const protocol = asText(port['protocol'])
  const number = asNumber(port['number'])
  if (parseProtocol(protocol) === 'unsupported') verdict.error(`invalid protocol ${quote(protocol)}, supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP`)
  if (number > 0 || !bind.startsWith('unix://')) checkPort(number, verdict)
  if (asNumber(port['targetPort']) > 0) verdict.error('targetPort has no impact on Gateways')
  if (asText(port['name']) === '') verdict.error(`port name must be set: ${printPort(port)}`)
}

function checkBind (port: Fields, bind: string, verdict: Verdict): void {
  if (!bind.startsWith('unix://')) {
    if (bind !== '') checkAddress(bind, verdict)
    return
  }
  checkUnixAddress(bind.slice('unix://'.length), verdict)
  const number = asNumber(port['number'])
  if (number !== 0) verdict.error(`port number must be 0 for unix domain socket: ${printPort(port)}`)
}

/** A port as protobuf's text form has it: fields with values only. */
function printPort (port: Fields): string {
  const fields = [['number', asNumber(port['number'])], ['protocol', asText(port['protocol'])], ['name', asText(port['name'])]] as const
  return fields.filter(([, value]) => value !== 0 && value !== '').map(([name, value]) => `${name}:${JSON.stringify(value)}`).join(' ')
}
