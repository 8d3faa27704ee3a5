/** Holds a prediction against what a test expects: each field of `expect` has its check, and what is not written is not checked. */
import { matchesString } from '@bankinfo/mesh'
import { parseDuration, type FieldPath } from '@bankinfo/mesh/rules'
import { destinationInWords, destinationNamed, flagShares, isNamed, isShare, percent, sharesInWords, statusShares, wholeHost } from './outcome.ts'
import type { ComparedHeaders, Expectation, ExpectedDestination, ExpectedMirror } from './schema.ts'
import type { PredictedEnd, Prediction, StringMatch } from '@bankinfo/mesh'

/** One expectation that does not hold. */
export interface Mismatch {
  /** Steps below `expect`. */
  readonly path: FieldPath
  readonly expected: string
  readonly actual: string
}

export interface CheckContext {
  readonly namespace: string
  /** Names by which a test may call a workload or address: its own and its Deployment's. */
  readonly namesOf: (endpoint: string) => readonly string[]
}

type Check<Field extends keyof Expectation> = (expected: NonNullable<Expectation[Field]> | Extract<Expectation[Field], null>, prediction: Prediction, context: CheckContext) => readonly Mismatch[]

/** @returns what does not hold, in the order of the fields */
export function check (expectation: Expectation, prediction: Prediction, context: CheckContext): readonly Mismatch[] {
  return Object.entries(expectation).flatMap(([field, expected]) => {
    const one = checks[field as keyof Expectation] as Check<keyof Expectation>
    return one(expected, prediction, context).map(({ path, ...rest }) => ({ path: [field, ...path], ...rest }))
  })
}

const checks: { readonly [Field in keyof Expectation]-?: Check<Field> } = {
  rule: checkRule,
  route: checkRoute,
  destination: checkDestination,
  shares: checkShares,
  pods: checkPods,
  loadBalancer: (expected, { ends }) => same(expected, ends.map(({ destination }) => destination?.loadBalancer ?? 'none: nothing is sent on')),
  status: checkStatus,
  flags: (expected, prediction) => {
    const shares = flagShares(prediction)
    return shares.size === 1 && shares.has(expected) ? [] : differs(expected, sharesInWords(shares, String))
  },
  attempts: (expected, { ends }) => same(String(expected), ends.map(({ attempts }) => String(attempts))),
  body: (expected, { abort, ends }) => same(JSON.stringify(expected), abort?.percentage === 100
    ? ['"fault filter abort"']
    : ends.map(({ response, request }) => request === undefined ? JSON.stringify(response?.body ?? '') : 'that of the server: the request is sent on')),
  location: (expected, { ends }) => same(expected, ends.map(({ response }) => valueOf(response?.headers ?? [], 'location') ?? 'no redirect')),
  path: (expected, { ends }) => same(expected, ends.map((end) => end.request?.path ?? notSent(end))),
  authority: (expected, { ends }) => same(expected, ends.map((end) => end.request?.authority ?? notSent(end))),
  requestHeaders: (expected, { ends }) => ends.flatMap((end) => end.request === undefined ? differs('a request that is sent on', notSent(end)) : checkHeaders(expected, end.request.headers)),
  responseHeaders: (expected, { ends }) => ends.flatMap((end) => end.response === undefined ? differs('an answer', notSent(end)) : checkHeaders(expected, end.response.headers)),
  delay: (expected, { delay }) => {
    if (expected === null || delay === undefined) return present(expected, delay, (one) => `${durationInWords(one.milliseconds)} for ${percent(one.percentage)}`)
    return [...duration(expected.duration, delay.milliseconds, 'duration'), ...portion(expected.percentage, delay.percentage)]
  },
  abort: (expected, { abort }) => {
    if (expected === null || abort === undefined) return present(expected, abort, ({ status, percentage }) => `${status} for ${percent(percentage)}`)
    return [...value(expected.status, abort.status, 'status'), ...value(expected.grpcStatus, abort.grpcStatus, 'grpcStatus'), ...portion(expected.percentage, abort.percentage)]
  },
  timeout: (expected, { timeout }) => expected === null ? present(expected, timeout, durationInWords) : duration(expected, timeout),
  retries: (expected, { retries }) => {
    const made = retries === undefined || retries.attempts === 0 ? undefined : retries
    const conditions = [...made?.conditions ?? [], ...(made?.statusCodes ?? []).map(String)]
    if (expected === null || made === undefined) return present(expected, made, ({ attempts }) => `${attempts} on ${conditions.join(',')}`)
    const wanted = expected.retryOn?.split(',').map((one) => one.trim()).sort().join(',')
    return [
      ...value(expected.attempts, made.attempts, 'attempts'),
      ...duration(expected.perTryTimeout, made.perTryTimeout, 'perTryTimeout'),
      ...(wanted === undefined ? [] : value(wanted, [...conditions].sort().join(','), 'retryOn'))
    ]
  },
  mirror: checkMirror,
  egress: (expected, { unknownHost, ends }) => {
    const sent = ends.every(({ request }) => request !== undefined)
    const actual = unknownHost ?? (sent ? 'allowed' : `neither: ${notSent(ends[0])}`)
    return actual === expected || (expected === 'allowed' && actual === 'passthrough') ? [] : differs(expected, actual)
  }
}

function checkRule (expected: string | null, { rule, route }: Prediction, { namespace }: CheckContext): readonly Mismatch[] {
  const actual = (route?.origin.split(', ')[0] ?? rule)?.replace(/^VirtualService /, '')
  const wanted = expected?.replace(/^VirtualService /, '')
  const whole = wanted === undefined || wanted.includes('/') ? wanted : `${namespace}/${wanted}`
  return whole === actual ? [] : differs(expected ?? 'no rule', actual ?? 'no rule')
}

function checkRoute (expected: string | number, { route }: Prediction): readonly Mismatch[] {
  const index = /http\[(\d+)\]/.exec(route?.origin ?? '')?.[1]
  if (typeof expected === 'number' ? index === String(expected) : route?.name === expected) return []
  const name = route?.name === undefined ? '' : ` (${route.name})`
  return differs(typeof expected === 'number' ? `http[${expected}]` : expected, index === undefined ? 'no route' : `http[${index}]${name}`)
}

function checkDestination (expected: ExpectedDestination, { ends }: Prediction, { namespace }: CheckContext): readonly Mismatch[] {
  const all = new Set(ends.map(({ destination }) => destination === undefined ? undefined : destinationInWords(destination, namespace)))
  const [end] = ends
  if (all.size > 1) {
    const shares = ends.map((one) => `${one.destination === undefined ? 'none' : destinationInWords(one.destination, namespace)} ${percent(one.share)}`)
    return differs('one destination', `${shares.join(', ')}; write "shares" to expect several`)
  }
  if (end?.destination === undefined) return differs(Object.values(expected).join(' '), end?.request === undefined ? notSent(end) : 'the host that the caller named: the mesh does not know it')
  const { host, subset, port } = end.destination
  return [
    ...(expected.host === undefined || wholeHost(expected.host, namespace) === host ? [] : differs(expected.host, host, ['host'])),
    ...(expected.subset === undefined || (expected.subset ?? undefined) === subset ? [] : differs(expected.subset ?? 'none', subset ?? 'none', ['subset'])),
    ...value(expected.port, port, 'port')
  ]
}

function checkShares (expected: Readonly<Record<string, number>>, { ends }: Prediction, { namespace }: CheckContext): readonly Mismatch[] {
  const rest = ends.filter(({ destination }) => destination === undefined || !Object.keys(expected).some((key) => isNamed(key, destination, namespace)))
  return [
    ...Object.entries(expected).flatMap(([key, share]) => {
      const actual = ends.filter(({ destination }) => destination !== undefined && isNamed(key, destination, namespace)).reduce((sum, end) => sum + end.share, 0)
      return isShare(actual, share) ? [] : differs(percent(share), percent(actual), [key])
    }),
    ...rest.flatMap((end) => differs('nothing', `${percent(end.share)} ${end.destination === undefined ? notSent(end) : `to ${destinationInWords(end.destination, namespace)}`}`))
  ]
}

function checkPods (expected: readonly string[], { ends }: Prediction, { namesOf }: CheckContext): readonly Mismatch[] {
  const endpoints = [...new Set(ends.flatMap(({ destination }) => destination?.endpoints ?? []))].map((endpoint) => namesOf(endpoint))
  const right = expected.every((name) => endpoints.some((names) => names.includes(name))) && endpoints.every((names) => names.some((name) => expected.includes(name)))
  return right ? [] : differs(listed(expected), listed([...new Set(endpoints.map((names) => names.at(-1) ?? ''))]))
}

function checkStatus (expected: number | Readonly<Record<string, number>> | null, prediction: Prediction): readonly Mismatch[] {
  const shares = statusShares(prediction)
  const inWords = (status: number | undefined): string => status === undefined ? 'no answer: the connection ends' : String(status)
  const wanted: ReadonlyMap<number | undefined, number> = expected === null || typeof expected === 'number'
    ? new Map([[expected ?? undefined, 100]])
    : new Map(Object.entries(expected).map(([status, share]) => [Number(status), share]))
  const right = [...wanted].every(([status, share]) => isShare(shares.get(status) ?? 0, share)) && [...shares].every(([status, share]) => isShare(wanted.get(status) ?? 0, share))
  return right ? [] : differs(sharesInWords(wanted, inWords), sharesInWords(shares, inWords))
}

function checkMirror (expected: ExpectedMirror | readonly ExpectedMirror[] | null, { mirrors }: Prediction, { namespace }: CheckContext): readonly Mismatch[] {
  const wanted = expected === null ? [] : Array.isArray(expected) ? expected as readonly ExpectedMirror[] : [expected as ExpectedMirror]
  const made = mirrors.map(({ cluster, percentage }) => ({ ...destinationNamed(cluster), percentage }))
  const fits = (one: ExpectedMirror, { host, subset, port, percentage }: typeof made[number]): boolean =>
    (one.host === undefined || wholeHost(one.host, namespace) === host) && (one.subset === undefined || (one.subset ?? undefined) === subset) &&
    (one.port === undefined || one.port === port) && (one.percentage === undefined || isShare(one.percentage, percentage))
  if (wanted.length === made.length && wanted.every((one) => made.some((mirror) => fits(one, mirror)))) return []
  const wantedInWords = wanted.map(({ host, subset, port, percentage }) => [host, port, subset, percentage === undefined ? undefined : percent(percentage)].filter((part) => part !== undefined && part !== null).join(' '))
  return differs(listed(wantedInWords), listed(made.map((mirror) => `${destinationInWords(mirror, namespace)} ${percent(mirror.percentage)}`)))
}

function checkHeaders (expected: ComparedHeaders, list: readonly string[]): readonly Mismatch[] {
  return Object.entries(expected).flatMap(([name, match]) => {
    const actual = valueOf(list, name.toLowerCase())
    if (match === null) return actual === undefined ? [] : differs('absent', actual, [name])
    const wanted = stringMatch(match)
    if (actual !== undefined && matchesString(wanted, actual)) return []
    return differs(wanted.kind === 'exact' ? wanted.value : `${wanted.kind} ${wanted.value}`, actual ?? 'absent', [name])
  })
}

function stringMatch (match: Exclude<ComparedHeaders[string], null>): Exclude<StringMatch, { kind: 'present' }> {
  if (typeof match === 'string') return { kind: 'exact', value: match }
  if ('exact' in match) return { kind: 'exact', value: match.exact }
  return 'prefix' in match ? { kind: 'prefix', value: match.prefix } : { kind: 'regex', value: match.regex }
}

/** Several lines of one name are one value, with commas. */
function valueOf (list: readonly string[], name: string): string | undefined {
  const values: string[] = []
  for (let index = 0; index < list.length; index += 2) if (list[index] === name) values.push(list[index + 1] ?? '')
  return values.length === 0 ? undefined : values.join(',')
}

function notSent (end: PredictedEnd | undefined): string {
  if (end?.request !== undefined) return 'the request is sent on'
  return end?.response === undefined ? 'the connection ends without an answer' : `the proxy itself answers ${end.response.status}${end.flags === '-' ? '' : ` (${end.flags})`}`
}

function differs (expected: string, actual: string, path: FieldPath = []): readonly Mismatch[] {
  return [{ path, expected, actual }]
}

function same (expected: string, actual: readonly string[]): readonly Mismatch[] {
  const all = [...new Set(actual)]
  return all.length === 1 && all[0] === expected ? [] : differs(expected, all.join(', or '))
}

function value (expected: string | number | undefined, actual: string | number | undefined, field: string): readonly Mismatch[] {
  return expected === undefined || expected === actual ? [] : differs(String(expected), actual === undefined ? 'none' : String(actual), [field])
}

function portion (expected: number | undefined, actual: number): readonly Mismatch[] {
  return expected === undefined || isShare(actual, expected) ? [] : differs(percent(expected), percent(actual), ['percentage'])
}

function duration (expected: string | undefined, actual: number | undefined, field?: string): readonly Mismatch[] {
  if (expected === undefined || parseDuration(expected) === actual) return []
  return differs(expected, actual === undefined ? 'none' : durationInWords(actual), field === undefined ? [] : [field])
}

function durationInWords (milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds}ms` : `${milliseconds / 1000}s`
}

/** One of the two is nothing: right if both are. */
function present<T> (expected: unknown, actual: T | undefined, inWords: (actual: T) => string): readonly Mismatch[] {
  if (expected === null) return actual === undefined ? [] : differs('none', inWords(actual))
  const wanted = Object.entries(expected as object).map(([field, one]) => `${field} ${String(one)}`).join(', ')
  return differs(wanted, actual === undefined ? 'none' : inWords(actual))
}

function listed (items: readonly string[]): string {
  return items.length === 0 ? 'none' : items.join(', ')
}
