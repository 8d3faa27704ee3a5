import type { App } from '@bankinfo/service'
import websocket from '@fastify/websocket'
import type { WebSocket } from 'ws'
import { replies } from '../../replies.ts'

/** Bytes that a message may have. */
const maxPayload = 1024 * 1024

/** /websocket and /websocket/echo: each message comes back as it was. https://www.rfc-editor.org/rfc/rfc6455 */
export async function websocketRoutes (app: App): Promise<void> {
  await app.register(websocket, { options: { maxPayload } })
  for (const url of ['/websocket', '/websocket/echo']) {
    app.route({
      method: 'GET',
      url,
      schema: { summary: 'A WebSocket that sends each message back', tags: ['Dynamic data'], response: replies },
      handler: async (_request, reply) => await reply.code(426).headers({ upgrade: 'websocket', connection: 'upgrade' }).type('text/plain').send('This address is for WebSocket clients.\n'),
      wsHandler: (socket: WebSocket) => {
        socket.on('message', (data, binary) => socket.send(data, { binary }))
        // What a client sends that is no WebSocket ends its connection, and nothing else.
        socket.on('error', () => {})
      }
    })
  }
}
