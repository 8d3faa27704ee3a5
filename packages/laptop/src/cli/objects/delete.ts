import { fieldOf, isRecord, recordOf, textOf } from '../../resources/json.ts'
import type { Kind } from '../../resources/kinds.ts'
import { ApiFailure, type Client } from '../client.ts'
import { CliError, durationOption, flagOption, listOption, print, textOption, withFiles, withNamespace, type CliCommand, type CliContext } from '../command.ts'
import { describeFailure } from '../failure.ts'
import { objectLabel, parseTargets, quotedLabel, resourcePath } from '../selection/targets.ts'
import { placedDocuments } from './documents.ts'
import { watchUntil } from '../selection/watch-until.ts'

interface Victim {
  readonly kind: Kind
  readonly namespace: string | undefined
  readonly name: string
}

/** `bankinfo delete`: by file, kustomization, name or label. Waits until what it deleted is gone. */
export const command: CliCommand = {
  configure: (command) => {
    withFiles(withNamespace(command.argument('[what...]', 'TYPE NAME... or TYPE/NAME...')))
      .option('-l, --selector <labels>', 'all with these labels')
      .option('--all', 'all of the type in the namespace')
      .option('-A, --all-namespaces', 'in all namespaces')
      .option('--ignore-not-found', 'what does not exist is no error')
      .option('--no-wait', 'do not wait until it is gone')
      .option('--timeout <duration>', 'how long to wait')
      .option('--grace-period <seconds>', 'time that a pod gets to end')
      .option('--now', 'a grace period of one second')
      .option('--force', 'a grace period of none')
      .option('-o, --output <format>', 'name')
      .option('--dry-run <mode>', 'say what would happen, and change nothing: server or client', 'none')
  },
  run: async (context) => {
    const byFile = listOption(context, 'filename').length > 0 || textOption(context, 'kustomize') !== undefined
    const documents = byFile ? await placedDocuments(context) : undefined
    const client = await context.connect()
    const ignoring = flagOption(context, 'ignoreNotFound')
    const victims = documents ?? await victimsOf(context, client)
    if (victims.length === 0) {
      if (!ignoring) print(context.stdout, 'No resources found')
      return 0
    }
    const gone: Array<Victim & { readonly uid: string }> = []
    let failed = false
    for (const victim of victims) {
      try {
        const uid = await deleteOne(context, client, victim)
        print(context.stdout, textOption(context, 'output') === 'name' ? objectLabel(victim.kind, victim.name) : sentence(context, victim))
        gone.push({ ...victim, uid })
      } catch (error) {
        if (!(error instanceof ApiFailure)) throw error
        // What a selector found and is gone meanwhile was somebody else's deletion.
        if (error.code === 404 && (ignoring || selecting(context))) continue
        print(context.stderr, describeFailure(error, byFile && error.code !== 404 ? 'error when deleting' : undefined))
        failed = true
      }
    }
    if (context.options.wait !== false && dryRun(context) === undefined) await waitUntilGone(context, client, gone)
    return failed ? 1 : 0
  }
}

function selecting (context: CliContext): boolean {
  return textOption(context, 'selector') !== undefined || flagOption(context, 'all')
}

async function victimsOf (context: CliContext, client: Client): Promise<readonly Victim[]> {
  const targets = parseTargets(context.args)
  const namespace = flagOption(context, 'allNamespaces') ? undefined : textOption(context, 'namespace')
  const named = targets.filter(({ name }) => name !== undefined)
  if (named.length > 0 && selecting(context)) throw new CliError('name cannot be provided when a selector is specified')
  if (named.length === 0 && !selecting(context)) throw new CliError('resource(s) were provided, but no name was specified; name them, or use --selector or --all')
  const lists = await Promise.all(targets.map(async ({ kind, name }): Promise<readonly Victim[]> => {
    if (name !== undefined) return [{ kind, name, namespace: kind.namespaced ? namespace : undefined }]
    const list = await client.request('GET', resourcePath(kind, { namespace }), { query: { labelSelector: textOption(context, 'selector') } })
    return (Array.isArray(list.items) ? list.items : []).filter(isRecord).map((item) => ({
      kind,
      name: textOf(fieldOf(item, 'metadata', 'name')),
      namespace: kind.namespaced ? textOf(fieldOf(item, 'metadata', 'namespace')) : undefined
    }))
  }))
  return lists.flat()
}

/** @returns the uid of what was deleted */
async function deleteOne (context: CliContext, client: Client, { kind, namespace, name }: Victim): Promise<string> {
  const grace = flagOption(context, 'force') ? '0' : flagOption(context, 'now') ? '1' : textOption(context, 'gracePeriod')
  if (grace !== undefined && !/^\d+$/.test(grace)) throw new CliError(`invalid argument "${grace}" for "--grace-period": expected a number of seconds`)
  const path = resourcePath(kind, { namespace, name })
  if (dryRun(context) === 'client') return textOf(fieldOf(await client.request('GET', path), 'metadata', 'uid'))
  const answer = await client.request('DELETE', path, {
    body: {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Background',
      ...(grace !== undefined && { gracePeriodSeconds: Number(grace) }),
      ...(dryRun(context) === 'server' && { dryRun: ['All'] })
    }
  })
  return textOf(recordOf(answer.details).uid) || textOf(fieldOf(answer, 'metadata', 'uid'))
}

async function waitUntilGone (context: CliContext, client: Client, gone: ReadonlyArray<Victim & { readonly uid: string }>): Promise<void> {
  const timeout = durationOption(context, 'timeout') ?? 7 * 24 * 3_600_000
  const deadline = Date.now() + Math.min(timeout, 2 ** 31 - 1)
  await Promise.all(gone.map(async ({ kind, namespace, name, uid }) => {
    const done = await watchUntil(client, { kind, namespace, name, timeout: deadline - Date.now() }, (object) =>
      object === undefined || textOf(recordOf(object.metadata).uid) !== uid)
    if (!done) throw new CliError(`timed out waiting for the condition on ${kind.plural}/${name}`)
  }))
}

function dryRun (context: CliContext): 'client' | 'server' | undefined {
  const mode = textOption(context, 'dryRun')
  if (mode === undefined || mode === 'none') return undefined
  if (mode === 'client' || mode === 'server') return mode
  throw new CliError(`invalid dry-run value (${mode}). Must be "none", "server", or "client"`)
}

function sentence (context: CliContext, { kind, name, namespace }: Victim): string {
  const how = flagOption(context, 'force') ? 'force deleted' : 'deleted'
  const where = namespace === undefined ? '' : ` from ${namespace} namespace`
  const mode = dryRun(context)
  const note = mode === undefined ? '' : mode === 'server' ? ' (server dry run)' : ' (dry run)'
  return `${quotedLabel(kind, name)} ${how}${where}${note}`
}
