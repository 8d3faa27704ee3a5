import { down } from '../../host/down.ts'
import { print, type CliCommand } from '../command.ts'
import { stateDirectory } from '../home.ts'

/** `bankinfo down`: stops the laptop cluster, wherever it was started. */
export const command: CliCommand = {
  configure: () => {},
  run: async ({ stdout, env }) => {
    const { kind, pid, leftovers } = await down(stateDirectory(env))
    if (leftovers.length > 0) print(stdout, `ended ${leftovers.length} processes that a killed cluster had left: ${leftovers.join(', ')}`)
    if (kind === 'none') print(stdout, 'no laptop cluster is running')
    else print(stdout, kind === 'stopped' ? `stopped (process ${pid})` : `process ${pid} did not end by itself and was killed`)
    return 0
  }
}
