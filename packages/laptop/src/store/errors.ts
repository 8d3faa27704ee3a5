export type StoreErrorCode = 'exists' | 'missing' | 'conflict' | 'unavailable'

/** Why the store refused a write. */
export class StoreError extends Error {
  readonly code: StoreErrorCode

  constructor (code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
  }
}
