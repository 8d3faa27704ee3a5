import { ConfigError, readConfig } from '@bankinfo/service'
import { setTimeout as pause } from 'node:timers/promises'
import { configSchema, type Config } from '../config.ts'
import { startGrpcServer } from './server.ts'

/** Milliseconds that calls under way get to end. */
const closeLimit = 15_000

/** Runs the gRPC server; on SIGTERM it tells that it does not serve any more, goes on for DRAIN_SECONDS, and ends. */
export async function startGrpcEcho (process: NodeJS.Process): Promise<void> {
  const config = read(process)
  const server = await startGrpcServer(config, (line) => { process.stdout.write(`${line}\n`) }).catch((error: unknown) => {
    process.stderr.write(`grpc-echo cannot listen on ${config.HOST}:${config.PORT}: ${error instanceof Error ? error.message : String(error)}\n`)
    return process.exit(1)
  })
  let stopping = false
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) process.exit(1)
    stopping = true
    server.drain()
    if (signal === 'SIGTERM') await pause(config.DRAIN_SECONDS * 1000)
    await server.close(closeLimit)
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function read (process: NodeJS.Process): Config {
  try {
    return readConfig(configSchema, process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`grpc-echo does not start. ${error.message}\n`)
    process.exit(1)
  }
}
