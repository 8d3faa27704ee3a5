import { resourceName, type Kind } from '../resources/kinds.ts'

/** One field that is wrong, as a Status names it. */
export interface StatusCause {
  readonly reason: 'FieldValueRequired' | 'FieldValueInvalid' | 'FieldValueNotSupported' | 'FieldValueTypeInvalid' | 'FieldValueForbidden' | 'FieldValueDuplicate' | 'FieldManagerConflict'
  readonly message: string
  readonly field: string
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** An answer of the API that is no object: `kind: Status`, `status: Failure`. The words are the API server's, which kubectl prints. */
export class ApiError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: StatusDetails | undefined

  constructor (code: number, reason: string, message: string, details?: StatusDetails) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.reason = reason
    this.details = details
  }
}

/** The body of a failure. */
export function failure (error: ApiError): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    ...(error.reason !== '' && { reason: error.reason }),
    ...(error.details !== undefined && { details: error.details }),
    code: error.code
  }
}

/** The body of a success that has no object, such as a deletion. */
export function success (details: StatusDetails): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}

export function detailsOf (kind: Kind, name: string, uid?: string): StatusDetails {
  return {
    name,
    ...(kind.group !== '' && { group: kind.group }),
    kind: kind.plural,
    ...(uid !== undefined && { uid })
  }
}

export function badRequest (message: string): ApiError {
  return new ApiError(400, 'BadRequest', message)
}

export function notFound (kind: Kind, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${resourceName(kind)} "${name}" not found`, detailsOf(kind, name))
}

/** For a path that nothing answers. */
export function noSuchResource (): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})
}

export function alreadyExists (kind: Kind, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${resourceName(kind)} "${name}" already exists`, detailsOf(kind, name))
}

export function conflict (kind: Kind, name: string, why?: string): ApiError {
  const reason = why ?? 'the object has been modified; please apply your changes to the latest version and try again'
  return new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${resourceName(kind)} "${name}": ${reason}`, detailsOf(kind, name))
}

export function forbidden (kind: Kind, name: string, why: string): ApiError {
  return new ApiError(403, 'Forbidden', `${resourceName(kind)} "${name}" is forbidden: ${why}`, detailsOf(kind, name))
}

export function methodNotAllowed (): ApiError {
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

export function unsupportedMediaType (message: string): ApiError {
  return new ApiError(415, 'UnsupportedMediaType', message, {})
}

/** 422 with every field that is wrong, in the API server's sentence. */
export function invalid (kind: Kind, name: string, causes: readonly StatusCause[]): ApiError {
  const described = causes.map((cause) => `${cause.field}: ${cause.message}`)
  const list = described.length === 1 ? described[0] : `[${described.join(', ')}]`
  const subject = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
  return new ApiError(422, 'Invalid', `${subject} "${name}" is invalid: ${list}`, { ...detailsOf(kind, name), kind: kind.kind, causes })
}
