import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findRunning } from '../../host/pid-file.ts'
import { readBase } from '../../runtime/base.ts'
import { reset } from '../../runtime/reset.ts'
import { print, type CliCommand } from '../command.ts'
import { repository, stateDirectory } from '../home.ts'

/** `bankinfo reset`: brings the base back, whether the cluster runs or not. */
export const command: CliCommand = {
  configure: () => {},
  run: async ({ stdout, env, connect }) => {
    const directory = stateDirectory(env)
    if (await findRunning(directory) === undefined) {
      await rm(join(directory, 'store'), { recursive: true, force: true })
      print(stdout, 'no laptop cluster is running; the next "pnpm dev" begins with the base')
      return 0
    }
    const deleted = await reset(await connect(), await readBase(repository))
    for (const name of deleted) print(stdout, `${name} deleted`)
    print(stdout, 'the base is back: k8s/, sidecar.yaml, gateway.yaml, destination-rule-all.yaml')
    return 0
  }
}
