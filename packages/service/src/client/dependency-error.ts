import { ServiceError } from '../errors.ts'
import { answererOf, type AnswerHeaders, type Answerer } from './answerer.ts'

/**
 * How a call to another service failed, told apart as the caller sees it. The second half are answers that a proxy of
 * the mesh gave in the service's place: they carry no x-bankinfo-service, and Envoy's own text.
 */
export type DependencyErrorKind =
  | 'timeout' // no whole answer in the time that this service gives it
  | 'refused' // nobody listens at the address
  | 'reset' // the connection broke
  | 'unknown_host' // the name does not resolve
  | 'unreachable' // no way to the address
  | 'cancelled' // who asked is gone
  | 'bad_answer' // not HTTP, not JSON, or not of the agreed shape
  | 'server_error' // the service answered 5xx itself
  | 'rejected' // the service answered 4xx itself
  | 'blocked' // 502: the mesh knows no such destination (REGISTRY_ONLY, BlackHoleCluster)
  | 'no_healthy_upstream' // 503: the subset or service has no ready pod, or all are ejected
  | 'no_cluster' // 503, empty: the rule names a subset or host that does not exist
  | 'overloaded' // 503 overflow: a circuit breaker is full
  | 'connect_failure' // 503: the mesh could not connect to the pod
  | 'connection_closed' // 503: the pod closed the connection before it answered
  | 'mesh_timeout' // 504: a rule's timeout ran out
  | 'fault_injected' // a rule's abort
  | 'no_route' // 404, empty: no rule matches
  | 'denied' // 401, 403: a policy of the mesh refuses the caller
  | 'mesh_error' // any other answer that the service did not give

/**
 * The status that a failed call becomes when it is the caller's own answer (RFC 9110, 15.6.3 to 15.6.5). 499 is nginx's
 * for a client that went away: nobody reads it but the log.
 */
const statusOf: Readonly<Record<DependencyErrorKind, 499 | 502 | 503 | 504>> = {
  cancelled: 499,
  timeout: 504,
  mesh_timeout: 504,
  refused: 503,
  unreachable: 503,
  no_healthy_upstream: 503,
  no_cluster: 503,
  overloaded: 503,
  connect_failure: 503,
  connection_closed: 503,
  unknown_host: 502,
  reset: 502,
  bad_answer: 502,
  server_error: 502,
  rejected: 502,
  blocked: 502,
  fault_injected: 502,
  no_route: 502,
  denied: 502,
  mesh_error: 502
}

/** One try of a call: when it began and how long it took (ms after the call began), and how it ended. */
export interface Attempt {
  readonly startMs: number
  readonly ms: number
  readonly outcome: 'ok' | DependencyErrorKind
  readonly status?: number
}

export interface Failure {
  readonly kind: DependencyErrorKind
  /** Status of the answer, where there was one. */
  readonly status?: number
  /** `code` of the service's own error body, where it sent one. */
  readonly upstreamCode?: string
  /** Who answered, where it was the service itself. */
  readonly from?: Answerer
  readonly cause?: unknown
}

/** A call to another service that failed for good, after all its attempts. */
export class DependencyError extends ServiceError {
  readonly dependency: string
  readonly kind: DependencyErrorKind
  readonly status: number | undefined
  readonly upstreamCode: string | undefined
  readonly from: Answerer | undefined
  readonly attempts: readonly Attempt[]

  constructor (dependency: string, failure: Failure, attempts: readonly Attempt[] = []) {
    const answer = failure.status === undefined ? '' : ` (it was answered ${failure.status})`
    super(statusOf[failure.kind], `${dependency}_${failure.kind}`, `The call to ${dependency} failed: ${failure.kind.replaceAll('_', ' ')}${answer}`, { cause: failure.cause })
    this.name = 'DependencyError'
    this.dependency = dependency
    this.kind = failure.kind
    this.status = failure.status
    this.upstreamCode = failure.upstreamCode
    this.from = failure.from
    this.attempts = attempts
  }
}

const socketErrors: Readonly<Record<string, DependencyErrorKind>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  ENOTFOUND: 'unknown_host',
  EAI_AGAIN: 'unknown_host',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UPLOAD_ABORTED: 'cancelled'
}

/** What an error thrown by undici or the socket means; a proxy that refuses CONNECT is judged by its status. */
export function failureOfError (cause: unknown): Failure {
  if (!(cause instanceof Error)) return { kind: 'bad_answer', cause }
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const kind = socketErrors[code]
  if (kind !== undefined) return { kind, cause }
  const connect = /^Proxy response \((\d{3})\)/.exec(cause.message)
  if (connect !== null) return { ...failureOfAnswer({ status: Number(connect[1]), headers: {}, text: '' }), cause }
  return { kind: 'bad_answer', cause }
}

/**
 * What an answer of 400 or above means. An answer with x-bankinfo-service is the service's own; every other one was
 * given by a proxy, told apart by Envoy's status and text (measured on Istio 1.31).
 */
export function failureOfAnswer (answer: { status: number, headers: AnswerHeaders, text: string }): Failure {
  const { status, headers, text } = answer
  const from = answererOf(headers)
  if (from === undefined) return { kind: kindOfMeshAnswer(status, text), status }
  const upstreamCode = codeOf(text)
  return { kind: status >= 500 ? 'server_error' : 'rejected', status, from, ...(upstreamCode === undefined ? {} : { upstreamCode }) }
}

function kindOfMeshAnswer (status: number, text: string): DependencyErrorKind {
  if (text.includes('fault filter abort')) return 'fault_injected'
  if (status === 401 || status === 403) return 'denied'
  if (status === 404 && text === '') return 'no_route'
  if (status === 502 && text === '') return 'blocked'
  if (status === 504) return 'mesh_timeout'
  if (status !== 503) return 'mesh_error'
  if (text === '') return 'no_cluster'
  if (text.includes('no healthy upstream')) return 'no_healthy_upstream'
  if (text.includes('overflow')) return 'overloaded'
  if (text.includes('connection termination')) return 'connection_closed'
  return text.includes('upstream connect error') ? 'connect_failure' : 'mesh_error'
}

function codeOf (text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string' ? body.code : undefined
  } catch {
    return undefined // not JSON: then it has no code
  }
}
