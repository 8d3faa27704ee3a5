import type { App } from '@bankinfo/service'
import { Readable } from 'node:stream'
import Type from 'typebox'
import { clientGone } from '../../client-gone.ts'
import { describeRequest } from '../../describe-request.ts'
import { wait } from '../time.ts'

/** Answers that come piece by piece. */
export function streamRoutes (app: App): void {
  const tags = ['Dynamic data']
  app.get('/stream/:count', {
    schema: { summary: 'The request, this many times (100 at most), one line of JSON each', tags, params: Type.Object({ count: Type.Integer({ minimum: 0 }) }) }
  }, async (request, reply) => {
    const described = describeRequest(request)
    const lines = Array.from({ length: Math.min(request.params.count, 100) }, (_, id) => `${JSON.stringify({ id, ...described })}\n`)
    return await reply.type('application/json').send(Readable.from(lines))
  })
  app.get('/sse', {
    schema: {
      summary: 'count (10) server-sent events, one each delay (1) seconds',
      tags,
      querystring: Type.Object({
        count: Type.Integer({ minimum: 1, maximum: 10_000, default: 10 }),
        delay: Type.Number({ minimum: 0, maximum: 60, default: 1 })
      })
    }
  }, async (request, reply) => {
    const { count, delay } = request.query
    reply.type('text/event-stream; charset=utf-8').header('cache-control', 'no-store')
    return await reply.send(Readable.from(events(count, delay, clientGone(reply)), { highWaterMark: 1 }))
  })
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
async function * events (count: number, delay: number, gone: AbortSignal): AsyncGenerator<string> {
  for (let id = 0; id < count && !gone.aborted; id += 1) {
    if (id > 0) await wait(delay, gone)
    if (!gone.aborted) yield `event: ping\nid: ${id}\ndata: ${JSON.stringify({ id, timestamp: Date.now() })}\n\n`
  }
}
