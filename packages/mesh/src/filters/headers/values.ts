/**
 * Values of header operations, which may hold Envoy's variables: `%REQ(name)%`, `%RESPONSE_CODE%`. What is not known at that
 * moment is empty (measured).
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
 */

/** What a value may speak of. */
export interface Facts {
  readonly requestHeader: (name: string) => string | undefined
  /** Undefined while there is no answer. */
  readonly responseHeader: (name: string) => string | undefined
  readonly responseCode: number | undefined
  readonly downstreamRemoteAddress: string
  readonly downstreamLocalAddress: string
  readonly upstreamHost: string | undefined
  readonly upstreamCluster: string | undefined
  readonly routeName: string | undefined
  /** Milliseconds since the epoch. */
  readonly startTime: number
}

interface Variable {
  readonly value: (facts: Facts, argument: string) => string | undefined
  /** What may stand in parentheses; absent: nothing. */
  readonly takes?: (argument: string) => boolean
  /** Whether it works without an argument too. */
  readonly optional?: true
}

const named = (argument: string): boolean => argument !== ''
const requestHeader: Variable = { value: (facts, names) => firstOf(names, facts.requestHeader), takes: named }
const responseHeader: Variable = { value: (facts, names) => firstOf(names, facts.responseHeader), takes: named }
const ofDownstream: Variable = { value: ({ downstreamRemoteAddress }) => downstreamRemoteAddress }
const ofUpstream: Variable = { value: ({ upstreamHost }) => upstreamHost }

const variables: Readonly<Record<string, Variable>> = {
  REQ: requestHeader,
  REQUEST_HEADER: requestHeader,
  RESP: responseHeader,
  RESPONSE_HEADER: responseHeader,
  RESPONSE_CODE: { value: ({ responseCode }) => responseCode?.toString() ?? '0' },
  PATH: { value: ({ requestHeader }, part) => part === 'NQ' ? requestHeader(':path')?.replace(/[?#].*/s, '') : requestHeader(':path'), takes: (part) => part === 'NQ' || part === 'WQ' },
  QUERY_PARAM: { value: ({ requestHeader }, name) => new URLSearchParams(requestHeader(':path')?.split('?')[1]).get(name) ?? undefined, takes: named },
  PROTOCOL: { value: () => 'HTTP/1.1' },
  DOWNSTREAM_REMOTE_ADDRESS: ofDownstream,
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: ofDownstream,
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: { value: ({ downstreamRemoteAddress }) => hostPart(downstreamRemoteAddress) },
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: { value: ({ downstreamRemoteAddress }) => hostPart(downstreamRemoteAddress) },
  DOWNSTREAM_REMOTE_PORT: { value: ({ downstreamRemoteAddress }) => portPart(downstreamRemoteAddress) },
  DOWNSTREAM_LOCAL_ADDRESS: { value: ({ downstreamLocalAddress }) => downstreamLocalAddress },
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: { value: ({ downstreamLocalAddress }) => hostPart(downstreamLocalAddress) },
  DOWNSTREAM_LOCAL_PORT: { value: ({ downstreamLocalAddress }) => portPart(downstreamLocalAddress) },
  UPSTREAM_HOST: ofUpstream,
  UPSTREAM_REMOTE_ADDRESS: ofUpstream,
  UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: { value: ({ upstreamHost }) => upstreamHost === undefined ? undefined : hostPart(upstreamHost) },
  UPSTREAM_REMOTE_PORT: { value: ({ upstreamHost }) => upstreamHost === undefined ? undefined : portPart(upstreamHost) },
  // Envoy ends a cluster's name for statistics with a semicolon, and Istio's clusters have one.
  UPSTREAM_CLUSTER: { value: ({ upstreamCluster }) => upstreamCluster === undefined ? undefined : `${upstreamCluster};` },
  UPSTREAM_CLUSTER_RAW: { value: ({ upstreamCluster }) => upstreamCluster },
  ROUTE_NAME: { value: ({ routeName }) => routeName },
  START_TIME: { value: ({ startTime }, format) => formatTime(startTime, format), takes: (format) => !/%(?![sYmdHMSTF%]|[1-9]?f)/.test(format), optional: true }
}

function hostPart (address: string): string {
  return address.replace(/:\d+$/, '')
}

function portPart (address: string): string | undefined {
  return /:(\d+)$/.exec(address)?.[1]
}

/** strftime's commonest letters, and `%3f` for thousandths of a second. */
function formatTime (milliseconds: number, format: string): string {
  const whole = new Date(milliseconds).toISOString()
  if (format === '') return whole
  return format.replace(/%([sYmdHMSTF%]|[1-9]?f)/g, (_text, letter: string) => {
    switch (letter) {
      case 's': return String(Math.trunc(milliseconds / 1000))
      case 'Y': return whole.slice(0, 4)
      case 'm': return whole.slice(5, 7)
      case 'd': return whole.slice(8, 10)
      case 'H': return whole.slice(11, 13)
      case 'M': return whole.slice(14, 16)
      case 'S': return whole.slice(17, 19)
      case 'T': return whole.slice(11, 19)
      case 'F': return whole.slice(0, 10)
      case '%': return '%'
      default: return whole.slice(20, 23).padEnd(9, '0').slice(0, letter === 'f' ? 9 : Number(letter[0]))
    }
  })
}

/** `%NAME(argument):length%`. */
const expression = /%(?:%|([A-Z_]+)(?:\(([^()]*)\))?(?::(\d+))?%)/g

/** The value for one request. */
export function expand (value: string, facts: Facts): string {
  if (!value.includes('%')) return value
  return value.replace(expression, (_whole, name: string | undefined, argument: string | undefined, length: string | undefined) => {
    if (name === undefined) return '%'
    const text = variables[name]?.value(facts, argument ?? '') ?? ''
    return length === undefined ? text : text.slice(0, Number(length))
  })
}

/** The first variable of a value that is not known here, as it is written. */
export function unknownVariable (value: string): string | undefined {
  const rest = value.replace(expression, (whole, name: string | undefined, argument: string | undefined) => {
    if (name === undefined) return ''
    const variable = variables[name]
    if (variable === undefined) return whole
    const known = argument === undefined ? variable.takes === undefined || variable.optional === true : variable.takes?.(argument) === true
    return known ? '' : whole
  })
  return /%[^%]*%?/.exec(rest)?.[0]
}

/** `name?alternative`. */
function firstOf (names: string, read: (name: string) => string | undefined): string | undefined {
  const [name = '', alternative] = names.toLowerCase().split('?')
  return read(name) ?? (alternative === undefined ? undefined : read(alternative))
}
