import { serviceConfig, urlOf } from '@bankinfo/service'
import Type, { type Static } from 'typebox'

export const configSchema = serviceConfig({
  DETAILS_URL: urlOf('http://details:9080', 'address of details'),
  ADDEDVALUES_URL: urlOf('http://addedvalues:9080', 'address of addedvalues'),
  SESSION_KEY: Type.Optional(Type.String({ minLength: 16, writeOnly: true, description: 'signs the session cookie, at least 16 characters; a random one without it' })),
  UPSTREAM_TIMEOUT_MS: Type.Integer({ minimum: 1, default: 3_000, description: 'how long details and addedvalues may take, each time they are asked' }),
  UPSTREAM_ATTEMPTS: Type.Integer({ minimum: 1, maximum: 10, default: 2, description: 'how often they are asked: again after a timeout, a connection error or a 5xx' }),
  UPLOAD_TIMEOUT_MS: Type.Integer({ minimum: 1, default: 60_000, description: 'how long a photo and its answer may take' }),
  UPLOAD_MAX_BYTES: Type.Integer({ minimum: 1, default: 51 * 1024 * 1024, description: 'how long an upload may be: a photo and a style image' })
})

export type Config = Readonly<Static<typeof configSchema>>
