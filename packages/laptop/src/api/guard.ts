import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ApiError } from './status.ts'

const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * Lets a request in only from a program that has the token. A web page that is open in a browser on this machine gets no further:
 * it has no token, it sends its Origin, and a name that was made to point to loopback (DNS rebinding) stands in Host.
 * @throws ApiError 401, 403
 */
export function guardRequest ({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>, token: string): void {
  const host = splitPort(headers.host ?? '')
  if (!loopbackNames.has(host.name) || host.port !== String(socket.localPort)) {
    throw new ApiError(403, 'Forbidden', `Host "${headers.host ?? ''}" is none of this server's names`, {})
  }
  if (headers.origin !== undefined && headers.origin !== `https://${headers.host}`) {
    throw new ApiError(403, 'Forbidden', `requests from web pages are refused (Origin "${headers.origin}")`, {})
  }
  const sent = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? ''
  if (!timingSafeEqual(digest(sent), digest(token))) throw new ApiError(401, 'Unauthorized', 'Unauthorized')
}

function splitPort (host: string): { readonly name: string, readonly port: string } {
  const match = /^(.*?)(?::(\d+))?$/.exec(host.toLowerCase())
  return { name: match?.[1] ?? '', port: match?.[2] ?? '443' }
}

/** Texts of any length as equally long ones: what is compared must not tell how long the token is. */
function digest (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
