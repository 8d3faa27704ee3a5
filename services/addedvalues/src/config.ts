import { serviceConfig, urlOf } from '@bankinfo/service'
import Type, { type Static } from 'typebox'

/** SERVICE_VERSION picks the version; the rest is read by v3 alone. */
export const configSchema = serviceConfig({
  SERVICE_VERSION: Type.Enum(['v1', 'v2', 'v3'], { default: 'v1', description: 'which of the three versions this process is' }),
  STYLETRANSFER_URL: urlOf('http://styletransfer.external.svc.cluster.local:9080', 'address of styletransfer, for v3'),
  STYLETRANSFER_TIMEOUT_MS: Type.Integer({ minimum: 1, default: 10_000, description: 'how long v3 waits for styletransfer' }),
  UPLOAD_TIMEOUT_MS: Type.Integer({ minimum: 1, default: 60_000, description: 'how long a photo and its answer may take' })
})

export type Config = Readonly<Static<typeof configSchema>>
