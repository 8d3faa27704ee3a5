import { Metadata, Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import { formatAccessLine, type WriteLine } from '../access-log.ts'
import type { Config } from '../config.ts'
import { pingPath, pingService, type PingMessage } from './ping-service.ts'

export interface GrpcServer {
  /** The port that it listens on. */
  readonly port: number
  /** Tells who asks after its health that it does not take work any more. */
  drain(): void
  /** Lets calls under way end, then closes; cuts them off after this time, in milliseconds. */
  close(graceMs: number): Promise<void>
}

/** The longest delay that a ping may ask for, in milliseconds. */
const longest = 10_000
const services = ['', 'fgrpc.PingServer']

/**
 * A gRPC server on cleartext HTTP/2: fortio's ping, which sends each message back, and the standard health service. Who answered
 * stands in the initial metadata, as in the HTTP servers' headers. https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export async function startGrpcServer (config: Config, writeAccess: WriteLine): Promise<GrpcServer> {
  const server = new Server()
  const health = new HealthImplementation(Object.fromEntries(services.map((name) => [name, 'SERVING'])))
  health.addToServer(server)
  const ping: handleUnaryCall<PingMessage, PingMessage> = (call, done) => {
    const metadata = new Metadata()
    metadata.set('x-bankinfo-service', 'grpc-echo')
    metadata.set('x-bankinfo-version', config.SERVICE_VERSION)
    metadata.set('x-bankinfo-pod', config.POD_NAME)
    call.sendMetadata(metadata)
    const answer = (): void => {
      done(null, { ...call.request, ts: String(BigInt(Date.now()) * 1_000_000n) })
      writeAccess(formatAccessLine({
        client: call.getPeer().replace(/:\d+$/, ''),
        time: new Date(),
        method: 'POST',
        url: pingPath,
        httpVersion: '2',
        status: 200,
        bytes: undefined,
        referer: undefined,
        userAgent: call.metadata.get('user-agent').map(String).join(' ') || undefined
      }))
    }
    setTimeout(answer, Math.min(Math.max(Number(call.request.delayNanos) / 1e6, 0), longest))
  }
  server.addService(pingService, { Ping: ping })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${config.HOST}:${config.PORT}`, ServerCredentials.createInsecure(), (error, bound) => error === null ? resolve(bound) : reject(error))
  })
  return {
    port,
    drain: () => { for (const name of services) health.setStatus(name, 'NOT_SERVING') },
    close: async (graceMs) => {
      const forced = setTimeout(() => server.forceShutdown(), graceMs)
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
      clearTimeout(forced)
    }
  }
}
