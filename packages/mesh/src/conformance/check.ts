/** What an outcome must share with the measured one; the README of the cases says what is held. */
import type { AccessRecord } from '../access-log.ts'
import type { Access, MeasuredStep, Observed, Seen } from './case.ts'
import type { Answer } from './client.ts'

export interface Outcome {
  readonly answers: readonly Answer[]
  readonly records: readonly AccessRecord[]
  readonly seen: readonly Seen[]
}

/** One line for each thing that differs. */
export function differences ({ step, observed }: MeasuredStep, outcome: Outcome, rules: string): string[] {
  const weighted = rules.includes('weight')
  if ((step.c ?? 1) > 1 && rules.includes('connectionPool')) return overload(observed, outcome, rules)
  if (observed.partial === true) return part(observed, outcome)
  return (step.n ?? 1) > 1 ? many(observed, outcome, rules) : single(observed, outcome, { from: step.from ?? 'productpage', weighted })
}

/** Holds what was looked at and nothing else. */
function part (observed: Observed, { answers: [answer], records, seen }: Outcome): string[] {
  const found: string[] = []
  const differs = (what: string, expected: unknown, got: unknown): void => {
    if (expected !== undefined && expected !== got) found.push(`${what}: expected ${show(expected)}, got ${show(got)}`)
  }
  differs('status', observed.status, answer?.status)
  const pod = podOf(answer?.body ?? '')
  if (!interchangeable(observed, pod)) differs('pod', observed.pod, pod)
  for (const [name, value] of observed.headers ?? []) differs(`header ${name}`, value, answer?.headers.find(([own]) => own.toLowerCase() === name)?.[1])
  const line = records.find((record) => record.direction !== 'inbound')
  for (const { code, flags, details, cluster, route, authority } of observed.access ?? []) {
    differs('code', code, line?.responseCode)
    differs('flags', flags, line?.responseFlags)
    differs('details', details, line?.responseCodeDetails)
    differs('cluster', cluster ?? '-', line?.upstreamCluster ?? '-')
    differs('route', route ?? '-', line?.routeName ?? '-')
    differs('authority', authority, line?.authority)
  }
  for (const { headers } of observed.seen ?? []) {
    const sees = (request: Seen): boolean => headers.every(([name, value]) => request.headers.filter(([own]) => own.toLowerCase() === name).map(([, own]) => own).join(', ') === value)
    if (!seen.some(sees)) found.push(`no server saw ${show(headers)}`)
  }
  return found
}

/** Fields of one connection, and the clock's. */
const notHeld = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding'])

function single (observed: Observed, { answers, records, seen }: Outcome, { from, weighted }: { from: string, weighted: boolean }): string[] {
  const found: string[] = []
  const differs = (what: string, expected: unknown, got: unknown): void => {
    if (expected !== got) found.push(`${what}: expected ${show(expected)}, got ${show(got)}`)
  }
  const [answer] = answers
  if (answer === undefined) return ['no answer and no error']
  if (observed.error !== undefined) {
    if (answer.error === undefined) found.push(`expected no answer (${observed.error}), got ${show(answer.status ?? answer.body)}`)
  } else if (answer.error !== undefined) {
    found.push(`expected ${show(observed.status ?? observed.body)}, got ${answer.error}`)
  } else {
    differs('status', observed.status ?? undefined, answer.status)
    const pod = podOf(answer.body)
    const samePod = pod === observed.pod
    if (!samePod && !(interchangeable(observed, pod) || (weighted && appOf(pod) === appOf(observed.pod)))) differs('pod', observed.pod, pod)
    if (observed.body !== undefined && observed.pod === undefined) differs('body', observed.body, answer.body.slice(0, 300))
    else if (observed.body !== undefined && samePod) differs('body', observed.body, answer.body.slice(0, 300))
    if (observed.headers !== undefined) differs('headers', headerLines(observed.headers, { samePod }), headerLines(answer.headers, { samePod }))
  }
  if (observed.ms !== undefined && observed.ms >= 200) {
    if (answer.duration < observed.ms * 0.9 - 10) found.push(`took ${Math.round(answer.duration)} ms, expected at least ${observed.ms}`)
    if (answer.duration > observed.ms * 2) found.push(`took ${Math.round(answer.duration)} ms, expected ${observed.ms}`)
  }
  const own = records.filter((record) => record.direction !== 'inbound')
  const others = records.filter((record) => record.direction === 'inbound')
  differs('access log', accessLines(observed.access), recordLines(own))
  differs('access log of the server', accessLines(observed.downstream_access), recordLines(others))
  differs('requests that servers saw', seenLines(observed.seen ?? []), seenLines(seen))
  for (const record of own) if (!record.proxy.endsWith(`/${from === 'outside' ? 'gateway' : from}`)) found.push(`logged by ${record.proxy}`)
  return found
}

/** Endpoints of one cluster take turns by chance: any pod of the same app will do where the cluster is the whole Service. */
function interchangeable (observed: Observed, pod: string | undefined): boolean {
  const subset = observed.access?.[0]?.cluster?.split('|')[2]
  return subset === '' && pod !== undefined && appOf(pod) === appOf(observed.pod)
}

function appOf (pod: string | undefined): string | undefined {
  return pod?.replace(/-v\d+$/, '')
}

function podOf (body: string): string | undefined {
  return /"pod": "([^"]+)"/.exec(body)?.[1]
}

function headerLines (headers: ReadonlyArray<readonly [string, string]>, { samePod }: { samePod: boolean }): string {
  return headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !notHeld.has(name))
    .map(([name, value]) => name === 'x-envoy-upstream-service-time' || (name === 'content-length' && !samePod) ? name : `${name}: ${value}`)
    .sort()
    .join('; ')
}

function accessLines (lines: readonly Access[] = []): string {
  return lines.map((line) => [
    line.method, line.authority, line.path, line.code, line.flags, line.details, line.cluster, line.route, `attempts ${line.attempts}`,
    line.upstream === undefined ? 'no upstream' : 'upstream', line.ufail
  ].map((field) => field ?? '-').join(' ')).sort().join(' | ')
}

function recordLines (records: readonly AccessRecord[]): string {
  return accessLines(records.map((record) => ({
    proxy: record.proxy,
    code: record.responseCode,
    flags: record.responseFlags,
    attempts: record.attempts,
    ...optional('details', record.responseCodeDetails),
    ...optional('cluster', record.upstreamCluster),
    ...optional('route', record.routeName),
    ...optional('authority', record.authority),
    ...optional('method', record.method),
    ...optional('path', record.path),
    ...optional('ufail', record.upstreamTransportFailureReason),
    ...optional('upstream', record.upstreamHost)
  })))
}

function optional<Key extends string, Value> (key: Key, value: Value | undefined): Partial<Record<Key, Value>> {
  return value === undefined ? {} : { [key]: value } as Partial<Record<Key, Value>>
}

/** Values that are an address, an id or a name of their own are told only as present. */
const anyValue = /^(x-request-id|x-forwarded-for|x-envoy-external-address)$/

function seenLines (seen: readonly Seen[]): string {
  return seen.map(({ method, path, headers }) => `${method} ${path} ${headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !notHeld.has(name) && name !== 'content-length')
    .map(([name, value]) => anyValue.test(name) && value !== 'mine' && !value.includes('1.2.3.4') ? name : `${name}=${value.replace(/,10\.44\.0\.81$|,127\.0\.0\.1$/, ',client')}`)
    .sort().join(' ')}`).sort().join(' | ')
}

/**
 * Which of many requests at once find the breaker open is chance in Envoy too. Certain is: how they fail, that some do where most did,
 * and that none does where nothing limits the waiting ones.
 */
function overload (observed: Observed, { answers, records }: Outcome, rules: string): string[] {
  const allowed = new Set(['200 - via_upstream', '503 UO upstream_reset_before_response_started{overflow}', '503 - via_upstream', ...(rules.includes('outlierDetection') ? ['503 UH no_healthy_upstream'] : [])])
  const found = records.filter((record) => record.direction !== 'inbound')
    .map((record) => `${record.responseCode} ${record.responseFlags} ${record.responseCodeDetails ?? 'None'}`)
    .filter((line) => !allowed.has(line))
    .map((line) => `flags: got ${line}`)
  const measured = typeof observed.status === 'object' ? observed.status : {}
  const failed = answers.filter(({ status }) => status !== 200)
  const share = (measured['503'] ?? 0) / (observed.n ?? 1)
  if (share >= 0.5 && (failed.length === 0 || failed.length === answers.length)) found.push(`status: expected some of each of ${show(measured)}, got ${failed.length} of ${answers.length} failed`)
  if (share === 0 && failed.length > 0 && !rules.includes('http1MaxPendingRequests')) found.push(`status: expected no failure, got ${failed.length} of ${answers.length}`)
  for (const { body, headers } of failed) {
    const overloaded = headers.some(([name, value]) => name.toLowerCase() === 'x-envoy-overloaded' && value === 'true')
    const ejected = body === 'no healthy upstream' && rules.includes('outlierDetection')
    if (!ejected && !(overloaded && body === 'upstream connect error or disconnect/reset before headers. reset reason: overflow')) found.push(`overflow: got ${show(body)}, ${show(headers)}`)
  }
  return found
}

/** Where endpoints are ejected, which ones is chance: the first to fail. */
function ranked (counts: Readonly<Record<string, number>>, rules: string): Readonly<Record<string, number>> {
  if (!rules.includes('outlierDetection')) return counts
  return Object.fromEntries(Object.values(counts).sort((a, b) => b - a).map((value, index) => [`endpoint ${index + 1}`, value]))
}

function many (observed: Observed, { answers, records, seen }: Outcome, rules: string): string[] {
  // Behind an overload nobody knows whether the endpoint has been ejected: it depends on the moment.
  if (rules.includes('outlierDetection') && rules.includes('connectionPool')) {
    const outcomes = new Set(answers.map(({ status, body }) => `${status ?? 0} ${status === 200 ? '' : body}`))
    return outcomes.size === 1 && (outcomes.has('200 ') || outcomes.has('503 no healthy upstream')) ? [] : [`status: expected all 200 or all ejected, got ${show([...outcomes])}`]
  }
  const own = records.filter((record) => record.direction !== 'inbound')
  const found = [
    ...shares('status', typeof observed.status === 'object' ? observed.status : {}, count(answers.map(({ status }) => String(status ?? 'None')))),
    ...shares('pods', ranked(observed.pods ?? {}, rules), ranked(count(answers.map(({ body, status }) => podOf(body) ?? (status === undefined ? body.split(' ')[0] : '') ?? '').filter((pod) => pod !== '')), rules)),
    ...shares('flags', observed.flags ?? {}, count(own.map((record) => `${record.responseCode} ${record.responseFlags} ${record.responseCodeDetails ?? 'None'}`))),
    ...shares('requests at servers', ranked(observed.backend_requests ?? {}, rules), ranked(count(seen.map(({ pod }) => pod)), rules))
  ]
  return found
}

function count (values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

/** Where shares are by chance: a bound that a right program misses once in a million. What is certain is held exactly. */
const bound = 4.9

function shares (what: string, expected: Readonly<Record<string, number>>, got: Readonly<Record<string, number>>): string[] {
  const expectedTotal = sum(expected)
  const total = sum(got)
  const wrong = [...new Set([...Object.keys(expected), ...Object.keys(got)])].filter((key) => {
    const [a, b] = [expected[key] ?? 0, got[key] ?? 0]
    if (a === b && expectedTotal === total) return false
    // Everything or nothing in enough requests is no chance.
    if (expectedTotal >= 60 && (a === 0 || a === expectedTotal)) return true
    if (expectedTotal === 0 || total === 0 || Object.keys(expected).length <= 1) return true
    const p = (a + b) / (expectedTotal + total)
    const deviation = Math.sqrt(p * (1 - p) * (1 / expectedTotal + 1 / total))
    return Math.abs(a / expectedTotal - b / total) > bound * deviation + 1 / total
  })
  return wrong.length === 0 ? [] : [`${what}: expected ${show(expected)}, got ${show(got)}`]
}

function sum (counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, value) => total + value, 0)
}

function show (value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value) ?? 'nothing'
}
