import { asFields, asList, asNumber, asText, asTexts, isSet, type Fields } from '../../value.ts'
import { checkDuration } from '../durations.ts'
import { checkDestination, checkGatewayNames, checkLabelSet, checkPort, isDnsLabel, quote } from '../names.ts'
import { Verdict } from '../verdict.ts'
import { checkHeaderOperations, checkMatchedName, isAuthority } from './header-operations.ts'
import { checkCors, checkDirectResponse, checkFault, checkMirrors, checkRedirect, checkRetries, checkRewrite } from './route-actions.ts'
import { checkRegexMatch, checkStringMatch } from './string-match.ts'

/** One rule of `spec.http`. `inDelegate`: the VirtualService has no hosts, so another one includes it. */
export function checkHttpRoute (http: Fields, inDelegate: boolean, verdict: Verdict): void {
  const matches = asList(http['match'])
  checkConflicts(http, inDelegate, verdict)
  checkMatches(matches, verdict)
  checkHeaderOperations(http['headers'], verdict)
  checkCors(http['corsPolicy'], verdict)
  checkFault(http['fault'], verdict)
  checkMirrors(http, verdict)
  checkRedirect(http['redirect'], matches, verdict)
  checkDirectResponse(http['directResponse'], verdict)
  checkRetries(http['retries'], verdict)
  checkRewrite(http['rewrite'], verdict)
  checkAuthority(http, verdict)
  checkDestinations(asList(http['route']), verdict)
  checkDuration(http['timeout'], verdict)
}

function checkConflicts (http: Fields, inDelegate: boolean, verdict: Verdict): void {
  const { redirect, directResponse, fault, rewrite, delegate } = http
  const routes = asList(http['route']).length > 0
  if (isSet(delegate) && !inDelegate) {
    const name = asText(http['name'])
    if (isSet(redirect)) verdict.error(`root HTTP route ${name} must not specify redirect`)
    if (routes) verdict.error(`root HTTP route ${name} must not specify route`)
    return
  }
  if (isSet(delegate)) verdict.error('delegate HTTP route cannot contain delegate')
  if (isSet(redirect)) {
    if (routes) verdict.error('HTTP route cannot contain both route and redirect')
    if (isSet(fault)) verdict.error('HTTP route cannot contain both fault and redirect')
    if (isSet(rewrite)) verdict.error('HTTP route rule cannot contain both rewrite and redirect')
    if (isSet(directResponse)) verdict.error('HTTP route rule cannot contain both direct_response and redirect')
  } else if (isSet(directResponse)) {
    if (routes) verdict.error('HTTP route cannot contain both route and direct_response')
    if (isSet(fault)) verdict.error('HTTP route cannot contain both fault and direct_response')
    if (isSet(rewrite)) verdict.error('HTTP route rule cannot contain both rewrite and direct_response')
  } else if (!routes) verdict.error('HTTP route, redirect or direct_response is required')
  if (isSet(http['mirror']) && asList(http['mirrors']).length > 0) verdict.error('HTTP route cannot contain both mirror and mirrors')
}

function checkMatches (matches: readonly unknown[], verdict: Verdict): void {
  for (const match of matches.map(asFields)) {
    for (const [name, header] of Object.entries(asFields(match['headers']))) {
      if (!isSet(header)) verdict.error(`header match ${name} cannot be null`)
      checkMatchedName(name, verdict)
      checkStringMatch(header, 'headers', verdict)
    }
    for (const [name, header] of Object.entries(asFields(match['withoutHeaders']))) {
      checkMatchedName(name, verdict)
      // Not an expression: it asks whether the header is there.
      if (asFields(header)['regex'] !== '*') checkStringMatch(header, 'withoutHeaders', verdict)
    }
    checkRegexMatch(match['uri'], 'uri', verdict)
    for (const field of ['scheme', 'method', 'authority']) checkStringMatch(match[field], field, verdict)
    for (const parameter of Object.values(asFields(match['queryParams']))) checkStringMatch(parameter, 'queryParams', verdict)
  }
  for (const match of matches.map(asFields)) {
    if (asNumber(match['port']) !== 0) checkPort(asNumber(match['port']), verdict)
    checkLabelSet(match['sourceLabels'], verdict)
    const gateways = new Verdict()
    checkGatewayNames(asTexts(match['gateways']), gateways)
    verdict.addErrors(gateways)
    const namespace = asText(match['sourceNamespace'])
    if (namespace !== '' && !isDnsLabel(namespace)) verdict.error(`sourceNamespace match ${namespace} is invalid`)
  }
}

/** The Host header may be rewritten in one place only. */
function checkAuthority (http: Fields, verdict: Verdict): void {
  const request = asFields(asFields(http['headers'])['request'])
  let current = asText(asFields(http['rewrite'])['authority'])
  for (const [name, value] of [...Object.entries(asFields(request['set'])), ...Object.entries(asFields(request['add']))]) {
    if (!isAuthority(name)) continue
    if (current !== '') {
      verdict.error(`authority header cannot be set multiple times: have ${quote(current)}, attempting to set ${quote(asText(value))}`)
      return
    }
    current = asText(value)
  }
}

/** Destinations with their weights: of an HTTP, TLS or TCP route. */
export function checkDestinations (routes: readonly unknown[], verdict: Verdict): void {
  let total = 0
  for (const route of routes.map(asFields)) {
    const weight = asNumber(route['weight'])
    if (isSet(route['destination'])) {
      checkHeaderOperations(route['headers'], verdict)
      checkDestination(asFields(route['destination']), verdict)
    } else verdict.listedError('destination is required')
    if (weight < 0) verdict.error(`weight ${weight} < 0`)
    total += weight
  }
  if (routes.length > 1 && total === 0) verdict.error('total destination weight = 0')
}
