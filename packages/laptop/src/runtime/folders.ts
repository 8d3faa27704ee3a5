import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root of the workspace that this file belongs to. */
export function workspaceRoot (): string {
  // src/runtime and dist/runtime lie equally deep.
  return fileURLToPath(new URL('../../../../', import.meta.url)).replace(/\/$/, '')
}

/** Where the cluster keeps its store, kubeconfig and certificates: BANKINFO_HOME, else `.bankinfo` in the workspace. */
export function stateFolder (env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env.BANKINFO_HOME === undefined || env.BANKINFO_HOME === '' ? join(workspaceRoot(), '.bankinfo') : resolve(env.BANKINFO_HOME)
}
