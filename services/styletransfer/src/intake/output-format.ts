import { ServiceError } from '@bankinfo/service/errors'
import type { FastifyRequest } from 'fastify'

export const outputFormats = ['jpeg', 'png', 'webp', 'avif'] as const
export type OutputFormat = (typeof outputFormats)[number]

export const mediaTypes: Readonly<Record<OutputFormat, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif'
}

const quick = ['image/jpeg', 'image/webp', 'image/png']
/** AVIF takes several times as long to write as all else takes together: only for who asks for nothing else. */
const slow = ['image/avif']
const byType = new Map(outputFormats.map((format) => [mediaTypes[format], format]))

/**
 * The format that the Accept header asks for (RFC 9110, section 12.5.1); AVIF when it allows no other.
 *
 * @returns undefined when the caller leaves the choice to the service
 * @throws ServiceError 406 when the caller takes none of the four
 */
export function acceptedFormat (request: FastifyRequest): OutputFormat | undefined {
  const accept = request.headers.accept
  if (accept === undefined || accept === '*/*' || accept === 'image/*') return undefined
  const type = request.accepts().type(quick) || request.accepts().type(slow)
  const format = typeof type === 'string' ? byType.get(type) : undefined
  if (format === undefined) throw new ServiceError(406, 'not_acceptable', `The answer is ${[...quick, ...slow].join(', ')}; Accept allows none of them. Send a field "format" or another Accept.`)
  return format
}
