import { createSamples } from '@bankinfo/load'
import { FlagError, parseFlags, type FlagDefinition } from './flags.ts'
import type { Command } from './command.ts'
import { summary } from './report/text.ts'

/** The flags of `fortio grpcping` that this fortio has. */
export const grpcpingFlags: Readonly<Record<string, FlagDefinition>> = {
  n: { kind: 'int', fallback: '1', summary: 'how many pings' },
  payload: { kind: 'string', fallback: '', summary: 'what is sent and comes back' },
  'grpc-ping-delay': { kind: 'duration', fallback: '0', summary: 'how long the server waits' },
  health: { kind: 'bool', summary: 'ask after the health instead' },
  healthservice: { kind: 'string', fallback: '', summary: 'whose health; the whole server\'s unless named' },
  timeout: { kind: 'duration', fallback: '3s', summary: 'how long a call may take' },
  quiet: { kind: 'bool', summary: 'only the result' }
}

const mostPings = 100_000

/** `fortio grpcping [flags] HOST:PORT`: gRPC calls, one after another. Exit code 1 when one fails. */
export const grpcping: Command = async (args, streams) => {
  const flags = parseFlags(grpcpingFlags, args)
  const [target, ...more] = flags.rest
  if (target === undefined || more.length > 0) throw new FlagError('fortio grpcping needs one HOST:PORT, after its flags')
  const count = flags.number('n')
  if (count < 1 || count > mostPings) throw new FlagError(`invalid value "${count}" for flag -n: expected 1 to ${mostPings}`)
  const { createPingClient } = await import('../grpc/client.ts')
  const client = createPingClient(target.includes(':') ? target : `${target}:8079`)
  const roundTrips = createSamples()
  const answers = new Map<string, number>()
  try {
    for (let seq = 1; seq <= count && !streams.signal.aborted; seq += 1) {
      const began = performance.now()
      const answer = flags.bool('health')
        ? await client.health(flags.text('healthservice') ?? '', flags.duration('timeout'))
        : await client.ping({ seq, payload: flags.text('payload') ?? '', delayMs: flags.duration('grpc-ping-delay'), timeoutMs: flags.duration('timeout') })
      const ms = performance.now() - began
      roundTrips.add(ms * 1000)
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
      if (!flags.bool('quiet')) streams.err(`Ping ${seq} ${answer}: ${ms.toFixed(3)} ms\n`)
    }
  } catch (error) {
    streams.err(`Error: ${target}: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  } finally {
    client.close()
  }
  streams.out(`RTT histogram usec : ${summary(roundTrips)}\n`)
  for (const [answer, calls] of answers) streams.out(`${flags.bool('health') ? 'Health' : 'Answered by'} ${answer} : ${calls}\n`)
  return 0
}
