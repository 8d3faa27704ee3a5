import { ServiceError, type App } from '@bankinfo/service'
import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import { sendPretty } from '../pretty.ts'
import { anyMethod } from './request.ts'

interface Choice {
  readonly status: number
  readonly weight: number
}

/** /status/418, /status/200,503, /status/200:0.9,500:0.1: the status that is asked for, or one of them by chance. */
export function statusRoutes (app: App): void {
  app.route({
    method: anyMethod,
    url: '/status/:codes',
    schema: {
      summary: 'A status of the caller\'s choice; of several, separated by commas, one by chance (500:0.1 gives it a weight)',
      tags: ['Status codes'],
      params: Type.Object({ codes: Type.String() })
    },
    handler: async (request, reply) => {
      const { codes } = request.params
      return answerStatus(reply, draw(parseChoices(codes), Math.random()))
    }
  })
  app.get('/unstable', {
    schema: {
      summary: 'Fails by chance: 500 for failure_rate (0.5) of the requests, else 200',
      tags: ['Status codes'],
      querystring: Type.Object({ failure_rate: Type.Number({ minimum: 0, maximum: 1, default: 0.5 }) })
    }
  }, async (request, reply) => answerStatus(reply, Math.random() < request.query.failure_rate ? 500 : 200))
}

/** @throws ServiceError 400 for what is no list of status codes */
export function parseChoices (text: string): readonly Choice[] {
  return text.split(',').map((part) => {
    const match = /^\s*(\d{3})\s*(?::\s*(\d+(?:\.\d+)?|\.\d+)\s*)?$/.exec(part)
    const status = Number(match?.[1])
    // A 1xx is no answer: a client would wait for the one that follows.
    if (match === null || status < 200 || status > 599) {
      throw new ServiceError(400, 'invalid_status', `"${part}" is not a status: expected a number from 200 to 599, as in /status/418 or /status/200:3,503:1`)
    }
    return { status, weight: Number(match[2] ?? 1) }
  })
}

/** @param random from 0 to 1, 1 excluded */
export function draw (choices: readonly Choice[], random: number): number {
  const sum = choices.reduce((total, { weight }) => total + weight, 0)
  let rest = random * sum
  for (const { status, weight } of choices) {
    rest -= weight
    if (rest < 0) return status
  }
  return choices.at(-1)?.status ?? 200
}

function answerStatus (reply: FastifyReply, status: number): FastifyReply {
  reply.code(status)
  if (status === 401) return reply.header('www-authenticate', 'Basic realm="Fake Realm"').send('')
  if (status === 407) return reply.header('proxy-authenticate', 'Basic realm="Fake Realm"').send('')
  if (status === 402) return reply.header('x-more-info', 'http://vimeo.com/22053820').type('text/plain').send('Payment, please.\n')
  if (status === 406) return sendPretty(reply, { message: 'The client did not request a supported media type.', accept: ['image/webp', 'image/svg+xml', 'image/jpeg', 'image/png', 'image/*'] })
  if (status === 418) return reply.header('x-more-info', 'http://tools.ietf.org/html/rfc2324').type('text/plain').send(teapot)
  if ([301, 302, 303, 305, 307, 308].includes(status)) return reply.header('location', '/redirect/1').send('')
  return reply.type('text/html; charset=utf-8').send('')
}

const teapot = `
    -=[ teapot ]=-

            ___
        .-'_____'-.
   __  /  '     '  \\  .--.
  (  \\|             |/ .. |
   \\  |             | /  ||
    '-|             |(__//
       \\           / '--'
        '._______.'
`
