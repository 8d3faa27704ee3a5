/** A request as consistent hashing sees it. */
import type { Hashed } from '../upstream/consistent-hash.ts'
import type { RouteStream } from './route-stream.ts'

export function hashedRequest ({ fields: { list }, path, start: { context, character, request, destination } }: RouteStream, setCookie: (line: string) => void): Hashed {
  const source = character.edge ? request.socket.remoteAddress ?? '' : context.ip
  return {
    header: (name) => list.filter((_value, index) => index % 2 === 1 && list[index - 1] === name),
    path,
    source,
    connection: `${source}:${request.socket.remotePort ?? 0}${destination.text}`,
    setCookie
  }
}
