import type { App } from '@bankinfo/service'
import { setTimeout as pause } from 'node:timers/promises'
import Type from 'typebox'
import { clientGone } from '../client-gone.ts'
import { describeBody, describeRequest } from '../describe-request.ts'
import { sendPretty } from '../pretty.ts'
import { anyMethod } from './request.ts'

/** The longest delay, in seconds; more is cut down to it, as httpbin.org does. */
const longest = 10

/** Answers that come late. */
export function timeRoutes (app: App): void {
  app.route({
    method: anyMethod,
    url: '/delay/:seconds',
    schema: {
      summary: 'The request, after this many seconds (10 at most)',
      tags: ['Dynamic data'],
      params: Type.Object({ seconds: Type.Number({ minimum: 0 }) })
    },
    handler: async (request, reply) => {
      const { seconds } = request.params
      await wait(Math.min(seconds, longest), clientGone(reply))
      return sendPretty(reply, { ...describeRequest(request), ...await describeBody(request) })
    }
  })
}

/** Waits, or gives up when the signal says that nobody waits. */
export async function wait (seconds: number, signal: AbortSignal): Promise<void> {
  if (seconds <= 0) return
  try {
    await pause(seconds * 1000, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
