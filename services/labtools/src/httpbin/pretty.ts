import type { FastifyReply } from 'fastify'

/** Answers with JSON as httpbin writes it: keys sorted, two blanks, a line end. */
export function sendPretty (reply: FastifyReply, body: Readonly<Record<string, unknown>>): FastifyReply {
  const sorted = Object.fromEntries(Object.entries(body).sort(([a], [b]) => a < b ? -1 : 1))
  return reply.type('application/json').send(`${JSON.stringify(sorted, undefined, 2)}\n`)
}
