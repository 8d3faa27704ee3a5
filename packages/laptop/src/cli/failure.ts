import { arrayOf, fieldOf, isRecord, recordOf, textOf } from '../resources/json.ts'
import { ApiFailure } from './client.ts'

/**
 * An API failure in kubectl's words.
 * @param doing what was tried, `error when creating "f.yaml"`
 */
export function describeFailure (failure: ApiFailure, doing?: string): string {
  const { status } = failure
  const message = textOf(status.message)
  const where = doing === undefined ? '' : `${doing}: `
  const causes = arrayOf(fieldOf(status, 'details', 'causes')).filter(isRecord)
  if (failure.reason === 'Invalid' && causes.length > 0) {
    const { kind, name } = recordOf(status.details)
    const lines = causes.map(({ field, message: cause }) => `${textOf(field) === '' ? '' : `${textOf(field)}: `}${textOf(cause)}`)
    return `The ${textOf(kind)} "${textOf(name)}" is invalid: ${lines.length === 1 ? lines[0] : lines.map((line) => `\n* ${line}`).join('')}`
  }
  if (failure.reason === 'Invalid' && doing === undefined) return `The request is invalid: ${message}`
  if (failure.reason === 'Unauthorized') return 'error: You must be logged in to the server (Unauthorized)'
  return `Error from server${failure.reason === '' ? '' : ` (${failure.reason})`}: ${where}${message}`
}
