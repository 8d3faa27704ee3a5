import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { kindMessages, type Field, type Message } from './protobuf-fields.ts'
import type { JsonObject } from './body.ts'
import { ApiError, badRequest } from '../status.ts'

/** Before each body: https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding */
const magic = Buffer.from('k8s\0', 'latin1')

/**
 * Reads an object in Kubernetes' protobuf form, as kubectl sends it for what it makes itself (`kubectl create configmap`).
 * @throws ApiError 400 when it does not parse, 415 for a kind or field that is not known in this form
 */
export function decodeProtobuf (body: Buffer): JsonObject {
  if (!body.subarray(0, magic.length).equals(magic)) throw badRequest('the body has no "k8s" prefix, it is no Kubernetes protobuf object')
  try {
    // runtime.Unknown: typeMeta = 1 {apiVersion = 1, kind = 2}, raw = 2
    const unknown = readMessage(body.subarray(magic.length), { 1: { name: 'typeMeta', type: { 1: text('apiVersion'), 2: text('kind') } }, 2: { name: 'raw', type: 'bytes' } }, '')
    const { apiVersion, kind } = unknown.typeMeta as JsonObject
    const message = kindMessages[String(kind)]
    if (message === undefined) throw unsupported(`${String(apiVersion)} ${String(kind)}`)
    const raw = Buffer.from(String(unknown.raw ?? ''), 'base64')
    return { apiVersion, kind, ...readMessage(raw, message, String(kind)) }
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw badRequest(`the protobuf body does not parse: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function text (name: string): Field {
  return { name, type: 'string' }
}

function readMessage (bytes: Uint8Array, message: Message, path: string): JsonObject {
  const reader = new BinaryReader(bytes)
  const result: JsonObject = {}
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    const field = message[number]
    if (field === undefined) {
      if (skipEmpty(reader, wireType)) continue
      throw unsupported(`field ${number} of ${path}`)
    }
    put(result, field, readValue(reader, field, `${path}.${field.name}`))
  }
  return result
}

function readValue (reader: BinaryReader, { type, map }: Field, path: string): unknown {
  if (map === true) return readEntry(reader.bytes(), type === 'bytes' ? 'bytes' : 'string')
  switch (type) {
    case 'string': return reader.string()
    case 'bytes': return Buffer.from(reader.bytes()).toString('base64')
    case 'integer': return Number(reader.int64())
    case 'boolean': return reader.bool()
    default: return readMessage(reader.bytes(), type, path)
  }
}

/** An entry of a map is a message of key and value. */
function readEntry (bytes: Uint8Array, type: 'string' | 'bytes'): JsonObject {
  const { key = '', value = '' } = readMessage(bytes, { 1: text('key'), 2: { name: 'value', type } }, 'map')
  return { [String(key)]: value }
}

function put (result: JsonObject, { name, map, repeated, type }: Field, value: unknown): void {
  const before = result[name]
  if (map === true) result[name] = { ...(before as JsonObject | undefined), ...(value as JsonObject) }
  else if (repeated === true) result[name] = [...(Array.isArray(before) ? before : []), value]
  // Go writes empty texts and messages out; in JSON they are left out.
  else if (value !== '' && !(typeof type === 'object' && Object.keys(value as JsonObject).length === 0)) result[name] = value
}

/** Go writes fields without a value, too. @returns false when there was one */
function skipEmpty (reader: BinaryReader, wireType: WireType): boolean {
  switch (wireType) {
    case WireType.LengthDelimited: return isEmptyMessage(reader.bytes())
    case WireType.Varint: return Number(reader.int64()) === 0
    default: return false
  }
}

function isEmptyMessage (bytes: Uint8Array): boolean {
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [, wireType] = reader.tag()
    if (!skipEmpty(reader, wireType)) return false
  }
  return true
}

function unsupported (what: string): ApiError {
  return new ApiError(415, 'UnsupportedMediaType', `${what} is not taken as protobuf here; send it as application/json`, {})
}
