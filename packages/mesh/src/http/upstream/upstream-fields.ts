/** A request's fields as they go upstream: what it came with, what this proxy says of it, and the attempt's number. */
import { hopsField } from '../request-fields.ts'
import { matchingBlock, operationOf } from '../../decide/decide.ts'
import type { Exchange } from '../exchange.ts'
import type { RouteStream } from '../route-stream.ts'
import type { Peer } from '../../upstream/directory.ts'

/** The same list with each attempt: its own fields stand behind those of all. */
export function attemptFields (exchange: Exchange, peer: Peer): string[] {
  const { start: { character, head }, fields, route, action } = exchange
  const { list } = fields
  if (character.server === undefined && peer.inbound?.http !== true) return list
  if (exchange.baseFields === -1) {
    exchange.upstreamFields()
    exchange.baseFields = list.length
  }
  list.length = exchange.baseFields
  if (character.server === undefined) return list
  // The server's own proxy takes these two away again.
  if (peer.inbound === undefined && route !== undefined && action !== undefined) {
    list.push('x-envoy-decorator-operation', operationOf(exchange.block ?? matchingBlock(route, head), action))
    if (action.timeout > 0) list.push('x-envoy-expected-rq-timeout-ms', String(action.timeout))
  }
  list.push('x-envoy-attempt-count', String(exchange.attempts))
  if (peer.workload?.kind === 'gateway') list.push(hopsField, String(fields.hops + 1))
  return list
}

export function addOwnFields ({ start: { character, context, request, head }, fields }: RouteStream): void {
  const { list } = fields
  const address = character.edge ? request.socket.remoteAddress ?? '' : ''
  if (character.edge) {
    if (fields.forwardedFor === -1) fields.forwardedFor = list.push('x-forwarded-for', address) - 1
    else list[fields.forwardedFor] = `${list[fields.forwardedFor] ?? ''},${address}`
  }
  if (!fields.forwardedProto) list.push('x-forwarded-proto', head.scheme)
  if (character.edge) list.push('x-envoy-external-address', address)
  if (fields.requestId === undefined) {
    fields.requestId = context.requestId()
    list.push('x-request-id', fields.requestId)
  }
}
