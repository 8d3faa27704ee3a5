import type { IncomingMessage } from 'node:http'
import { isRecord, textOf, type JsonRecord } from '../../resources/json.ts'
import { ApiFailure, type Client, type RequestOptions } from '../client.ts'

export interface WatchEvent {
  readonly type: string
  readonly object: JsonRecord
}

/** The events of a watch as they come; ends when the server ends it. Leaving the loop ends the connection. @throws ApiFailure */
export async function * watchEvents (client: Client, path: string, options: RequestOptions & { readonly signal?: AbortSignal }): AsyncGenerator<WatchEvent> {
  const stream = await client.stream(path, { ...options, query: { ...options.query, watch: 'true' } })
  for await (const line of linesOf(stream)) {
    const event: unknown = JSON.parse(line)
    if (!isRecord(event) || !isRecord(event.object)) continue
    if (event.type === 'ERROR') throw new ApiFailure(event.object)
    yield { type: textOf(event.type), object: event.object }
  }
}

/** The lines of a response. A connection that is cut after the reader has left is nobody's error. */
export async function * linesOf (stream: IncomingMessage): AsyncGenerator<string> {
  stream.on('error', () => {})
  stream.setEncoding('utf8')
  let rest = ''
  for await (const piece of stream) {
    const lines = (rest + String(piece)).split('\n')
    rest = lines.pop() ?? ''
    yield * lines
  }
  if (rest !== '') yield rest
}
