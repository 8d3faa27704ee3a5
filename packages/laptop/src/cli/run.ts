import { Command, CommanderError } from 'commander'
import { ApiFailure, createClient, readConnection, type Client } from './client.ts'
import { CliError, print, type CliContext } from './command.ts'
import { commands, type CommandEntry } from './commands.ts'
import { describeFailure } from './failure.ts'
import { kubectlArguments } from './kubectl-arguments.ts'

export type CliStreams = Pick<CliContext, 'env' | 'stdin' | 'stdout' | 'stderr'>

/** Runs one command line. @param typed what follows the program's name. @returns the exit code */
export async function runCli (typed: readonly string[], streams: CliStreams): Promise<number> {
  let argv: readonly string[]
  try {
    argv = kubectlArguments(typed)
  } catch (error) {
    return report(error, streams.stderr)
  }
  const { stdout, stderr, env } = streams
  let exitCode = 0
  let client: Client | undefined
  // `bankinfo get pods | head -1`: the reader has enough, which is no error.
  const ended = (error: NodeJS.ErrnoException): void => { if (error.code !== 'EPIPE') throw error }
  stdout.on('error', ended)

  const program = new Command('bankinfo')
    .description('Istio\'s workshop on a laptop: a cluster in one process.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .showHelpAfterError('(--help says more)')
  program.helpCommand('help [command]', 'say how a command is used')

  const called = argv[0] === 'help' ? argv[1] : argv.find((arg) => !arg.startsWith('-'))
  for (const entry of commands) {
    const sub = program.command(entry.name).summary(entry.summary).description(sentence(entry)).helpGroup(`${entry.group}:`)
    if (entry.name !== called) continue
    const { command } = await entry.load()
    command.configure(sub)
    sub.action(async () => {
      const context: CliContext = {
        ...streams,
        args: sub.args,
        argsBeforeDash: beforeDash(argv, sub.args),
        options: { ...sub.opts(), namespaceGiven: sub.getOptionValueSource('namespace') === 'cli' },
        connect: async () => {
          client ??= createClient(await readConnection(env))
          return client
        }
      }
      exitCode = await command.run(context)
    })
  }

  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    return report(error, stderr)
  } finally {
    client?.close()
    stdout.off('error', ended)
  }
}

function report (error: unknown, stderr: CliStreams['stderr']): number {
  // Commander has printed its message, or the help, already.
  if (error instanceof CommanderError) return error.code === 'commander.help' || error.exitCode === 0 ? 0 : 1
  if (error instanceof ApiFailure) {
    print(stderr, describeFailure(error))
    return 1
  }
  if (error instanceof Error && error.name === 'KustomizeError') {
    print(stderr, `error: ${error.message}`)
    return 1
  }
  if (error instanceof CliError) {
    print(stderr, `error: ${error.message}`)
    return error.exitCode
  }
  throw error
}

function sentence ({ summary }: CommandEntry): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`
}

function beforeDash (argv: readonly string[], operands: readonly string[]): number {
  const dash = argv.indexOf('--')
  return dash === -1 ? operands.length : operands.length - (argv.length - dash - 1)
}
