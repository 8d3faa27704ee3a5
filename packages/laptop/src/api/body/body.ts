import { badRequest, unsupportedMediaType } from '../status.ts'

/** A JSON object as it came in, not yet checked. */
export type JsonObject = Record<string, unknown>

/** Media types in which an object may be sent. */
const objectTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

/** The media type of a request, without parameters; JSON when none is given, as for the API server. */
export function mediaType (header: string | undefined): string {
  return (header ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? ''
}

/**
 * Reads the object in a request's body.
 * @throws ApiError 415 for another media type, 400 when it does not parse.
 */
export async function readObject (body: Buffer, contentType: string | undefined): Promise<JsonObject> {
  const type = mediaType(contentType)
  if (type === 'application/json') return asObject(parseJson(body))
  if (type === 'application/yaml') return asObject(await parseYaml(body))
  if (type === 'application/vnd.kubernetes.protobuf') {
    const { decodeProtobuf } = await import('./protobuf.ts')
    return asObject(decodeProtobuf(body))
  }
  throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${objectTypes.join(', ')}`)
}

/** @throws ApiError 400 */
export function parseJson (body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** @throws ApiError 400 */
export async function parseYaml (body: Buffer): Promise<unknown> {
  const { parse } = await import('yaml')
  try {
    return parse(body.toString('utf8'), { version: '1.1', maxAliasCount: 100 })
  } catch (error) {
    throw badRequest(`error converting YAML to JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export function asObject (value: unknown): JsonObject {
  if (isObject(value)) return value
  throw badRequest(`a JSON object is expected in the body, ${value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`} came`)
}

export function isObject (value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
