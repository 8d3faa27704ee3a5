import type {} from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest } from 'fastify'

export interface AccessLine {
  /** The caller's address. */
  readonly client: string
  readonly time: Date
  readonly method: string
  readonly url: string
  readonly httpVersion: string
  readonly status: number
  /** Bytes of the answer's body; undefined when they are not known before it is sent. */
  readonly bytes: number | undefined
  readonly referer: string | undefined
  readonly userAgent: string | undefined
}

/** Where access lines go. */
export type WriteLine = (line: string) => void

/** One line of Apache's combined log format. https://httpd.apache.org/docs/2.4/logs.html#combined */
export function formatAccessLine (line: AccessLine): string {
  const request = `${line.method} ${line.url} HTTP/${line.httpVersion}`
  const fields = [line.client, '-', '-', `[${clfTime(line.time)}]`, quoted(request), line.status, line.bytes ?? '-', quoted(line.referer), quoted(line.userAgent)]
  return fields.join(' ')
}

/** A status of nginx's: the client closed the connection before the answer had been sent. */
const clientClosedRequest = 499

/** A WebSocket's line is written when it ends. */
const switchingProtocols = 101

/** Writes a line for each request that has ended, but for those of the kubelet, which would bury the others. */
export function logAccess (app: FastifyInstance, write: WriteLine): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.logLevel === 'warn') return
    // close, not fastify's onResponse, which is silent when the client has gone.
    reply.raw.once('close', () => {
      const length = reply.getHeader('content-length')
      write(formatAccessLine({
        client: clientOf(request),
        time: new Date(),
        method: request.method,
        url: request.url,
        httpVersion: request.raw.httpVersion,
        status: request.ws === true ? switchingProtocols : reply.raw.writableFinished ? reply.statusCode : clientClosedRequest,
        bytes: length === undefined ? undefined : Number(length),
        referer: request.headers.referer,
        userAgent: request.headers['user-agent']
      }))
    })
  })
}

/** The caller's address: the last proxy's word for it, else the connection's. */
export function clientOf (request: FastifyRequest): string {
  const forwarded = request.headers['x-forwarded-for']
  const text = Array.isArray(forwarded) ? forwarded.join(', ') : forwarded
  return text ?? (request.socket.remoteAddress ?? '-').replace(/^::ffff:/, '')
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function clfTime (time: Date): string {
  const [date = '', clock = ''] = time.toISOString().split('T')
  const [year, month, day] = date.split('-')
  return `${day}/${months[Number(month) - 1]}/${year}:${clock.slice(0, 8)} +0000`
}

// A header may hold what ends the field: it is escaped, so that nobody writes a second line into the log.
function quoted (text: string | undefined): string {
  // eslint-disable-next-line no-control-regex
  return `"${(text ?? '-').replace(/["\\\x00-\x1f\x7f]/g, (character) => character === '"' || character === '\\' ? `\\${character}` : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`
}
