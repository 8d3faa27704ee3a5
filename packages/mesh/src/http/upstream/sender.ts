/** Between an attempt and whoever has it made. */
import type { Attempt } from '../attempt.ts'
import type { Failure } from '../failure.ts'
import type { RequestFields } from '../request-fields.ts'
import type { ExchangeStart } from '../route-stream.ts'

export type Outcome =
  /** The cluster has as much as it may have: nothing was sent. */
  | { readonly kind: 'overflow' }
  /** No answer came; nothing was sent to the client. */
  | { readonly kind: 'failed', readonly failure: Failure }
  | { readonly kind: 'done', readonly status: number, readonly flags: string, readonly details: string }
  /** The answer broke off in the middle. */
  | { readonly kind: 'broken', readonly status: number, readonly flags: string, readonly details: string }

/** Who has the request sent, and what becomes of the answer: an exchange, or a mirror. */
export interface Sender {
  /** Number of the request. */
  readonly call: number
  readonly start: ExchangeStart
  readonly fields: RequestFields
  /** Path and query for the server. */
  readonly path: string
  readonly startTime: number
  bytesSent: number
  /** Bytes of the request's body that have come. */
  readonly requestBytes: () => number
  /** Milliseconds. */
  serviceTime: number | undefined
  /** Of an answer to a gRPC call, where it has one. */
  grpcStatus: number | undefined
  /** Whether an answer of this status and these fields goes to nobody. */
  readonly discards: (status: number, fields: readonly string[]) => boolean
  /** What rules do to the fields of an answer. */
  readonly changeAnswer: (status: number, list: string[]) => void
  readonly flagsOf: () => string
  /** The connection speaks another protocol now. */
  readonly switched: () => void
  /** Cookies that the load balancer gives to the client. */
  readonly setCookies?: readonly string[] | undefined
  readonly settle: (attempt: Attempt, outcome: Outcome) => void
}
