import { OptionError, portOptions, readCollector, readPorts, type PortFlags } from '../../host/up-options.ts'
import { AlreadyRunningError } from '../../host/pid-file.ts'
import { PortInUseError } from '../../host/ports.ts'
import { untilStopped } from '../../host/signals.ts'
import { CliError, flagOption, print, textOption, type CliCommand, type CliContext } from '../command.ts'
import { repository, stateDirectory } from '../home.ts'

/** `bankinfo up`: runs the laptop cluster until it is stopped. */
export const command: CliCommand = {
  configure: (program) => {
    program
      .option('--fresh', 'forget what was applied, begin with the base')
      .option('--bare', 'apply nothing to a new cluster')
      .option('--no-watch', 'do not compile what is saved while the cluster runs')
    for (const { flag, what, variable, usual } of portOptions) program.option(`${flag} <port>`, `port of 127.0.0.1 for ${what} (${usual}; ${variable})`)
  },
  run: async (context) => {
    const say = (line: string): void => print(context.stdout, line === '' ? '\n' : line)
    const { up } = await import('../../runtime/up.ts')
    try {
      await untilStopped(say, async (signal) => {
        await up({
          root: repository.replace(/\/$/, ''),
          directory: stateDirectory(context.env),
          ports: readPorts(portFlags(context), context.env),
          collector: readCollector(context.env),
          fresh: flagOption(context, 'fresh'),
          bare: flagOption(context, 'bare'),
          watch: context.options.watch !== false,
          say,
          signal
        })
      })
    } catch (error) {
      if (error instanceof OptionError || error instanceof AlreadyRunningError || error instanceof PortInUseError) throw new CliError(error.message)
      throw error
    }
    return 0
  }
}

function portFlags (context: CliContext): PortFlags {
  return Object.fromEntries(portOptions.map(({ key }) => [key, textOption(context, key)]))
}
