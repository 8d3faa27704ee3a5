import { asFields, asTexts, asText } from '../../value.ts'
import { quote } from '../names.ts'
import type { Verdict } from '../verdict.ts'

// eslint-disable-next-line no-control-regex
const controlCharacters = /[\u0000-\u0008\u000a-\u001f\u007f]/
const headerName = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/
const pseudoHeaders = new Set([':method', ':scheme', ':authority', ':path', ':status'])

/** `headers` of a route or of one of its destinations: what to set, add and remove on requests and responses. */
export function checkHeaderOperations (headers: unknown, verdict: Verdict): void {
  const request = asFields(asFields(headers)['request'])
  const response = asFields(asFields(headers)['response'])
  for (const operation of ['add', 'set']) checkValues(request[operation], name => { checkRequestName(name, verdict) }, verdict)
  for (const name of asTexts(request['remove'])) checkName(name, verdict)
  for (const operation of ['add', 'set']) checkValues(response[operation], name => { checkName(name, verdict) }, verdict)
  for (const name of asTexts(response['remove'])) checkName(name, verdict)
}

/** Name of a header in a match, or of a claim of a token (`@request.auth.claims...`). */
export function checkMatchedName (name: string, verdict: Verdict): void {
  if (name === '') verdict.error('header name cannot be empty')
  else if (!isClaim(name) && !pseudoHeaders.has(name) && !headerName.test(name)) verdict.error(`header name ${name} is not a valid header name`)
}

export function checkCorsName (name: string, verdict: Verdict): void {
  if (name === '') verdict.error('header name cannot be empty')
  else if (!headerName.test(name)) verdict.error(`header name ${name} is not a valid header name`)
}

export function isClaim (name: string): boolean {
  return /^@request\.auth\.claims(?:\.|\[).+/i.test(name)
}

export function isAuthority (name: string): boolean {
  return ['host', ':authority'].includes(name.toLowerCase())
}

function checkValues (operations: unknown, checkThisName: (name: string) => void, verdict: Verdict): void {
  for (const [name, value] of Object.entries(asFields(operations))) {
    checkThisName(name)
    checkValue(asText(value), verdict)
  }
}

function checkRequestName (name: string, verdict: Verdict): void {
  if (name === '') verdict.error('header name cannot be empty')
  else if (name.startsWith(':') && !isAuthority(name)) verdict.error(`invalid header ${quote(name)}: header cannot have ":" prefix`)
}

function checkName (name: string, verdict: Verdict): void {
  if (name === '') verdict.error('header name cannot be empty')
  else if (name.toLowerCase() === 'host') verdict.error(`invalid header ${quote(name)}: cannot set Host header`)
  else if (name.startsWith(':')) verdict.error(`invalid header ${quote(name)}: header cannot have ":" prefix`)
}

/**
 * A value may hold Envoy's variables, `%NAME%` or `%NAME(argument)%`; a percent sign of its own is written twice.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#custom-request-response-headers
 */
function checkValue (value: string, verdict: Verdict): void {
  if (controlCharacters.test(value)) {
    verdict.error(`header value configuration ${value} is invalid`)
    return
  }
  let rest = value
  for (;;) {
    const percent = rest.indexOf('%')
    if (percent === -1) return
    rest = rest.slice(percent + 1)
    if (rest === '') {
      verdict.error('header value configuration: invalid header configuration. Un-escaped %')
      return
    }
    const [taken] = /^(?:%|[^%(]*%|[^%(]*\([^)]*\) *%)/.exec(rest) ?? []
    if (taken === undefined) {
      verdict.error(`header value configuration: invalid header configuration. Un-terminated variable expression '${value}'`)
      return
    }
    rest = rest.slice(taken.length)
  }
}
