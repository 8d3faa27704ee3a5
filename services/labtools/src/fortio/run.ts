import { LimitError, TargetError, WarmUpError } from '@bankinfo/load'
import type { Command, Streams } from './command.ts'
import { curl } from './curl-command.ts'
import { FlagError, type FlagDefinition } from './flags.ts'
import { grpcping, grpcpingFlags } from './grpcping-command.ts'
import { load } from './load-command.ts'
import { loadFlags } from './load-flags.ts'

const commands: Readonly<Record<string, Command>> = {
  load,
  curl,
  grpcping,
  version: async (_args, { out }) => {
    out('labtools-1.0.0\n')
    return 0
  },
  help: async (_args, { out }) => {
    out(help())
    return 0
  }
}

/** Runs a fortio command line. @param argv what follows the program's name. @returns the exit code: 1 for what went wrong, 2 for flags that are not understood */
export async function runFortio (argv: readonly string[], streams: Streams): Promise<number> {
  const [name = 'help', ...args] = argv
  const command = Object.hasOwn(commands, name) ? commands[name] : ['-h', '-help', '--help'].includes(name) ? commands['help'] : undefined
  if (command === undefined || args.some((arg) => ['-h', '-help', '--help'].includes(arg))) {
    if (command !== undefined) return await commands['help']?.([], streams) ?? 0
    streams.err(`Error: unknown command "${name}". This fortio is labtools' own and has ${Object.keys(commands).join(', ')}\n`)
    return 1
  }
  try {
    return await command(args, streams)
  } catch (error) {
    if (error instanceof FlagError) {
      streams.err(`${error.message}\n"fortio help" tells what there is\n`)
      return 2
    }
    if (error instanceof WarmUpError) {
      streams.err(`Aborting because of ${error.message} (-allow-initial-errors goes on)\n`)
      return 1
    }
    if (!(error instanceof TargetError) && !(error instanceof LimitError)) throw error
    streams.err(`Error: ${error.message}\n`)
    return 1
  }
}

function help (): string {
  return `fortio of Bankinfo's labtools: makes load, and goes by the pod's proxy where there is one.

  fortio load [flags] URL            calls an address over and over
  fortio curl [flags] URL            calls it once and shows the answer
  fortio grpcping [flags] HOST:PORT  makes gRPC calls
  fortio version

Flags of load and curl:
${describe(loadFlags)}

Flags of grpcping:
${describe(grpcpingFlags)}
`
}

function describe (flags: Readonly<Record<string, FlagDefinition>>): string {
  return Object.entries(flags).map(([name, { kind, summary, fallback }]) =>
    `  -${name}${kind === 'bool' ? '' : ` ${kind}`}\n        ${summary}${fallback === undefined || fallback === '' || kind === 'bool' ? '' : ` (${fallback})`}`).join('\n')
}
