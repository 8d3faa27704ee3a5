export interface ServiceErrorOptions {
  readonly cause?: unknown
  /** Further fields of the error's JSON body. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** An error that a caller is told about: a stable code, the HTTP status it becomes and a text that is safe to show. */
export class ServiceError extends Error {
  readonly code: string
  readonly statusCode: number
  readonly details: Readonly<Record<string, unknown>>

  constructor (statusCode: number, code: string, message: string, options: ServiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ServiceError'
    this.statusCode = statusCode
    this.code = code
    this.details = options.details ?? {}
  }
}

/** 404: the address is right, the thing is not there. */
export const notFound = (code: string, message: string) => new ServiceError(404, code, message)

/** The environment does not fit the schema; one entry of `problems` for each bad key. */
export class ConfigError extends Error {
  readonly code = 'bad_config'
  readonly problems: readonly string[]

  constructor (problems: readonly string[]) {
    super(`The environment does not fit:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}
