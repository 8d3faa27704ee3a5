/**
 * How long a gRPC call may take: as its client says, and no longer than its route allows.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests, Envoy's RouteAction.max_grpc_timeout, which Istio sets to the route's
 * timeout.
 */

const milliseconds: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 0.001, n: 0.000_001 }

/** Milliseconds, 0: no limit. `fields` are names in lower case and values in turn. */
export function grpcTimeout (fields: readonly string[], ofRoute: number): number {
  const said = readTimeout(fields)
  if (said === 0) return ofRoute
  return ofRoute === 0 ? said : Math.min(said, ofRoute)
}

function readTimeout (fields: readonly string[]): number {
  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index] !== 'grpc-timeout') continue
    const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(fields[index + 1] ?? '') ?? []
    return digits === undefined || unit === undefined ? 0 : Math.ceil(Number(digits) * (milliseconds[unit] ?? 0))
  }
  return 0
}
