import { fieldOf, isRecord, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { groupVersion, kindsNamed, type Kind } from '../../resources/kinds.ts'
import { ApiFailure, type Client } from '../client.ts'
import { CliError, collect, flagOption, print, textOption, withFiles, withNamespace, type CliCommand, type CliContext } from '../command.ts'
import { describeFailure } from '../failure.ts'
import { manifestsFrom } from '../manifest-files.ts'
import { parseOutput, type Output } from '../print/output.ts'
import { tableRows, type ServerTable } from '../print/server-table.ts'
import { createTablePrinter } from '../print/table.ts'
import { objectLabel, parseTargets, resourcePath, type Target } from '../selection/targets.ts'
import { watchTable } from './get-watch.ts'

/** `bankinfo get`: tables as kubectl prints them, or the objects themselves. */
export const command: CliCommand = {
  configure: (command) => {
    withFiles(withNamespace(command.argument('[what...]', 'TYPE[,TYPE...] [NAME...] or TYPE/NAME...')))
      .option('-A, --all-namespaces', 'in all namespaces')
      .option('-o, --output <format>', 'wide, yaml, json, name, jsonpath=TEMPLATE, custom-columns=TITLE:PATH,...')
      .option('-l, --selector <labels>', 'only what has these labels')
      .option('--field-selector <fields>', 'only what has these fields')
      .option('-L, --label-columns <label>', 'show a label in a column of its own', collect)
      .option('-w, --watch', 'go on showing changes')
      .option('--show-labels', 'show all labels in the last column')
      .option('--show-kind', 'put the type before each name')
      .option('--no-headers', 'leave the titles of the columns out')
      .option('--sort-by <path>', 'order by a field, such as .metadata.creationTimestamp')
      .option('--ignore-not-found', 'what does not exist is no error')
  },
  run: async (context) => {
    const targets = await targetsOf(context)
    const output = parseOutput(textOption(context, 'output'))
    const client = await context.connect()
    if (flagOption(context, 'watch')) return await watchTable(context, client, { targets, wide: output.type === 'wide' })
    if (output.type !== 'table' && output.type !== 'wide') return await showObjects(context, client, { targets, output })
    return await showTables(context, client, { targets, wide: output.type === 'wide' })
  }
}

async function targetsOf (context: CliContext): Promise<readonly Target[]> {
  const documents = await manifestsFrom(context)
  if (documents === undefined) return parseTargets(context.args)
  return documents.map(({ resource }) => {
    const kind = kindsNamed(`${resource.kind}.${groupVersion(resource.apiVersion).group}`)[0] ?? kindsNamed(resource.kind)[0]
    if (kind === undefined) throw new CliError(`the server doesn't have a resource type "${resource.kind}"`)
    return { kind, name: resource.metadata.name }
  })
}

/** Where a target is looked for, and with which selectors. */
export function queryFor (context: CliContext, target: Target): { readonly path: string, readonly query: Readonly<Record<string, string | undefined>> } {
  const everywhere = flagOption(context, 'allNamespaces')
  if (everywhere && target.name !== undefined) throw new CliError('a resource cannot be retrieved by name across all namespaces')
  const selector = textOption(context, 'selector')
  if (selector !== undefined && target.name !== undefined) throw new CliError('name cannot be provided when a selector is specified')
  const namespace = everywhere ? undefined : textOption(context, 'namespace')
  return {
    path: resourcePath(target.kind, { namespace, name: target.name }),
    query: target.name === undefined ? { labelSelector: selector, fieldSelector: textOption(context, 'fieldSelector'), limit: '500' } : {}
  }
}

export const tableAccept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

async function showTables (context: CliContext, client: Client, { targets, wide }: { targets: readonly Target[], wide: boolean }): Promise<number> {
  const { stdout, stderr } = context
  const tables = new Map<Kind, { columns: ServerTable['columnDefinitions'], rows: ServerTable['rows'] }>()
  let failed = false
  for (const target of targets) {
    const { path, query } = queryFor(context, target)
    try {
      const includeObject = context.options.sortBy === undefined ? 'Metadata' : 'Object'
      const answer = await client.request('GET', path, { query: { ...query, includeObject }, accept: tableAccept }) as unknown as ServerTable
      const before = tables.get(target.kind)?.rows ?? []
      tables.set(target.kind, { columns: answer.columnDefinitions, rows: [...before, ...answer.rows] })
    } catch (error) {
      if (!isMissing(error)) throw error
      if (flagOption(context, 'ignoreNotFound')) continue
      print(stderr, describeFailure(error))
      failed = true
    }
  }
  const filled = [...tables].filter(([, { rows }]) => rows.length > 0)
  if (filled.length === 0 && !failed && !flagOption(context, 'ignoreNotFound')) {
    print(stderr, nothingFound(context, targets))
    return 0
  }
  const severalKinds = tables.size > 1
  filled.forEach(([kind, { columns, rows }], index) => {
    if (index > 0) stdout.write('\n')
    const ordered = sortRows(rows, textOption(context, 'sortBy'))
    const lines = tableRows({ columnDefinitions: columns, rows: ordered }, {
      wide,
      kind,
      withKind: severalKinds || flagOption(context, 'showKind'),
      withNamespace: flagOption(context, 'allNamespaces') && kind.namespaced,
      withLabels: flagOption(context, 'showLabels'),
      labelColumns: listOf(context.options.labelColumns),
      headers: context.options.headers !== false
    })
    stdout.write(createTablePrinter()(lines))
  })
  return failed ? 1 : 0
}

function nothingFound (context: CliContext, targets: readonly Target[]): string {
  const namespaced = targets.some(({ kind }) => kind.namespaced)
  if (flagOption(context, 'allNamespaces') || !namespaced) return 'No resources found'
  return `No resources found in ${textOption(context, 'namespace') ?? 'default'} namespace.`
}

async function showObjects (context: CliContext, client: Client, { targets, output }: { targets: readonly Target[], output: Exclude<Output, { type: 'table' | 'wide' }> }): Promise<number> {
  const found: Array<{ readonly kind: Kind, readonly object: JsonRecord }> = []
  let failed = false
  for (const target of targets) {
    const { path, query } = queryFor(context, target)
    try {
      const answer = await client.request('GET', path, { query })
      const items = target.name === undefined && Array.isArray(answer.items) ? answer.items.filter(isRecord) : [answer]
      found.push(...items.map((object) => ({ kind: target.kind, object })))
    } catch (error) {
      if (!isMissing(error)) throw error
      if (flagOption(context, 'ignoreNotFound')) continue
      print(context.stderr, describeFailure(error))
      failed = true
    }
  }
  if (output.type === 'name') {
    context.stdout.write(found.map(({ kind, object }) => objectLabel(kind, textOf(fieldOf(object, 'metadata', 'name'))) + '\n').join(''))
    return failed ? 1 : 0
  }
  const single = targets.length === 1 && targets[0]?.name !== undefined
  if (single && found.length === 0) return failed ? 1 : 0
  const objects = sortBy(found.map(({ object }) => object), textOption(context, 'sortBy'), (object) => object)
  context.stdout.write(await output.format(objects, single))
  return failed ? 1 : 0
}

function sortRows (rows: ServerTable['rows'], path: string | undefined): ServerTable['rows'] {
  return sortBy(rows, path, (row) => row.object)
}

function sortBy<T> (items: readonly T[], path: string | undefined, objectOf: (item: T) => unknown): readonly T[] {
  if (path === undefined) return items
  const keys = path.replace(/^\{|\}$/g, '').split('.').filter((key) => key !== '')
  const value = (item: T): unknown => fieldOf(objectOf(item), ...keys)
  return items.toSorted((a, b) => {
    const [x, y] = [value(a), value(b)]
    return typeof x === 'number' && typeof y === 'number' ? x - y : textOf(x) < textOf(y) ? -1 : textOf(x) > textOf(y) ? 1 : 0
  })
}

function isMissing (error: unknown): error is ApiFailure {
  return error instanceof ApiFailure && error.code === 404 && recordOf(error.status.details).name !== undefined
}

function listOf (value: unknown): readonly string[] {
  return Array.isArray(value) ? value.flatMap((item) => String(item).split(',')) : []
}
