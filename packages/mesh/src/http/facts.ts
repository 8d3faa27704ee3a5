/** What values of header operations may speak of, read from a stream. */
import { headerValue } from '../decide/match.ts'
import type { Facts } from '../filters/header-values.ts'
import type { RouteStream } from './route-stream.ts'

/** `answer` has the fields of the answer as they are so far. */
export function factsOf (stream: RouteStream, answer?: { status: number, list: readonly string[] }): Facts {
  const { start: { context, request, head, destination, character } } = stream
  return {
    requestHeader: (name) => headerValue(name, head),
    responseHeader: (name) => {
      const index = answer?.list.indexOf(name) ?? -1
      return index === -1 ? undefined : answer?.list[index + 1]
    },
    responseCode: answer?.status,
    downstreamRemoteAddress: `${character.direction === 'gateway' ? request.socket.remoteAddress ?? '' : context.ip}:${request.socket.remotePort ?? 0}`,
    downstreamLocalAddress: destination.text,
    upstreamHost: stream.upstream,
    upstreamCluster: stream.clusterName,
    routeName: stream.route?.name,
    startTime: stream.startTime
  }
}
