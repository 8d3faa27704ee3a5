import { isIP } from 'node:net'
import { asFields, asList, asNumber, asTexts, isFields, type Fields } from '../../value.ts'
import { checkExportTo, checkGatewayNames, checkLabelSet, checkPort, checkSubnet, checkWildcardDomain, hostsOverlap, isWithinHost, quote } from '../names.ts'
import { Verdict } from '../verdict.ts'
import { isClaim } from './header-operations.ts'
import { checkDestinations, checkHttpRoute } from './http-route.ts'
import { findUnusedRoutes } from './unused-routes.ts'

/** `spec` of a VirtualService, in the order of Istio's own checks. */
export function checkVirtualService (spec: Fields, namespace: string): Verdict {
  const verdict = new Verdict()
  const hosts = asTexts(spec['hosts'])
  const gateways = asTexts(spec['gateways'])
  const [http, tls, tcp] = ['http', 'tls', 'tcp'].map(protocol => asList(spec[protocol])) as [readonly unknown[], readonly unknown[], readonly unknown[]]
  const inDelegate = hosts.length === 0
  if (inDelegate) {
    if (gateways.length > 0) verdict.error('delegate virtual service must have no gateways specified')
    if (tls.length > 0) verdict.error('delegate virtual service must have no tls route specified')
    if (tcp.length > 0) verdict.error('delegate virtual service must have no tcp route specified')
  }
  checkGatewayNames(gateways, verdict)
  const forGateways = gateways.length > 0 && !gateways.includes('mesh')
  if (!forGateways) checkClaims(http, gateways, verdict)
  checkHosts(hosts, forGateways, verdict)
  if (http.length + tls.length + tcp.length === 0) verdict.error('http, tcp or tls must be provided in virtual service')
  for (const route of http) {
    if (isFields(route)) checkHttpRoute(route, inDelegate, verdict)
    else verdict.error('http route may not be null')
  }
  for (const route of tls) checkTlsRoute(asFields(route), hosts, verdict)
  for (const route of tcp) checkTcpRoute(asFields(route), verdict)
  checkExportTo(spec['exportTo'], namespace, verdict)
  for (const routes of [http, tcp, tls]) for (const { message } of findUnusedRoutes(routes)) verdict.warn(message)
  return verdict
}

function checkClaims (http: readonly unknown[], gateways: readonly string[], verdict: Verdict): void {
  for (const match of http.flatMap(route => asList(asFields(route)['match'])).map(asFields)) {
    for (const key of [...Object.keys(asFields(match['headers'])), ...Object.keys(asFields(match['withoutHeaders']))]) {
      if (isClaim(key)) verdict.error(`JWT claim based routing (key: ${key}) is only supported for gateway, found no gateways: [${gateways.join(' ')}]`)
    }
  }
}

function checkHosts (hosts: readonly string[], forGateways: boolean, verdict: Verdict): void {
  let valid = true
  for (const host of hosts) {
    const wrong = checkWildcardDomain(host)
    if (wrong !== undefined && isIP(host) !== 0) continue
    if (wrong !== undefined) verdict.error(wrong)
    else if (!forGateways && host === '*') verdict.error('wildcard host * is not allowed for virtual services bound to the mesh gateway')
    else continue
    valid = false
  }
  if (!valid) return
  hosts.forEach((host, index) => {
    for (const other of hosts.slice(index + 1)) if (hostsOverlap(host, other)) verdict.error(`duplicate hosts in virtual service: ${host} & ${other}`)
  })
}

function checkTlsRoute (route: Fields, hosts: readonly string[], verdict: Verdict): void {
  const matches = asList(route['match'])
  if (matches.length === 0) verdict.error('TLS route must have at least one match condition')
  for (const match of matches.map(asFields)) {
    const names = asTexts(match['sniHosts'])
    if (names.length === 0) verdict.error('TLS match must have at least one SNI host')
    for (const name of names) checkSniHost(name, hosts, verdict)
    checkConnection(match, verdict)
    checkGatewayNames(asTexts(match['gateways']), verdict)
  }
  const destinations = asList(route['route'])
  if (destinations.length === 0) verdict.error('TLS route is required')
  checkDestinations(destinations, verdict)
}

function checkSniHost (name: string, hosts: readonly string[], verdict: Verdict): void {
  const wrong = checkWildcardDomain(name)
  if (wrong !== undefined) {
    if (isIP(name) === 0) verdict.error(wrong)
    else verdict.warn(`using an IP address (${quote(name)}) goes against SNI spec and most clients do not support this`)
  } else if (!hosts.some(host => isWithinHost(name, host))) {
    verdict.error(`SNI host ${quote(name)} is not a compatible subset of any of the virtual service hosts: [${hosts.join(', ')}]`)
  }
}

function checkTcpRoute (route: Fields, verdict: Verdict): void {
  for (const match of asList(route['match']).map(asFields)) {
    checkConnection(match, verdict)
    const gateways = new Verdict()
    checkGatewayNames(asTexts(match['gateways']), gateways)
    verdict.addErrors(gateways)
  }
  const destinations = asList(route['route'])
  if (destinations.length === 0) verdict.error('TCP route is required')
  checkDestinations(destinations, verdict)
}

function checkConnection (match: Fields, verdict: Verdict): void {
  for (const subnet of asTexts(match['destinationSubnets'])) checkSubnet(subnet, verdict)
  if (asNumber(match['port']) !== 0) checkPort(asNumber(match['port']), verdict)
  checkLabelSet(match['sourceLabels'], verdict)
}
