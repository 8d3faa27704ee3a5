import type { ServiceDefinition } from '@grpc/grpc-js'
import { fromJSON } from '@grpc/proto-loader'

/** A message of {@link pingService}; int64 fields are text. */
export interface PingMessage {
  readonly seq: string
  /** Nanoseconds since the epoch, of who wrote the message. */
  readonly ts: string
  readonly payload: string
  readonly delayNanos: string
}

const definition = fromJSON({
  nested: {
    fgrpc: {
      nested: {
        PingMessage: {
          fields: {
            seq: { type: 'int64', id: 1 },
            ts: { type: 'int64', id: 2 },
            payload: { type: 'string', id: 3 },
            delayNanos: { type: 'int64', id: 4 }
          }
        },
        PingServer: { methods: { Ping: { requestType: 'PingMessage', responseType: 'PingMessage', comment: 'Sends the message back.' } } }
      }
    }
  }
}, { keepCase: true, longs: String, defaults: true })['fgrpc.PingServer']

/** fortio's ping, so that the real fortio can ask us and ours can ask it. https://github.com/fortio/fortio/blob/master/fgrpc/ping.proto */
export const pingService = definition as unknown as ServiceDefinition
export const pingPath = '/fgrpc.PingServer/Ping'
