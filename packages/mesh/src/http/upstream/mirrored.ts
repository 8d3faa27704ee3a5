/**
 * A copy of a request on its way to a mirror: one attempt, no retries, an answer for nobody. Envoy's name for it is a shadow.
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-requestmirrorpolicy
 */
import { Attempt } from '../attempt.ts'
import { hopsField, type RequestFields } from '../request-fields.ts'
import { operationOf } from '../../decide/decide.ts'
import { pickHost, type Host, type Pool } from '../../upstream/balancer.ts'
import type { Exchange } from '../exchange.ts'
import type { RequestBody } from './body.ts'
import type { Sender } from './sender.ts'
import type { Peer } from '../../upstream/directory.ts'

export function sendMirrored (exchange: Exchange, pool: Pool, body: RequestBody | null): void {
  const { context, destination } = exchange.start
  const host = pickHost(pool, [], context)
  if (host === undefined && pool.cluster.discovery !== 'ORIGINAL_DST') {
    body?.destroy()
    return
  }
  const peer = host === undefined
    ? context.directory.dial(destination.host, destination.port, context.namespace)
    : context.directory.dialEndpoint(host, context.namespace)
  const to = (found: Peer | undefined): void => {
    if (found === undefined) body?.destroy()
    else sendTo(exchange, { peer: found, host, pool, body })
  }
  if (peer instanceof Promise) peer.then(to, () => { to(undefined) })
  else to(peer)
}

function sendTo (exchange: Exchange, { peer, host, pool, body }: { peer: Peer, host: Host | undefined, pool: Pool, body: RequestBody | null }): void {
  const { start, path, startTime, action } = exchange
  const fields = copyOf(exchange, peer)
  let timer: NodeJS.Timeout | undefined
  const sender: Sender = {
    call: exchange.call,
    start,
    fields,
    path,
    startTime,
    bytesSent: 0,
    requestBytes: () => exchange.requestBytes(),
    serviceTime: undefined,
    grpcStatus: undefined,
    discards: () => true,
    changeAnswer: () => {},
    flagsOf: () => '-',
    switched: () => {},
    settle: () => { clearTimeout(timer) }
  }
  const attempt = new Attempt(sender, peer, { host, pool })
  const timeout = action?.timeout ?? 0
  if (timeout > 0) {
    const begin = (): void => {
      timer = setTimeout(() => { attempt.timeOut() }, timeout)
      timer.unref()
    }
    if (body === null) begin()
    else body.once('end', begin)
  }
  attempt.send(fields.list, body)
}

/** What the first attempt has, and the sender's address: a mirror is told who sends it the copy (measured). */
function copyOf (exchange: Exchange, peer: Peer): RequestFields {
  const own = exchange.upstreamFields()
  const { context } = exchange.start
  const list = [...own.list]
  const fields: RequestFields = { ...own, list }
  if (fields.forwardedFor === -1) fields.forwardedFor = list.push('x-forwarded-for', context.ip) - 1
  else list[fields.forwardedFor] = `${list[fields.forwardedFor] ?? ''},${context.ip}`
  const { action, block } = exchange
  if (peer.inbound === undefined && action !== undefined) list.push('x-envoy-decorator-operation', operationOf(block, action))
  list.push('x-envoy-attempt-count', '1')
  if (peer.workload?.kind === 'gateway') list.push(hopsField, String(fields.hops + 1))
  return fields
}
