import type { Client } from '../client.ts'
import { CliError, flagOption, type CliContext } from '../command.ts'
import { createTablePrinter } from '../print/table.ts'
import { tableRows, type RowOptions, type ServerTable } from '../print/server-table.ts'
import type { Target } from '../selection/targets.ts'
import { watchEvents } from '../selection/watch-events.ts'
import { queryFor, tableAccept } from './get.ts'

/** `get -w`: what there is, then a line for each change until the connection ends. */
export async function watchTable (context: CliContext, client: Client, { targets, wide }: { targets: readonly Target[], wide: boolean }): Promise<number> {
  const [target, ...others] = targets
  if (target === undefined || others.some(({ kind }) => kind !== target.kind) || others.length > 0) {
    throw new CliError('you may only specify a single resource type, and at most one name, with --watch')
  }
  const { path, query } = queryFor(context, { kind: target.kind })
  const printer = createTablePrinter()
  const options: RowOptions = {
    kind: target.kind,
    wide,
    withKind: flagOption(context, 'showKind'),
    withNamespace: flagOption(context, 'allNamespaces') && target.kind.namespaced,
    withLabels: flagOption(context, 'showLabels'),
    labelColumns: [],
    headers: context.options.headers !== false
  }
  const selected = { ...query, limit: undefined, ...(target.name !== undefined && { fieldSelector: `metadata.name=${target.name}` }) }
  const first = await client.request('GET', path, { query: selected, accept: tableAccept }) as unknown as ServerTable & { readonly metadata: { readonly resourceVersion: string } }
  let columns = first.columnDefinitions
  context.stdout.write(printer(tableRows(first, options)))
  const events = watchEvents(client, path, { query: { ...selected, resourceVersion: first.metadata.resourceVersion }, accept: tableAccept })
  for await (const { object } of events) {
    const table = object as unknown as ServerTable
    if (table.columnDefinitions.length > 0) columns = table.columnDefinitions
    context.stdout.write(printer(tableRows({ columnDefinitions: columns, rows: table.rows }, { ...options, headers: false })))
  }
  return 0
}
