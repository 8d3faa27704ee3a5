import { Client, credentials, Metadata, type MethodDefinition } from '@grpc/grpc-js'
import { service as healthService } from 'grpc-health-check'
import { pingService, type PingMessage } from './ping-service.ts'

export interface Ping {
  readonly seq: number
  readonly payload: string
  /** How long the server is to wait. */
  readonly delayMs: number
  readonly timeoutMs: number
}

export interface PingClient {
  /** The pod that answered, as it says. @throws Error with the status, or for an answer that is not what was sent */
  ping(ping: Ping): Promise<string>
  /** `SERVING`, `NOT_SERVING`, ... @throws Error with the status */
  health(service: string, timeoutMs: number): Promise<string>
  close(): void
}

/** A client on cleartext HTTP/2; grpc-js goes by the proxy of the environment, in a tunnel, by itself. */
export function createPingClient (target: string): PingClient {
  const client = new Client(target, credentials.createInsecure(), { 'grpc.primary_user_agent': 'fortio/labtools-1.0.0' })
  return {
    ping: async ({ seq, payload, delayMs, timeoutMs }) => {
      const message = { seq: String(seq), ts: String(BigInt(Date.now()) * 1_000_000n), payload, delayNanos: String(Math.round(delayMs * 1e6)) }
      const { answer, metadata } = await call<typeof message, PingMessage>(client, { method: method(pingService, 'Ping'), message, timeoutMs })
      if (answer.seq !== message.seq || answer.payload !== payload) throw new Error(`the answer is not what was sent: seq ${answer.seq} for ${seq}`)
      return String(metadata.get('x-bankinfo-pod')[0] ?? 'a server that does not say its name')
    },
    health: async (service, timeoutMs) => {
      const { answer } = await call<{ service: string }, { status: string }>(client, { method: method(healthService, 'Check'), message: { service }, timeoutMs })
      return answer.status
    },
    close: () => client.close()
  }
}

interface Call<Request> {
  readonly method: MethodDefinition<object, object>
  readonly message: Request
  readonly timeoutMs: number
}

async function call<Request extends object, Answer> (client: Client, { method: { path, requestSerialize, responseDeserialize }, message, timeoutMs }: Call<Request>): Promise<{ answer: Answer, metadata: Metadata }> {
  return await new Promise((resolve, reject) => {
    let metadata = new Metadata()
    const options = { deadline: Date.now() + timeoutMs }
    const unary = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, message, options, (error, answer) => {
      if (error !== null) reject(error)
      else resolve({ answer: answer as Answer, metadata })
    })
    unary.on('metadata', (received: Metadata) => { metadata = received })
  })
}

function method (service: object, name: string): MethodDefinition<object, object> {
  return (service as Readonly<Record<string, MethodDefinition<object, object>>>)[name] as MethodDefinition<object, object>
}
