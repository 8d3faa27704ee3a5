/** Bytes between two sockets, for what the mesh does not read: TCP, and TLS that it does not end. */
import { connect, type Socket } from 'node:net'
import type { SocketAddress } from '../model.ts'

export interface RelayResult {
  readonly connected: boolean
  readonly bytesSent: number
  readonly bytesReceived: number
}

/** Joins a client with a real address until both have ended. Half-closed connections stay open the other way. */
export function relay (client: Socket, address: SocketAddress, onEnd: (result: RelayResult) => void): void {
  let connected = false
  let ended = false
  const upstream = connect({ host: address.host, port: address.port, allowHalfOpen: true })
  const finish = (): void => {
    if (ended) return
    ended = true
    client.destroy()
    upstream.destroy()
    onEnd({ connected, bytesSent: upstream.bytesRead, bytesReceived: upstream.bytesWritten })
  }
  upstream.once('connect', () => {
    connected = true
    client.pipe(upstream)
    upstream.pipe(client)
  })
  for (const socket of [client, upstream]) {
    socket.setNoDelay(true)
    socket.on('error', finish)
  }
  client.on('close', finish)
  upstream.on('close', () => {
    // What has come is still on its way to the client.
    if (client.writableLength > 0 && !client.destroyed) client.end(finish)
    else finish()
  })
}
