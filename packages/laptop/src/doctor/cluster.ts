import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { isRecord } from '../resources/json.ts'
import { checkAddons } from './addons.ts'
import { readFacts, type ReadPath } from './facts.ts'
import { note, ok, wrong, type Finding } from './finding.ts'
import { checkGateway, type Probe } from './gateway.ts'
import { checkInjection } from './injection.ts'
import { checkPlatform } from './platform.ts'
import { checkPods } from './pods.ts'
import { checkRules } from './rules.ts'
import { checkScaling } from './scaling.ts'

const run = promisify(execFile)

export interface ClusterOptions {
  /** Name of a context of the user's kubeconfig. */
  readonly context: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Looks for whatever keeps the workshop from working on the cluster of a context. Reads, and changes nothing. */
export async function examineCluster ({ context, env }: ClusterOptions): Promise<readonly Finding[]> {
  const kubectl = async (...args: readonly string[]): Promise<string> =>
    (await run('kubectl', [...args], { env: { ...process.env, ...env }, maxBuffer: 2 ** 28, timeout: 30_000 })).stdout.trim()
  const config = async (path: string): Promise<string> => await kubectl('config', 'view', '--minify', '--context', context, '-o', `jsonpath=${path}`)

  let server: string
  try {
    server = await config('{.clusters[0].cluster.server}')
  } catch (error) {
    if (isRecord(error) && error.code === 'ENOENT') return [wrong('kubectl is missing; a cluster is asked through it', 'install it: https://kubernetes.io/docs/tasks/tools/')]
    const names = await kubectl('config', 'get-contexts', '-o', 'name').catch(() => '')
    return [wrong(`the kubeconfig has no context ${context}`, names === '' ? 'export KUBECONFIG=FILE, of the cluster that you mean' : `one of: ${names.split('\n').join(', ')}`)]
  }
  const namespace = await config('{.contexts[0].context.namespace}') || 'default'
  const current = await kubectl('config', 'current-context').catch(() => '')
  const where = current === context
    ? ok(`context ${context}, server ${server}, namespace ${namespace}`)
    : note(`context ${context}, server ${server}, namespace ${namespace}; kubectl without --context goes to ${current === '' ? 'no cluster' : current}`, `kubectl config use-context ${context}`)
  const read: ReadPath = async (path) => {
    const text = await kubectl('--context', context, 'get', '--raw', path, '--request-timeout=20s').catch((error: unknown) => {
      if (/NotFound|could not find the requested resource/.test(messageOf(error))) return undefined
      throw error
    })
    return text === undefined ? undefined : JSON.parse(text) as unknown
  }
  return [where, ...await examineFacts({ read, context, namespace, probe: askPage })]
}

export interface FactsOptions {
  readonly read: ReadPath
  readonly context: string
  readonly namespace: string
  readonly probe: Probe
}

/** The same by way of any reader: all findings but those about the kubeconfig. */
export async function examineFacts ({ probe, ...source }: FactsOptions): Promise<readonly Finding[]> {
  let facts
  try {
    facts = await readFacts(source)
  } catch (error) {
    return [unreachable(source.context, messageOf(error))]
  }
  const platform = checkPlatform(facts)
  if (platform.some(({ text }) => text.startsWith('Istio is not installed'))) return platform
  return [...platform, ...checkInjection(facts), ...checkPods(facts), ...checkScaling(facts), ...checkRules(facts), ...await checkGateway(facts, probe), ...checkAddons(facts)]
}

function unreachable (context: string, reason: string): Finding {
  if (/Unauthorized|must be logged in|expired|Forbidden/i.test(reason)) {
    return wrong(`the cluster of ${context} does not know you (any more): ${reason}`, 'sign in anew, as your provider says (aws eks update-kubeconfig, aliyun cs, gcloud container clusters get-credentials ...)')
  }
  return wrong(`the cluster of ${context} does not answer: ${reason}`, 'is it running (kind: docker ps; minikube: minikube start), and is a VPN or proxy in the way (NO_PROXY)?')
}

/** The first line that kubectl wrote on standard error, or the message itself. */
function messageOf (error: unknown): string {
  const written = isRecord(error) && typeof error.stderr === 'string' ? error.stderr.trim() : ''
  const text = written !== '' ? written : error instanceof Error ? error.message : String(error)
  return text.split('\n').at(-1) ?? text
}

async function askPage (url: string): Promise<number | undefined> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(3_000), redirect: 'manual' })).status
  } catch {
    return undefined
  }
}
