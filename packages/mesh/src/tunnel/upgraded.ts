/** The two ends of a connection that has switched protocols (RFC 9110, 7.8). */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Writes the 101 and joins the ends; `onEnd` is told once who left first. */
export function joinUpgraded (client: Socket, upstream: Duplex, head: { status: number, fields: readonly string[] }, onEnd: (byClient: boolean) => void): void {
  let ended = false
  const end = (byClient: boolean): void => {
    if (ended) return
    ended = true
    // What one end has still to say is written before it is closed.
    client.end()
    upstream.end()
    onEnd(byClient)
  }
  const lines = [`HTTP/1.1 ${head.status} Switching Protocols`]
  for (let index = 0; index < head.fields.length; index += 2) lines.push(`${head.fields[index] ?? ''}: ${head.fields[index + 1] ?? ''}`)
  client.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  for (const [socket, byClient] of [[client, true], [upstream, false]] as const) {
    socket.on('end', () => { end(byClient) })
    socket.on('close', () => {
      end(byClient)
      client.destroy()
      upstream.destroy()
    })
    socket.on('error', () => { socket.destroy() })
  }
  client.pipe(upstream)
  upstream.pipe(client)
}
