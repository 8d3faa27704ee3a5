import { arrayOf, fieldOf, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { oneKind, resourcePath } from '../selection/targets.ts'
import type { Client } from '../client.ts'
import { CliError, print, textOption, type CliContext } from '../command.ts'
import { itemsOf } from '../selection/select.ts'

/** The pods behind `POD`, `pod/NAME`, `deploy/NAME` or `svc/NAME`, ready ones first. @throws CliError, ApiFailure */
export async function podsBehind (context: CliContext, client: Client, target: string): Promise<readonly JsonRecord[]> {
  const namespace = textOption(context, 'namespace')
  const pods = oneKind('pods')
  const slash = target.indexOf('/')
  const kind = slash === -1 ? pods : oneKind(target.slice(0, slash))
  const name = target.slice(slash + 1)
  if (name === '') throw new CliError(`"${target}" names no object`)
  const object = await client.request('GET', resourcePath(kind, { namespace, name }))
  if (kind === pods) return [object]
  const selector = recordOf(kind.kind === 'Service' ? fieldOf(object, 'spec', 'selector') : fieldOf(object, 'spec', 'selector', 'matchLabels'))
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${textOf(value)}`)
  if (labels.length === 0) throw new CliError(`cannot attach to *${kind.kind}: selector is empty`)
  const list = await client.request('GET', resourcePath(pods, { namespace }), { query: { labelSelector: labels.join(',') } })
  const found = itemsOf(list).toSorted((a, b) => rank(a) - rank(b))
  if (found.length === 0) throw new CliError(`no pods found for ${kind.plural}/${name}`)
  return found
}

/** One pod of several; kubectl says which it took. */
export function choosePod (context: CliContext, pods: readonly JsonRecord[]): JsonRecord {
  const [pod] = pods
  if (pod === undefined) throw new CliError('no pods found')
  if (pods.length > 1) print(context.stderr, `Found ${pods.length} pods, using pod/${podName(pod)}`)
  return pod
}

/** The container that is meant. Says so where it has to choose. @throws CliError for one that the pod does not have */
export function chooseContainer (context: CliContext, pod: JsonRecord): string | undefined {
  const containers = namesOf(pod, 'containers')
  const initial = namesOf(pod, 'initContainers')
  const all = [...containers, ...initial.map((name) => `${name} (init)`)].join(', ')
  const wanted = textOption(context, 'container')
  if (wanted !== undefined) {
    if (![...containers, ...initial].includes(wanted)) throw new CliError(`container ${wanted} is not valid for pod ${podName(pod)} out of: ${all}`)
    return wanted
  }
  const marked = textOf(fieldOf(pod, 'metadata', 'annotations', 'kubectl.kubernetes.io/default-container'))
  if (marked !== '' && containers.includes(marked)) return marked
  const [first] = containers
  if (containers.length + initial.length > 1) print(context.stderr, `Defaulted container "${first ?? ''}" out of: ${all}`)
  return first
}

export function podName (pod: JsonRecord): string {
  return textOf(fieldOf(pod, 'metadata', 'name'))
}

function namesOf (pod: JsonRecord, field: 'containers' | 'initContainers'): readonly string[] {
  return arrayOf(fieldOf(pod, 'spec', field)).map((container) => textOf(recordOf(container).name))
}

/** Pods that serve come before pods that start or end. */
function rank (pod: JsonRecord): number {
  if (fieldOf(pod, 'metadata', 'deletionTimestamp') !== undefined) return 2
  const ready = arrayOf(fieldOf(pod, 'status', 'conditions')).map(recordOf).some(({ type, status }) => type === 'Ready' && status === 'True')
  return ready ? 0 : 1
}
