import { recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import type { Kind } from '../../resources/kinds.ts'
import type { Client } from '../client.ts'
import { flagOption, print, textOption, withFiles, withNamespace, type CliCommand, type CliContext } from '../command.ts'
import { describeConfigMap, describeNamespace, describeSecret, describeServiceAccount } from '../describe/data.ts'
import { withEvents } from '../describe/events.ts'
import { describePod } from '../describe/pod.ts'
import { describeService } from '../describe/service.ts'
import { describeTree } from '../describe/tree.ts'
import { describeDeployment, describeReplicaSet } from '../describe/workload.ts'
import { oneKind, resourcePath } from '../selection/targets.ts'
import { placedDocuments } from './documents.ts'
import { itemsOf, selectObjects, type SelectedObject } from '../selection/select.ts'

/** `bankinfo describe` */
export const command: CliCommand = {
  configure: (command) => {
    withFiles(withNamespace(command.argument('[what...]', 'TYPE [NAME...] or TYPE/NAME...')))
      .option('-l, --selector <labels>', 'all with these labels')
      .option('-A, --all-namespaces', 'in all namespaces')
      .option('--no-show-events', 'leave the events out')
  },
  run: async (context) => {
    const client = await context.connect()
    const byFile = context.options.filename !== undefined || context.options.kustomize !== undefined
    const selected = byFile
      ? await Promise.all((await placedDocuments(context)).map(async ({ kind, name, namespace }) => ({ kind, name, namespace, object: await client.request('GET', resourcePath(kind, { namespace, name })) })))
      : await selectObjects(context, client, { args: context.args, all: true })
    if (selected.length === 0) {
      print(context.stderr, flagOption(context, 'allNamespaces') ? 'No resources found' : `No resources found in ${textOption(context, 'namespace') ?? 'default'} namespace.`)
      return 0
    }
    const texts = await Promise.all(selected.map((one) => describe(context, client, { selected: one, events: selected.length === 1 })))
    context.stdout.write(texts.join('\n\n'))
    return 0
  }
}

async function describe (context: CliContext, client: Client, { selected, events }: { selected: SelectedObject, events: boolean }): Promise<string> {
  const { kind, object, namespace } = selected
  const siblings = (word: string): Promise<readonly JsonRecord[]> => list(client, oneKind(word), namespace)
  const text = await (async () => {
    switch (kind.key) {
      case 'Pod': return describePod(object)
      case 'Service': return describeService(object, await siblings('endpointslices'))
      case 'Deployment.apps': return describeDeployment(object, await siblings('replicasets'))
      case 'ReplicaSet.apps': return describeReplicaSet(object, await siblings('pods'))
      case 'Secret': return describeSecret(object)
      case 'ConfigMap': return describeConfigMap(object)
      case 'Namespace': return describeNamespace(object)
      case 'ServiceAccount': return describeServiceAccount(object)
      default: return describeTree(object)
    }
  })()
  // Of several objects kubectl shows no events.
  const silent = !events || ['Secret', 'Namespace'].includes(kind.key) || context.options.showEvents === false
  return withEvents(text, silent ? undefined : await eventsOf(client, selected))
}

async function eventsOf (client: Client, { kind, name, namespace, object }: SelectedObject): Promise<readonly JsonRecord[]> {
  const { uid } = recordOf(object.metadata)
  const terms = [`involvedObject.name=${name}`, `involvedObject.kind=${kind.kind}`, `involvedObject.uid=${textOf(uid)}`]
  return itemsOf(await client.request('GET', resourcePath(oneKind('events'), { namespace: namespace ?? 'default' }), { query: { fieldSelector: terms.join(',') } }))
}

async function list (client: Client, kind: Kind, namespace: string | undefined): Promise<readonly JsonRecord[]> {
  return itemsOf(await client.request('GET', resourcePath(kind, { namespace })))
}
