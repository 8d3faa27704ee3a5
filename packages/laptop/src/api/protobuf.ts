import { unsupportedMediaType } from './status.ts'

export function decodeProtobuf (_body: Buffer): unknown {
  throw unsupportedMediaType('protobuf')
}
