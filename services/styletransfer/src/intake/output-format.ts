import { ServiceError } from '@bankinfo/service'
import type { FastifyRequest } from 'fastify'

export const outputFormats = ['jpeg', 'png', 'webp', 'avif'] as const
export type OutputFormat = (typeof outputFormats)[number]

export const mediaTypes: Readonly<Record<OutputFormat, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif'
}

// Among formats that a caller likes equally, the one that is quick to make and read everywhere comes first.
const preferred = ['image/jpeg', 'image/webp', 'image/png', 'image/avif']
const byType = new Map(outputFormats.map((format) => [mediaTypes[format], format]))

/**
 * The format that the Accept header asks for (RFC 9110, section 12.5.1).
 *
 * @returns undefined when the caller leaves the choice to the service
 * @throws ServiceError 406 when the caller takes none of the four
 */
export function acceptedFormat (request: FastifyRequest): OutputFormat | undefined {
  const accept = request.headers.accept
  if (accept === undefined || accept === '*/*' || accept === 'image/*') return undefined
  const type = request.accepts().type(preferred)
  const format = typeof type === 'string' ? byType.get(type) : undefined
  if (format === undefined) throw new ServiceError(406, 'not_acceptable', `The answer is ${preferred.join(', ')}; Accept allows none of them. Send a field "format" or another Accept.`)
  return format
}
