/** What a proxy adds to the answers that it passes on. */
import type { Attempt } from '../attempt.ts'
import type { ResponseStamp } from './response-fields.ts'

const none: ResponseStamp = { server: undefined, serviceTime: undefined, operation: undefined }

/** Who stands in `server`: the proxy nearest to the client. A plain client meets the server's own. */
export function stampOf ({ sender, peer: { inbound } }: Attempt): ResponseStamp {
  const { character: { server }, context } = sender.start
  if (server === undefined && inbound?.http !== true) return none
  const serviceTime = context.clock() - sender.startTime
  sender.serviceTime = serviceTime
  return server === undefined ? { server: 'istio-envoy', serviceTime, operation: inbound?.operation } : { server, serviceTime, operation: undefined }
}
