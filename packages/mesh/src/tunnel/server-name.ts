/** The server name (SNI) of a TLS connection, read without ending the TLS. RFC 8446, 4.1.2; RFC 6066, 3. */
import type { Socket } from 'node:net'

const maxHello = 16 * 1024 + 5

/** Calls back once with the name, or undefined for what is no TLS or names nothing. All bytes stay on the socket. */
export function readServerName (socket: Socket, found: (name: string | undefined) => void): void {
  let bytes: Buffer = Buffer.alloc(0)
  const onReadable = (): void => {
    const chunk: unknown = socket.read()
    if (!(chunk instanceof Buffer)) return
    bytes = Buffer.concat([bytes, chunk])
    const result = serverName(bytes)
    if (result === 'more' && bytes.length < maxHello) return
    done(result === 'more' ? undefined : result.name)
  }
  const onEnd = (): void => { done(undefined) }
  const done = (name: string | undefined): void => {
    socket.off('readable', onReadable)
    socket.off('end', onEnd)
    socket.off('close', onEnd)
    if (bytes.length > 0 && !socket.destroyed) socket.unshift(bytes)
    found(name)
  }
  socket.on('readable', onReadable)
  socket.on('end', onEnd)
  socket.on('close', onEnd)
}

/** `more` while the ClientHello is not whole. */
export function serverName (bytes: Buffer): 'more' | { readonly name: string | undefined } {
  const none = { name: undefined }
  if (bytes.length < 6) return bytes.length > 0 && bytes[0] !== 22 ? none : 'more'
  if (bytes[0] !== 22 || bytes[5] !== 1) return none
  const end = 5 + bytes.readUInt16BE(3)
  if (bytes.length < end) return 'more'
  try {
    // Handshake header, version and random, then three lists before the extensions.
    let at = 5 + 4 + 2 + 32
    at += 1 + bytes.readUInt8(at)
    at += 2 + bytes.readUInt16BE(at)
    at += 1 + bytes.readUInt8(at)
    const extensionsEnd = Math.min(end, at + 2 + bytes.readUInt16BE(at))
    at += 2
    while (at + 4 <= extensionsEnd) {
      const type = bytes.readUInt16BE(at)
      const length = bytes.readUInt16BE(at + 2)
      if (type === 0 && length > 5) {
        const size = bytes.readUInt16BE(at + 7)
        return at + 9 + size <= extensionsEnd ? { name: bytes.toString('latin1', at + 9, at + 9 + size).toLowerCase() } : none
      }
      at += 4 + length
    }
  } catch {
    // A ClientHello that contradicts itself names nobody.
  }
  return none
}
