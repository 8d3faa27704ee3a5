import { recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { CliError, flagOption, print, withFiles, withNamespace, type CliCommand, type CliContext } from '../command.ts'
import { objectLabel, resourcePath } from '../selection/targets.ts'
import { placedDocuments } from './documents.ts'
import { selectObjects, type SelectedObject } from '../selection/select.ts'

/** What the two commands that set marks on objects differ in. */
export interface MarkWords {
  readonly field: 'labels' | 'annotations'
  /** `label` */
  readonly noun: string
  /** `labeled` */
  readonly done: string
  /** `unlabeled` */
  readonly undone: string
  /** `not labeled` */
  readonly nothing: string
}

/** `label` and `annotate`: sets marks (`key=value`) and takes them off (`key-`). */
export function markCommand (words: MarkWords): CliCommand {
  return {
    configure: (command) => {
      withFiles(withNamespace(command.argument('[what...]', 'TYPE NAME... or TYPE/NAME..., then KEY=VALUE... or KEY-...')))
        .option('-l, --selector <labels>', 'all with these labels')
        .option('--all', 'all of the type in the namespace')
        .option('-A, --all-namespaces', 'in all namespaces')
        .option('--overwrite', 'change what has another value already')
        .option('--list', `show the ${words.field}`)
    },
    run: async (context) => {
      const isChange = (arg: string): boolean => arg.includes('=') || /[^/]-$/.test(arg)
      const first = context.args.findIndex((arg, index) => index > 0 && isChange(arg))
      const byFile = context.options.filename !== undefined || context.options.kustomize !== undefined
      const start = byFile ? 0 : first === -1 ? context.args.length : first
      const changes = context.args.slice(start).map((arg) => parseChange(arg, words))
      if (changes.length === 0 && !flagOption(context, 'list')) throw new CliError(`at least one ${words.noun} update is required`)
      const client = await context.connect()
      const selected = byFile
        ? await Promise.all((await placedDocuments(context)).map(async ({ kind, name, namespace }) => ({ kind, name, namespace, object: await client.request('GET', resourcePath(kind, { namespace, name })) })))
        : await selectObjects(context, client, { args: context.args.slice(0, start), all: flagOption(context, 'all') })
      if (selected.length === 0) throw new CliError('no resources found')
      for (const one of selected) {
        if (flagOption(context, 'list')) {
          printMarks(context, one, words)
          continue
        }
        const { patch, word } = changeOf(context, one, { changes, words })
        if (patch !== undefined) {
          await client.request('PATCH', resourcePath(one.kind, one), { contentType: 'application/merge-patch+json', body: patch, query: { fieldManager: `bankinfo-${words.noun}` } })
        }
        print(context.stdout, `${objectLabel(one.kind, one.name)} ${word}`)
      }
      return 0
    }
  }
}

interface Change {
  readonly key: string
  /** Null takes the mark off. */
  readonly value: string | null
}

function parseChange (arg: string, { noun }: MarkWords): Change {
  const equals = arg.indexOf('=')
  if (equals > 0) return { key: arg.slice(0, equals), value: arg.slice(equals + 1) }
  if (equals === -1 && arg.endsWith('-') && arg.length > 1) return { key: arg.slice(0, -1), value: null }
  throw new CliError(`invalid ${noun} spec: "${arg}": expected KEY=VALUE, or KEY- to remove`)
}

function changeOf (context: CliContext, { object }: SelectedObject, { changes, words }: { changes: readonly Change[], words: MarkWords }): { patch?: JsonRecord, word: string } {
  const marks = recordOf(recordOf(object.metadata)[words.field])
  const effective = changes.filter(({ key, value }) => {
    if (value === null && marks[key] === undefined) print(context.stdout, `${words.noun} "${key}" not found.`)
    return value === null ? marks[key] !== undefined : marks[key] !== value
  })
  for (const { key, value } of effective) {
    if (value !== null && marks[key] !== undefined && !flagOption(context, 'overwrite')) {
      throw new CliError(words.field === 'labels'
        ? `'${key}' already has a value (${textOf(marks[key])}), and --overwrite is false`
        : `--overwrite is false but found the following declared annotation(s): '${key}' already has a value (${textOf(marks[key])})`)
    }
  }
  if (effective.length === 0) return { word: words.field === 'annotations' ? words.done : words.nothing }
  const patch = { metadata: { [words.field]: Object.fromEntries(effective.map(({ key, value }) => [key, value])) } }
  return { patch, word: effective.every(({ value }) => value === null) ? words.undone : words.done }
}

function printMarks (context: CliContext, { kind, name, object }: SelectedObject, { field }: MarkWords): void {
  print(context.stdout, `Listing ${field} for ${objectLabel(kind, name)}:`)
  for (const [key, value] of Object.entries(recordOf(recordOf(object.metadata)[field]))) print(context.stdout, ` ${key}=${textOf(value)}`)
}
