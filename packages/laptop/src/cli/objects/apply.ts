import { isDeepStrictEqual } from 'node:util'
import { mergePatchBetween } from '../../api/patch/merge-patch.ts'
import { isRecord, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { ApiFailure, type Client } from '../client.ts'
import { CliError, print, textOption, withFiles, withNamespace, type CliCommand, type CliContext } from '../command.ts'
import { parseOutput } from '../print/output.ts'
import { objectLabel, resourcePath } from '../selection/targets.ts'
import { placedDocuments, printWarnings, printWriteFailure, type PlacedDocument } from './documents.ts'
import { warnOfRules } from '../findings/rule-warnings.ts'
import { threeWayMerge } from './three-way.ts'

/** In this annotation each object keeps what was applied last; kubectl uses the same. */
export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** `bankinfo apply`: creates what is missing, changes what differs, leaves alone what others have set. */
export const command: CliCommand = {
  configure: (command) => {
    withFiles(withNamespace(command))
      .option('--dry-run <mode>', 'say what would happen, and change nothing: server or client', 'none')
      .option('--validate <mode>', 'unknown fields: strict, warn or ignore', 'strict')
      .option('-o, --output <format>', 'yaml, json, name')
  },
  run: async (context) => {
    const documents = await placedDocuments(context)
    const client = await context.connect()
    let failed = false
    const results: JsonRecord[] = []
    const written: PlacedDocument[] = []
    const output = parseOutput(textOption(context, 'output'))
    for (const placed of documents) {
      try {
        const { object, outcome } = await applyDocument(context, client, placed)
        results.push(object)
        written.push(placed)
        if (output.type === 'objects') continue
        print(context.stdout, output.type === 'name' ? objectLabel(placed.kind, placed.name) : `${objectLabel(placed.kind, placed.name)} ${outcome}${dryRunNote(context)}`)
      } catch (error) {
        if (!(error instanceof ApiFailure)) throw error
        failed = true
      }
    }
    if (output.type === 'objects' && results.length > 0) context.stdout.write(await output.format(results, documents.length === 1))
    if (dryRunOf(context) === 'none') await warnOfRules(context, client, written)
    return failed ? 1 : 0
  }
}

interface Applied {
  readonly object: JsonRecord
  readonly outcome: 'created' | 'configured' | 'unchanged'
}

async function applyDocument (context: CliContext, client: Client, placed: PlacedDocument): Promise<Applied> {
  const { document, kind, name, namespace } = placed
  const path = resourcePath(kind, { namespace, name })
  const next = withAnnotation(document.resource as unknown as JsonRecord, namespace)
  const current = await present(client, path)
  const patch = current === undefined ? undefined : patchFor(placed, current, next)
  try {
    if (current === undefined) {
      if (dryRunOf(context) === 'client') return { object: next, outcome: 'created' }
      const object = await client.request('POST', resourcePath(kind, { namespace }), { query: writeQuery(context), body: next })
      printWarnings(context, object)
      return { object, outcome: 'created' }
    }
    if (patch === undefined) return { object: current, outcome: 'unchanged' }
    if (dryRunOf(context) === 'client') return { object: next, outcome: 'configured' }
    const object = await client.request('PATCH', path, { query: writeQuery(context), contentType: 'application/merge-patch+json', body: patch })
    printWarnings(context, object)
    const same = textOf(recordOf(object.metadata).resourceVersion) === textOf(recordOf(current.metadata).resourceVersion) && dryRunOf(context) === 'none'
    return { object, outcome: same ? 'unchanged' : 'configured' }
  } catch (error) {
    const doing = patch === undefined ? `error when creating "${document.file}"` : patching(placed, patch)
    if (error instanceof ApiFailure) await printWriteFailure(context, error, { document, doing })
    throw error
  }
}

/** kubectl shows the whole patch that was refused. */
function patching ({ document, kind, name, namespace }: PlacedDocument, patch: JsonRecord): string {
  const { apiVersion } = document.resource
  return `error when applying patch:\n${JSON.stringify(patch)}\nto:\nResource: "${apiVersion}, Resource=${kind.plural}", GroupVersionKind: "${apiVersion}, Kind=${kind.kind}"\nName: "${name}", Namespace: "${namespace ?? ''}"\nfor: "${document.file}": error when patching "${document.file}"`
}

async function present (client: Client, path: string): Promise<JsonRecord | undefined> {
  try {
    return await client.request('GET', path)
  } catch (error) {
    if (error instanceof ApiFailure && error.code === 404) return undefined
    throw error
  }
}

/** The change that brings the object to what the file says; undefined when it is there already. */
function patchFor ({ kind }: PlacedDocument, current: JsonRecord, next: JsonRecord): JsonRecord | undefined {
  const last = lastConfiguration(current)
  const { status: _status, ...wanted } = next
  const merged = threeWayMerge({ last, next: { ...wanted, apiVersion: current.apiVersion }, current }, kind.origin === 'core')
  const withoutDefaults = mergePatchBetween(current, merged)
  return isDeepStrictEqual(withoutDefaults, {}) ? undefined : withoutDefaults
}

function lastConfiguration (object: JsonRecord): JsonRecord {
  const text = textOf(recordOf(recordOf(object.metadata).annotations)[lastApplied])
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text)
    return isRecord(value) ? withAnnotation(value, undefined) : {}
  } catch {
    return {}
  }
}

/** The object with a note of itself, in kubectl's form. */
export function withAnnotation (object: JsonRecord, namespace: string | undefined): JsonRecord {
  const { annotations, ...metadata } = recordOf(object.metadata)
  const { [lastApplied]: _former, ...kept } = recordOf(annotations)
  const place = namespace === undefined ? {} : { namespace }
  const plain = { ...object, metadata: { annotations: kept, ...metadata, ...place } }
  return { ...plain, metadata: { ...metadata, ...place, annotations: { ...kept, [lastApplied]: JSON.stringify(sortKeys(plain)) + '\n' } } }
}

function sortKeys (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, item]) => [key, sortKeys(item)]))
}

/** `--dry-run`. @throws CliError */
export function dryRunOf (context: CliContext): 'none' | 'client' | 'server' {
  const text = textOption(context, 'dryRun') ?? 'none'
  if (text === 'none' || text === 'client' || text === 'server') return text
  throw new CliError(`invalid dry-run value (${text}). Must be "none", "server", or "client"`)
}

export function dryRunNote (context: CliContext): string {
  const mode = dryRunOf(context)
  return mode === 'none' ? '' : mode === 'server' ? ' (server dry run)' : ' (dry run)'
}

/** The query of a write. @throws CliError */
export function writeQuery (context: CliContext): Readonly<Record<string, string | undefined>> {
  const validation = { strict: 'Strict', true: 'Strict', warn: 'Warn', ignore: 'Ignore', false: 'Ignore' }[textOption(context, 'validate') ?? 'strict']
  if (validation === undefined) throw new CliError('--validate must be one of strict, warn, ignore')
  return { fieldManager: 'bankinfo-apply', fieldValidation: validation, dryRun: dryRunOf(context) === 'server' ? 'All' : undefined }
}
