import { fieldOf, recordOf, arrayOf, textOf, type JsonRecord } from '../../resources/json.ts'
import type { Client } from '../client.ts'
import { CliError, durationOption, print, withNamespace, type CliCommand, type CliContext } from '../command.ts'
import { objectLabel, resourcePath } from '../selection/targets.ts'
import { selectObjects, type SelectedObject } from '../selection/select.ts'
import { watchUntil } from '../selection/watch-until.ts'

/** `bankinfo rollout restart|status` */
export const command: CliCommand = {
  configure: (command) => {
    withNamespace(command.argument('<action>', 'restart or status').argument('[what...]', 'deployment NAME, or deployment/NAME'))
      .option('-l, --selector <labels>', 'all with these labels')
      .option('--timeout <duration>', 'how long status waits, such as 60s')
      .option('--no-watch', 'do not wait for status')
  },
  run: async (context) => {
    const [action, ...args] = context.args
    if (action !== 'restart' && action !== 'status') throw new CliError(`unknown command "rollout ${action ?? ''}": expected restart or status`)
    if (args.length === 0) throw new CliError('required resource not specified: name a deployment, or "deployment" for all')
    const client = await context.connect()
    const selected = await selectObjects(context, client, { args, all: true })
    if (selected.length === 0) throw new CliError(`no objects passed to ${action}`)
    for (const one of selected) {
      if (one.kind.key !== 'Deployment.apps') throw new CliError(`${one.kind.plural} "${one.name}" ${action === 'restart' ? 'restarting' : 'status'} is not supported`)
      if (action === 'restart') await restart(context, client, one)
      else if (!await follow(context, client, one)) throw new CliError('timed out waiting for the condition')
    }
    return 0
  }
}

async function restart (context: CliContext, client: Client, { kind, namespace, name }: SelectedObject): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString().replace(/\.\d+Z$/, 'Z') }
  await client.request('PATCH', resourcePath(kind, { namespace, name }), {
    contentType: 'application/strategic-merge-patch+json',
    body: { spec: { template: { metadata: { annotations } } } },
    query: { fieldManager: 'bankinfo-rollout' }
  })
  print(context.stdout, `${objectLabel(kind, name)} restarted`)
}

/** @returns false when the time is over */
async function follow (context: CliContext, client: Client, { kind, namespace, name }: SelectedObject): Promise<boolean> {
  let told = ''
  const timeout = durationOption(context, 'timeout') ?? 2 ** 31 - 1
  return await watchUntil(client, { kind, namespace, name, timeout }, (deployment) => {
    if (deployment === undefined) throw new CliError(`deployments.apps "${name}" not found`)
    const { done, message } = rolloutState(deployment)
    if (message !== told) print(context.stdout, message)
    told = message
    return done || context.options.watch === false
  })
}

/** How far a Deployment is, in kubectl's words. @throws CliError when it will not get further */
export function rolloutState (deployment: JsonRecord): { readonly done: boolean, readonly message: string } {
  const name = textOf(fieldOf(deployment, 'metadata', 'name'))
  const status = recordOf(deployment.status)
  const wanted = Number(fieldOf(deployment, 'spec', 'replicas') ?? 1)
  const [updated, total, available] = [status.updatedReplicas, status.replicas, status.availableReplicas].map((count) => Number(count ?? 0))
  const stuck = arrayOf(status.conditions).map(recordOf).some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded')
  const seen = Number(status.observedGeneration ?? 0) >= Number(fieldOf(deployment, 'metadata', 'generation') ?? 0)
  if (!seen) return { done: false, message: 'Waiting for deployment spec update to be observed...' }
  if (stuck) throw new CliError(`deployment "${name}" exceeded its progress deadline`)
  if (updated === undefined || total === undefined || available === undefined || updated < wanted) {
    return { done: false, message: `Waiting for deployment "${name}" rollout to finish: ${updated ?? 0} out of ${wanted} new replicas have been updated...` }
  }
  if (total > updated) return { done: false, message: `Waiting for deployment "${name}" rollout to finish: ${total - updated} old replicas are pending termination...` }
  if (available < updated) return { done: false, message: `Waiting for deployment "${name}" rollout to finish: ${available} of ${updated} updated replicas are available...` }
  return { done: true, message: `deployment "${name}" successfully rolled out` }
}
