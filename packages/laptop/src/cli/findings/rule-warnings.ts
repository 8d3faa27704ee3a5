import type { Finding, ParsedDocument } from '@bankinfo/mesh/rules'
import type { Client } from '../client.ts'
import { print, type CliContext } from '../command.ts'
import { itemsOf } from '../selection/select.ts'
import { namedKinds, resourcePath } from '../selection/targets.ts'
import type { PlacedDocument } from '../objects/documents.ts'

/** What a rule may refer to. */
const surroundings = ['virtualservices', 'destinationrules', 'gateways', 'serviceentries', 'sidecars', 'namespaces', 'services', 'pods']

/** Of two Gateways with one host on an HTTP port both count, so this is nothing that has no effect. */
const sharedPort = 'IST0145'

/**
 * Istio takes rules whose subset or host does not exist, or whose host another rule has already, and says nothing. Says it, with
 * file and line, once the rules are in force and looked at together with all that the cluster has.
 */
export async function warnOfRules (context: CliContext, client: Client, written: readonly PlacedDocument[]): Promise<void> {
  const rules = written.filter(({ kind }) => kind.group === 'networking.istio.io')
  if (rules.length === 0) return
  const { analyze } = await import('@bankinfo/mesh/rules')
  const fromFiles = new Map(rules.map((placed) => [keyOf(placed.document.resource.kind, placed.namespace, placed.name), placed.document]))
  const lists = await Promise.all(surroundings.flatMap(namedKinds).map(async (kind) => itemsOf(await client.request('GET', resourcePath(kind)))
    .map((item): ParsedDocument => ({ resource: { kind: kind.kind, ...item } as unknown as ParsedDocument['resource'], file: '', line: 1, locate: () => ({ line: 1, column: 1 }) }))))
  const documents = lists.flat().map((document): ParsedDocument => {
    const { resource } = document
    const file = fromFiles.get(keyOf(resource.kind, resource.metadata.namespace, resource.metadata.name))
    // As the cluster has it, where the file has it: the position alone comes from there.
    return file === undefined ? document : { ...document, file: file.file, line: file.line, locate: file.locate }
  })
  const findings = analyze(documents, { kubernetes: 'cluster' }).filter(({ code, file, level }) => file !== '' && level !== 'Info' && code !== sharedPort)
  for (const finding of findings) print(context.stderr, formatWarning(finding))
}

function formatWarning ({ file, line, message, code, path, hint }: Finding): string {
  return `Warning: ${file}:${line}: ${message} [${code}]\n  ${path === undefined ? '' : `${path}: `}${hint}`
}

function keyOf (kind: string, namespace: string | undefined, name: string): string {
  return `${kind}/${namespace ?? ''}/${name}`
}
