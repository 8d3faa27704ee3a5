/**
 * Answers of a proxy's own to gRPC requests: status 200, the outcome in grpc-status and grpc-message.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
 */
import type { LocalReply } from '../http/failure.ts'

const names = [
  'OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'
]

/** `UNAVAILABLE` is 14. Undefined names are UNKNOWN. */
export function grpcStatusCode (name: string): number {
  const code = names.indexOf(name)
  return code === -1 ? names.indexOf('UNKNOWN') : code
}

const unknown = 2
const byHttpStatus = new Map([[400, 13], [401, 16], [403, 7], [404, 12], [429, 14], [502, 14], [503, 14], [504, 14]])

/** Whether a request with these fields (names and values in turn) is a gRPC call; grpc-web is not. */
export function isGrpc (fields: readonly string[]): boolean {
  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index] === 'content-type') return isGrpcType(fields[index + 1] ?? '')
  }
  return false
}

/** Whether a content-type is that of gRPC calls. */
export function isGrpcType (contentType: string): boolean {
  return contentType.startsWith('application/grpc') && /^application\/grpc(?:\+|;|$)/.test(contentType)
}

/** `grpc-status` among names and values in turn; -1: it is no number, as Envoy has it. An empty one is none. */
export function grpcStatusIn (fields: readonly string[]): number | undefined {
  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index]?.toLowerCase() !== 'grpc-status') continue
    const value = fields[index + 1] ?? ''
    return value === '' ? undefined : /^\d+$/.test(value) ? Number(value) : -1
  }
  return undefined
}

/** HTTP statuses of gRPC's statuses 0 to 16, as Envoy's Grpc::Utility::grpcToHttpStatus has them. */
const httpStatuses = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401]

/**
 * The HTTP status that an answer to a gRPC call is for outlier detection: that of the grpc-status in its head, whatever its own is,
 * and 500 for one that gRPC does not know. Envoy's router gives that to the host's detector (Filter::onUpstreamHeaders; measured
 * with Envoy 1.40), and does not look at trailers.
 */
export function countedStatus (status: number, grpcStatus: number | undefined): number {
  return grpcStatus === undefined ? status : httpStatuses[grpcStatus] ?? 500
}

/** The answer as a gRPC client reads it: no body, all in the head. */
export function asGrpc (reply: LocalReply): LocalReply {
  const status = reply.grpcStatus ?? (reply.status === 200 ? 0 : byHttpStatus.get(reply.status) ?? unknown)
  return {
    ...reply,
    status: 200,
    grpcStatus: status,
    body: '',
    headers: [
      ...reply.headers ?? [],
      'content-type', 'application/grpc',
      'grpc-status', String(status),
      ...(reply.body.length === 0 ? [] : ['grpc-message', encodeMessage(reply.body)])
    ]
  }
}

/** A proxy's own answer as the call's client reads it; the status that a gRPC call ends with is kept with the call. */
export function answerTo (call: { readonly fields: { readonly grpc: boolean }, grpcStatus: number | undefined }, reply: LocalReply): LocalReply {
  if (!call.fields.grpc) return reply
  const answer = asGrpc(reply)
  call.grpcStatus = answer.grpcStatus
  return answer
}

/** Percent-encoding of all but printable ASCII, and of the percent sign. */
function encodeMessage (text: string | Buffer): string {
  return [...Buffer.from(text as string)].map((byte) => byte < 0x20 || byte > 0x7e || byte === 0x25 ? `%${byte.toString(16).toUpperCase().padStart(2, '0')}` : String.fromCharCode(byte)).join('')
}
