import { serviceConfig } from '@bankinfo/service'
import Type, { type Static } from 'typebox'
import { availableParallelism } from 'node:os'
import { defaultEdge } from './work/job.ts'

const mebibyte = 1024 * 1024

/** The environment of styletransfer; what every service reads comes from packages/service. */
export const configSchema = serviceConfig({
  MAX_UPLOAD_BYTES: Type.Integer({ minimum: 1024, maximum: 512 * mebibyte, default: 25 * mebibyte, description: 'largest file that is taken, in bytes (413 above)' }),
  MAX_PIXELS: Type.Integer({ minimum: 1, maximum: 268_402_689, default: 50_000_000, description: 'most pixels a photo may have, told by its header before it is decoded (422 above)' }),
  MAX_FRAMES: Type.Integer({ minimum: 1, maximum: 100_000, default: 1000, description: 'most frames or pages a file may have, of which the first is styled (422 above)' }),
  MAX_EDGE: Type.Integer({ minimum: 16, maximum: 4096, default: defaultEdge, description: 'longer side of the answer in pixels; larger photos are made smaller, smaller ones stay' }),
  MAX_SECONDS: Type.Number({ minimum: 0.05, maximum: 300, default: 20, description: 'time that the work on one photo may take, in seconds (503 above)' }),
  UPLOAD_SECONDS: Type.Number({ minimum: 0.05, maximum: 60, default: 30, description: 'time that an upload may take to arrive, in seconds (408 above)' }),
  WORKERS: Type.Integer({ minimum: 1, maximum: 64, default: availableParallelism(), description: 'photos that are worked on at once' }),
  QUEUE_LENGTH: Type.Integer({ minimum: 0, maximum: 1000, default: 8, description: 'photos that wait for a worker (503 with Retry-After above)' }),
  MAX_BUFFERED_BYTES: Type.Integer({ minimum: 1024, maximum: 4096 * mebibyte, default: 128 * mebibyte, description: 'bytes of all uploads together that are held at once (503 with Retry-After above)' })
})

export type Config = Readonly<Static<typeof configSchema>>
