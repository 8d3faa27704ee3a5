import { fieldOf, isRecord, textOf, type JsonRecord } from '../../resources/json.ts'
import type { Kind } from '../../resources/kinds.ts'
import type { Client } from '../client.ts'
import { CliError, textOption, type CliContext } from '../command.ts'
import { parseTargets, resourcePath } from './targets.ts'

/** An object that a command line means, as it is now. */
export interface SelectedObject {
  readonly kind: Kind
  readonly namespace: string | undefined
  readonly name: string
  readonly object: JsonRecord
}

export interface SelectOptions {
  /** What stands on the command line. */
  readonly args: readonly string[]
  /** A type without a name means all of it, even without a selector. */
  readonly all?: boolean
}

/** Finds objects by `TYPE NAME...`, `TYPE/NAME...` or `TYPE -l labels`. @throws CliError, ApiFailure */
export async function selectObjects (context: CliContext, client: Client, { args, all = false }: SelectOptions): Promise<readonly SelectedObject[]> {
  const selector = textOption(context, 'selector')
  const namespace = context.options.allNamespaces === true ? undefined : textOption(context, 'namespace')
  const lists = await Promise.all(parseTargets(args).map(async ({ kind, name }) => {
    if (name !== undefined) {
      const object = await client.request('GET', resourcePath(kind, { namespace, name }))
      return [{ kind, name, object, namespace: kind.namespaced ? namespace : undefined }]
    }
    if (selector === undefined && !all) throw new CliError('resource(s) were provided, but no name was specified')
    const list = await client.request('GET', resourcePath(kind, { namespace }), { query: { labelSelector: selector } })
    return itemsOf(list).map((object) => ({
      kind,
      object,
      name: textOf(fieldOf(object, 'metadata', 'name')),
      namespace: kind.namespaced ? textOf(fieldOf(object, 'metadata', 'namespace')) : undefined
    }))
  }))
  return lists.flat()
}

export function itemsOf (list: JsonRecord): readonly JsonRecord[] {
  return Array.isArray(list.items) ? list.items.filter(isRecord) : []
}
