import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ApiContext } from '../context.ts'
import type { LogRequest } from '../node-agent.ts'
import type { ResourcePath } from '../path.ts'
import { getObject } from '../read/read.ts'
import { badRequest } from '../status.ts'
import { containerOf } from './container.ts'

export interface LogCall {
  readonly context: ApiContext
  readonly path: ResourcePath
  readonly query: URLSearchParams
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** Streams a container's log as text. @throws ApiError 400, 404 */
export async function streamLog ({ context, path, query, reply }: LogCall): Promise<void> {
  const pod = getObject(context, path)
  const container = containerOf(pod, query.get('container') ?? undefined)
  const ending = new AbortController()
  reply.raw.once('close', () => { ending.abort() })
  const request: LogRequest = {
    namespace: path.namespace ?? '',
    pod: pod.metadata.name,
    ...(container !== undefined && { container }),
    ...numberOption(query, 'tailLines'),
    ...sinceOption(query),
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    timestamps: flag(query, 'timestamps'),
    signal: ending.signal
  }
  const lines = context.node.logs(request)[Symbol.asyncIterator]()
  // The first piece decides whether this is a log or an error. A log that is followed may have none for long.
  const first = lines.next()
  await Promise.race([first, ...(request.follow === true ? [soon()] : [])]).catch((error: unknown) => {
    throw badRequest(error instanceof Error ? error.message : String(error))
  })
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'text/plain' })
  reply.raw.flushHeaders()
  const limit = Number(query.get('limitBytes') ?? Infinity)
  await pipeline(Readable.from(limited(first, lines, limit)), reply.raw).catch(() => { ending.abort() })
}

async function * limited (first: Promise<IteratorResult<Buffer>>, rest: AsyncIterator<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let left = limit
  let step = await first
  while (step.done !== true && left > 0) {
    const piece = step.value.subarray(0, left)
    left -= piece.length
    yield piece
    step = await rest.next()
  }
  await rest.return?.()
}

function soon (): Promise<undefined> {
  return new Promise((resolve) => { setTimeout(resolve, 50, undefined) })
}

function flag (query: URLSearchParams, name: string): boolean {
  return query.get(name) === 'true'
}

function numberOption (query: URLSearchParams, name: 'tailLines'): Partial<Pick<LogRequest, 'tailLines'>> {
  const text = query.get(name)
  if (text === null) return {}
  if (!/^\d+$/.test(text)) throw badRequest(`${name}: Invalid value: ${JSON.stringify(text)}: must be greater than or equal to 0`)
  return { [name]: Number(text) }
}

function sinceOption (query: URLSearchParams): Partial<Pick<LogRequest, 'sinceSeconds'>> {
  const seconds = query.get('sinceSeconds')
  if (seconds !== null) {
    if (!/^[1-9]\d*$/.test(seconds)) throw badRequest(`sinceSeconds: Invalid value: ${JSON.stringify(seconds)}: must be greater than 0`)
    return { sinceSeconds: Number(seconds) }
  }
  const time = Date.parse(query.get('sinceTime') ?? '')
  return Number.isNaN(time) ? {} : { sinceSeconds: Math.max(1, Math.ceil((Date.now() - time) / 1_000)) }
}
