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

const variables: Readonly<Record<string, (facts: Facts, argument: string) => string | undefined>> = {
  REQ: (facts, names) => firstOf(names, facts.requestHeader),
  RESP: (facts, names) => firstOf(names, facts.responseHeader),
  RESPONSE_CODE: ({ responseCode }) => responseCode?.toString() ?? '0',
  PROTOCOL: () => 'HTTP/1.1',
  DOWNSTREAM_REMOTE_ADDRESS: ({ downstreamRemoteAddress }) => downstreamRemoteAddress,
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: ({ downstreamRemoteAddress }) => downstreamRemoteAddress.replace(/:\d+$/, ''),
  DOWNSTREAM_LOCAL_ADDRESS: ({ downstreamLocalAddress }) => downstreamLocalAddress,
  UPSTREAM_HOST: ({ upstreamHost }) => upstreamHost,
  UPSTREAM_REMOTE_ADDRESS: ({ upstreamHost }) => upstreamHost,
  // Envoy ends a cluster's name for statistics with a semicolon, and Istio's clusters have one.
  UPSTREAM_CLUSTER: ({ upstreamCluster }) => upstreamCluster === undefined ? undefined : `${upstreamCluster};`,
  ROUTE_NAME: ({ routeName }) => routeName,
  START_TIME: ({ startTime }) => new Date(startTime).toISOString()
}

const expression = /%(?:%|([A-Z_]+)(?:\(([^()%]*)\))?%)/g

/** The value for one request. */
export function expand (value: string, facts: Facts): string {
  if (!value.includes('%')) return value
  return value.replace(expression, (_whole, name: string | undefined, argument: string | undefined) => name === undefined ? '%' : variables[name]?.(facts, argument ?? '') ?? '')
}

/** The first variable of a value that is not known here, as it is written. */
export function unknownVariable (value: string): string | undefined {
  const rest = value.replace(expression, (whole, name: string | undefined, argument: string | undefined) => {
    if (name === undefined) return ''
    const known = variables[name] !== undefined && (name === 'REQ' || name === 'RESP' ? (argument ?? '') !== '' : argument === undefined)
    return known ? '' : whole
  })
  return /%[^%]*%?/.exec(rest)?.[0]
}

/** `name?alternative`. */
function firstOf (names: string, read: (name: string) => string | undefined): string | undefined {
  const [name = '', alternative] = names.toLowerCase().split('?')
  return read(name) ?? (alternative === undefined ? undefined : read(alternative))
}
