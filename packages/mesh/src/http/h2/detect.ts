/**
 * Which HTTP a client speaks on a connection: HTTP/2 begins with a preface that no HTTP/1.1 request has (RFC 9113, 3.4). Envoy's
 * codec AUTO does the same.
 */
import type { Socket } from 'node:net'

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** Who sends nothing for so long is let go, as Node's server for HTTP/1.1 does. Milliseconds. */
const patience = 60_000

/** Calls back once, with all bytes still on the socket. */
export function detect (socket: Socket, found: (isHttp2: boolean) => void): void {
  let bytes: Buffer = Buffer.alloc(0)
  const done = (isHttp2: boolean): void => {
    stop()
    if (bytes.length > 0) socket.unshift(bytes)
    found(isHttp2)
  }
  const onReadable = (): void => {
    const chunk: unknown = socket.read()
    if (!(chunk instanceof Buffer)) return
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const length = Math.min(bytes.length, preface.length)
    const same = preface.compare(bytes, 0, length, 0, length) === 0
    if (!same || length === preface.length) done(same)
  }
  const onEnd = (): void => { socket.destroy() }
  const onError = (): void => { socket.destroy() }
  const timer = setTimeout(() => { socket.destroy() }, patience)
  timer.unref()
  const stop = (): void => {
    clearTimeout(timer)
    socket.off('readable', onReadable)
    socket.off('end', onEnd)
    socket.off('error', onError)
    socket.off('close', stop)
  }
  socket.on('readable', onReadable)
  socket.on('end', onEnd)
  socket.on('error', onError)
  socket.on('close', stop)
}
