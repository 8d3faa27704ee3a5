import { arrayOf, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { ApiFailure } from '../client.ts'
import { CliError, durationOption, flagOption, print, textOption, withFiles, withNamespace, type CliCommand } from '../command.ts'
import { objectLabel, parseTargets, resourcePath } from '../selection/targets.ts'
import { placedDocuments } from '../objects/documents.ts'
import { selectObjects } from '../selection/select.ts'
import { watchUntil } from '../selection/watch-until.ts'

/** `bankinfo wait --for=condition=ready pod -l app=x` */
export const command: CliCommand = {
  configure: (command) => {
    withFiles(withNamespace(command.argument('[what...]', 'TYPE NAME... or TYPE/NAME...')))
      .requiredOption('--for <condition>', 'condition=NAME[=VALUE], delete, create, or jsonpath=TEMPLATE[=VALUE]')
      .option('--timeout <duration>', 'how long', '30s')
      .option('-l, --selector <labels>', 'all with these labels')
      .option('--all', 'all of the type in the namespace')
      .option('-A, --all-namespaces', 'in all namespaces')
  },
  run: async (context) => {
    const { met, word } = await parseCondition(textOption(context, 'for') ?? '')
    const client = await context.connect()
    const timeout = durationOption(context, 'timeout') ?? 30_000
    const deadline = Date.now() + timeout
    const lasting = word === 'deleted' || word === 'created'
    const byFile = context.options.filename !== undefined || context.options.kustomize !== undefined
    const named = byFile
      ? await placedDocuments(context)
      : parseTargets(context.args).flatMap(({ kind, name }) => name === undefined ? [] : [{ kind, name, namespace: kind.namespaced ? textOption(context, 'namespace') : undefined }])
    const objects = named.length > 0 ? named : await selectObjects(context, client, { args: context.args, all: flagOption(context, 'all') })
    if (objects.length === 0) {
      if (word === 'deleted') return 0
      throw new CliError('no matching resources found')
    }
    let failed = false
    for (const { kind, name, namespace } of objects) {
      if (!lasting && named.length > 0) await client.request('GET', resourcePath(kind, { namespace, name }))
      const there = word !== 'deleted' || await exists(() => client.request('GET', resourcePath(kind, { namespace, name })))
      if (!there) continue
      if (await watchUntil(client, { kind, namespace, name, timeout: deadline - Date.now() }, met)) print(context.stdout, `${objectLabel(kind, name)} ${word}`)
      else {
        print(context.stderr, `error: timed out waiting for the condition on ${kind.plural}/${name}`)
        failed = true
      }
    }
    return failed ? 1 : 0
  }
}

interface Condition {
  readonly met: (object: JsonRecord | undefined) => boolean
  /** What kubectl says when it is met. */
  readonly word: string
}

/** Reads the value of `--for`. @throws CliError */
export async function parseCondition (text: string): Promise<Condition> {
  if (text.toLowerCase() === 'delete') return { met: (object) => object === undefined, word: 'deleted' }
  if (text.toLowerCase() === 'create') return { met: (object) => object !== undefined, word: 'created' }
  const condition = /^condition=([^=]+)(?:=(.*))?$/.exec(text)
  if (condition !== null) {
    const [, type = '', wanted = 'True'] = condition
    return {
      word: 'condition met',
      met: (object) => arrayOf(recordOf(object?.status).conditions).map(recordOf)
        .some((one) => textOf(one.type).toLowerCase() === type.toLowerCase() && textOf(one.status).toLowerCase() === wanted.toLowerCase())
    }
  }
  const path = /^jsonpath=(\{.*\})(?:=(.*))?$/.exec(text)
  if (path === null) throw new CliError(`unrecognized condition: "${text}": expected condition=NAME, delete, create, or jsonpath='{.path}'=value`)
  const { findJsonPath } = await import('../print/jsonpath.ts')
  const [, template = '', wanted] = path
  return {
    word: 'condition met',
    met: (object) => {
      if (object === undefined) return false
      const [value] = findJsonPath(template, object)
      return wanted === undefined ? value !== undefined : textOf(value) === wanted
    }
  }
}

async function exists (get: () => Promise<unknown>): Promise<boolean> {
  try {
    await get()
    return true
  } catch (error) {
    if (error instanceof ApiFailure && error.code === 404) return false
    throw error
  }
}
