import { STATUS_CODES } from 'node:http'
import { asFields, asList, asNumber, asText, asTexts, isSet, type Fields } from '../../value.ts'
import { checkDuration } from '../durations.ts'
import { checkDestination, checkPort, quote } from '../names.ts'
import { checkRegex } from '../regex.ts'
import type { Verdict } from '../verdict.ts'
import { checkCorsName } from './header-operations.ts'
import { checkRegexMatch } from './string-match.ts'

const corsMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', '*'])
const grpcStatuses = new Set([
  'OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'
])
const retryConditions = new Set([
  '5xx', 'gateway-error', 'reset', 'reset-before-request', 'connect-failure', 'retriable-4xx', 'refused-stream', 'retriable-status-codes',
  'retriable-headers', 'envoy-ratelimited', 'http3-post-connect-failure', 'cancelled', 'deadline-exceeded', 'internal', 'resource-exhausted', 'unavailable'
])
const kibibyte = 1024

export function checkCors (value: unknown, verdict: Verdict): void {
  const cors = asFields(value)
  for (const origin of asList(cors['allowOrigins'])) {
    const { exact, prefix, regex } = asFields(origin)
    const text = asText(exact ?? prefix ?? regex)
    if (text === '') verdict.error(`'${text}' is not a valid match type for CORS allow origins`)
    else checkRegexMatch(origin, 'corsPolicy.allowOrigins', verdict)
  }
  for (const method of asTexts(cors['allowMethods'])) if (!corsMethods.has(method)) verdict.error(`${quote(method)} is not a supported HTTP method`)
  for (const name of [...asTexts(cors['allowHeaders']), ...asTexts(cors['exposeHeaders'])]) checkCorsName(name, verdict)
  checkDuration(cors['maxAge'], verdict)
  if (/\.\d|\d(?:ms|us|ns)/.test(asText(cors['maxAge']))) verdict.listedError('max_age duration is accurate only to seconds precision')
}

export function checkFault (value: unknown, verdict: Verdict): void {
  if (!isSet(value)) return
  const { abort, delay } = asFields(value)
  if (!isSet(abort) && !isSet(delay)) verdict.listedError('HTTP fault injection must have an abort and/or a delay')
  if (isSet(abort)) checkAbort(asFields(abort), verdict)
  if (isSet(delay)) checkDelay(asFields(delay), verdict)
}

function checkAbort (abort: Fields, verdict: Verdict): void {
  checkPercentage(abort['percentage'], verdict)
  const grpcStatus = abort['grpcStatus']
  if (isSet(grpcStatus)) {
    if (!grpcStatuses.has(asText(grpcStatus))) {
      verdict.error(`gRPC status ${quote(asText(grpcStatus))} is not supported. See https://github.com/grpc/grpc/blob/master/doc/statuscodes.md for a list of supported codes, for example 'NOT_FOUND'`)
    }
  } else if (isSet(abort['http2Error'])) verdict.error('HTTP/2 abort fault injection not supported yet')
  else if (isSet(abort['httpStatus'])) checkStatus(asNumber(abort['httpStatus']), verdict)
}

function checkDelay (delay: Fields, verdict: Verdict): void {
  checkPercentage(delay['percentage'], verdict)
  checkDuration(delay['fixedDelay'], verdict)
  if (!isSet(delay['exponentialDelay'])) return
  checkDuration(delay['exponentialDelay'], verdict)
  verdict.listedError('exponentialDelay not supported yet')
}

function checkPercentage (value: unknown, verdict: Verdict): void {
  const percent = asNumber(asFields(value)['value'])
  if (percent < 0 || percent > 100 || (percent > 0 && percent < 0.0001)) verdict.error(`percentage ${percent} is neither 0.0, nor in range [0.0001, 100.0]`)
}

function checkStatus (status: number, verdict: Verdict): void {
  if (status < 200 || status > 600) verdict.error(`HTTP status ${status} is not in range 200-599`)
}

export function checkMirrors (http: Fields, verdict: Verdict): void {
  if (isSet(http['mirrorPercent']) || isSet(http['mirror_percent'])) {
    const percent = asNumber(http['mirrorPercent'] ?? http['mirror_percent'])
    if (percent > 100) verdict.error(`mirror_percent must have a max value of 100 (it has ${percent})`)
    verdict.warn('using deprecated setting "mirrorPercent", use "mirrorPercentage" instead')
  }
  checkShare(http['mirrorPercentage'], 'mirror_percentage', verdict)
  if (isSet(http['mirror'])) checkDestination(asFields(http['mirror']), verdict)
  for (const mirror of asList(http['mirrors'])) {
    const { destination, percentage } = asFields(mirror)
    if (!isSet(destination)) {
      verdict.error('destination is required for mirrors')
      continue
    }
    checkDestination(asFields(destination), verdict)
    checkShare(percentage, 'mirror percentage', verdict)
  }
}

function checkShare (value: unknown, name: string, verdict: Verdict): void {
  const percent = asNumber(asFields(value)['value'])
  if (percent > 100) verdict.error(`${name} must have a max value of 100 (it has ${percent.toFixed(6)})`)
  if (percent < 0) verdict.error(`${name} must have a min value of 0 (it has ${percent.toFixed(6)})`)
}

export function checkRedirect (value: unknown, matches: readonly unknown[], verdict: Verdict): void {
  if (!isSet(value)) return
  const redirect = asFields(value)
  const uri = asText(redirect['uri'])
  const prefixRewrite = asText(redirect['prefixRewrite'])
  const scheme = asText(redirect['scheme'])
  const code = asNumber(redirect['redirectCode'])
  if (uri !== '' && prefixRewrite !== '') verdict.error('redirect may only specify one of uri or prefix_rewrite')
  else if (prefixRewrite !== '' && matches.some(match => isSet(asFields(match)['uri']) && asFields(asFields(match)['uri'])['prefix'] === undefined)) {
    verdict.error('redirect prefix_rewrite requires all URI matches to use prefix match type')
  } else if (uri === '' && prefixRewrite === '' && asText(redirect['authority']) === '' && scheme === '' && !isSet(redirect['port']) && !isSet(redirect['derivePort'])) {
    verdict.error('redirect must specify URI, authority, scheme, or port')
  } else if (code !== 0 && (code < 300 || code > 399)) verdict.error(`${code} is not a valid redirect code, must be 3xx`)
  else if (scheme !== '' && scheme !== 'http' && scheme !== 'https') verdict.error('invalid redirect scheme, must be "http" or "https"')
  else if (asNumber(redirect['port']) > 0) checkPort(asNumber(redirect['port']), verdict)
}

export function checkDirectResponse (value: unknown, verdict: Verdict): void {
  if (!isSet(value)) return
  const response = asFields(value)
  const { string, bytes } = asFields(response['body'])
  const size = string === undefined ? Math.floor(asText(bytes).length * 3 / 4) : Buffer.byteLength(asText(string))
  if (size > kibibyte * kibibyte) verdict.error('large direct_responses may impact control plane performance, must be less than 1MB')
  else if (size > 100 * kibibyte) verdict.warn('large direct_responses may impact control plane performance')
  checkStatus(asNumber(response['status']), verdict)
}

export function checkRetries (value: unknown, verdict: Verdict): void {
  if (!isSet(value)) return
  const retries = asFields(value)
  const attempts = asNumber(retries['attempts'])
  const retryOn = asText(retries['retryOn'])
  if (attempts < 0) verdict.listedError('attempts cannot be negative')
  if (attempts === 0 && (isSet(retries['perTryTimeout']) || retryOn !== '' || isSet(retries['retryRemoteLocalities']))) {
    verdict.error('http retry policy configured when attempts are set to 0 (disabled)')
  }
  checkDuration(retries['perTryTimeout'], verdict)
  for (const condition of retryOn === '' ? [] : retryOn.split(',')) {
    // Node names one status more than Go does, 509.
    const status = /^\+?\d+$/.test(condition) && condition !== '509' && STATUS_CODES[Number(condition)] !== undefined
    if (!status && !retryConditions.has(condition)) verdict.error(`${quote(condition)} is not a valid retryOn policy`)
  }
  checkDuration(retries['backoff'], verdict)
}

export function checkRewrite (value: unknown, verdict: Verdict): void {
  if (!isSet(value)) return
  const rewrite = asFields(value)
  const uri = asText(rewrite['uri'])
  const hasRegex = isSet(rewrite['uriRegexRewrite'])
  if (uri !== '' && hasRegex) verdict.error('rewrite may only contain one of URI or UriRegexRewrite')
  else if (uri === '' && !hasRegex && asText(rewrite['authority']) === '') {
    verdict.error('rewrite must specify at least one of URI, UriRegexRewrite, or authority. Only one of URI or UriRegexRewrite may be specified')
  } else if (hasRegex) {
    const { match, rewrite: replacement } = asFields(rewrite['uriRegexRewrite'])
    const wrong = asText(match) === '' || asText(replacement) === ''
      ? 'UriRegexRewrite requires both Rewrite and Match fields to be specified'
      : checkRegex(asText(match), 'HTTPRewrite.UriRegexRewrite.Match')
    if (wrong !== undefined) verdict.error(`UriRegexRewrite has errors\n${wrong}`)
  }
}
