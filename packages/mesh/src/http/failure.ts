/**
 * What went wrong upstream, in Envoy's terms.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#response-flags
 */
export type Failure = 'connect' | 'reset' | 'protocol' | 'refused' | 'remote'

interface FailureTerms {
  readonly status: number
  readonly flag: string
  /** In the body: `reset reason: ...`. */
  readonly reason: string
}

const terms: Readonly<Record<Failure, FailureTerms>> = {
  connect: { status: 503, flag: 'UF', reason: 'remote connection failure' },
  reset: { status: 503, flag: 'UC', reason: 'connection termination' },
  protocol: { status: 502, flag: 'UPE', reason: 'protocol error' },
  // Of HTTP/2 alone: the server ends one stream.
  refused: { status: 503, flag: 'UR', reason: 'remote refused stream reset' },
  remote: { status: 503, flag: 'UR', reason: 'remote reset' }
}

export interface LocalReply {
  readonly status: number
  readonly flags: string
  readonly details: string
  readonly body: string | Buffer
  /** Names and values in turn. */
  readonly headers?: readonly string[]
  /** Header operations of the route don't touch it. */
  readonly untouched?: boolean
  /** For gRPC clients, where it is not what the status says. */
  readonly grpcStatus?: number
}

/** The kind of an error that undici reports before an answer has begun. */
export function failureOf (error: Error): Failure {
  const { code } = error as NodeJS.ErrnoException
  const ofStream = streamCodes.get(code ?? '')
  if (ofStream !== undefined) return ofStream
  if (code === undefined) return error.name === 'HTTPParserError' ? 'protocol' : 'reset'
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return 'protocol'
  return connectCodes.has(code) ? 'connect' : 'reset'
}

const streamCodes = new Map<string, Failure>([['H2_REFUSED_STREAM', 'refused'], ['H2_STREAM_RESET', 'remote'], ['H2_PROTOCOL_ERROR', 'protocol']])

const connectCodes = new Set([
  'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT',
  'EACCES', 'EPERM'
])

/** The answer that a proxy gives in an upstream's place. */
export function failureReply (failure: Failure, retried: boolean): LocalReply {
  const { status, flag, reason } = terms[failure]
  const cause = failure === 'connect' ? '|delayed_connect_error:_Connection_refused' : ''
  return {
    status,
    flags: retried ? `URX,${flag}` : flag,
    details: `upstream_reset_before_response_started{${reason.replaceAll(' ', '_')}${cause}}`,
    body: `upstream connect error or disconnect/reset before headers. ${retried ? 'retried and the latest reset reason' : 'reset reason'}: ${reason}`
  }
}

/** The fields of such an answer, names and values in turn; one to a gRPC call has all of its own. */
export function replyFields ({ body, headers = [] }: LocalReply): string[] {
  if (headers.includes('content-type')) return [...headers]
  return ['content-length', String(Buffer.byteLength(body)), 'content-type', 'text/plain', ...headers]
}

/** A cluster has as much as it may have. It is no failure of the upstream's: nobody tries again. */
export const overflow: LocalReply = {
  status: 503,
  flags: 'UO',
  details: 'upstream_reset_before_response_started{overflow}',
  body: 'upstream connect error or disconnect/reset before headers. reset reason: overflow',
  headers: ['x-envoy-overloaded', 'true']
}

export const replies = {
  noRoute: { status: 404, flags: 'NR', details: 'route_not_found', body: '' },
  noCluster: { status: 503, flags: 'NC', details: 'cluster_not_found', body: '' },
  noHealthyUpstream: { status: 503, flags: 'UH', details: 'no_healthy_upstream', body: 'no healthy upstream' },
  timeout: { status: 504, flags: 'UT', details: 'response_timeout', body: 'upstream request timeout', grpcStatus: 4 },
  perTryTimeout: { status: 504, flags: 'UT', details: 'upstream_per_try_timeout', body: 'upstream request timeout', grpcStatus: 4 },
  unresolved: { status: 503, flags: 'DF', details: 'dns_resolution_failure', body: 'DNS resolution failure' },
  tooManyHops: { status: 508, flags: '-', details: 'mesh_hop_limit', body: 'the request has passed the same proxies too often' }
} as const satisfies Record<string, LocalReply>
