import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository that this program belongs to. */
export const repository = fileURLToPath(new URL('../../../../', import.meta.url))

/** The folder in which the laptop cluster keeps its state: BANKINFO_HOME, else `.bankinfo` in the repository. */
export function stateDirectory (env: NodeJS.ProcessEnv): string {
  return env.BANKINFO_HOME === undefined || env.BANKINFO_HOME === '' ? join(repository, '.bankinfo') : resolve(env.BANKINFO_HOME)
}
