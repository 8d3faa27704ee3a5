import type { App } from '@bankinfo/service'
import { promisify } from 'node:util'
import { brotliCompress, deflate, gzip } from 'node:zlib'
import { describeRequest } from '../../describe-request.ts'
import { replies } from '../../replies.ts'

const codings = [
  { path: '/gzip', coding: 'gzip', key: 'gzipped', compress: promisify<Buffer, Buffer>(gzip) },
  { path: '/deflate', coding: 'deflate', key: 'deflated', compress: promisify<Buffer, Buffer>(deflate) },
  { path: '/brotli', coding: 'br', key: 'brotli', compress: promisify<Buffer, Buffer>(brotliCompress) }
] as const

/** The request, compressed, whatever the caller accepts. */
export function compressionRoutes (app: App): void {
  for (const { path, coding, key, compress } of codings) {
    app.get(path, { schema: { summary: `The request, in content coding ${coding}`, tags: ['Response formats'], response: replies } }, async (request, reply) => {
      const { headers, origin } = describeRequest(request)
      const text = JSON.stringify({ [key]: true, headers, method: request.method, origin }, undefined, 2)
      return await reply.header('content-encoding', coding).type('application/json').send(await compress(Buffer.from(`${text}\n`)))
    })
  }
}
