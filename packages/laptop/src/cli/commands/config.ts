import { join } from 'node:path'
import { print, type CliCommand } from '../command.ts'
import { readConnection } from '../client.ts'
import { stateDirectory } from '../home.ts'

/** `bankinfo config`: `export KUBECONFIG=$(pnpm bankinfo config)` */
export const command: CliCommand = {
  configure: (command) => { command.alias('kubeconfig') },
  run: async (context) => {
    await readConnection(context.env)
    print(context.stdout, join(stateDirectory(context.env), 'kubeconfig'))
    return 0
  }
}
