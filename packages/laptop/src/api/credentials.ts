import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeSecret } from './certificates.ts'

/** The name of cluster, user and context in the kubeconfig. */
export const contextName = 'bankinfo'

/** The bearer token of the API, kept in the file `token` (0600) of the directory; made at the first start. */
export async function ensureToken (directory: string): Promise<string> {
  const path = join(directory, 'token')
  const kept = await readFile(path, 'utf8').catch(() => '')
  if (/^[\w-]{43}$/.test(kept.trim())) return kept.trim()
  const token = randomBytes(32).toString('base64url')
  await writeSecret(path, token + '\n')
  return token
}

export interface KubeconfigOptions {
  /** Port on 127.0.0.1. */
  readonly port: number
  /** PEM */
  readonly ca: string
  readonly token: string
}

/**
 * The kubeconfig of the laptop cluster. JSON, which is YAML as well: the command line reads it without a YAML parser.
 * @see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 */
export function kubeconfig ({ port, ca, token }: KubeconfigOptions): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: contextName, cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: contextName, user: { token } }],
    contexts: [{ name: contextName, context: { cluster: contextName, user: contextName } }],
    'current-context': contextName
  }
}

/** Writes the kubeconfig into the directory (file `kubeconfig`, 0600). @returns its path */
export async function writeKubeconfig (directory: string, options: KubeconfigOptions): Promise<string> {
  const path = join(directory, 'kubeconfig')
  await writeSecret(path, JSON.stringify(kubeconfig(options), undefined, 2) + '\n')
  return path
}
