import { readdir, readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { recordOf, type JsonRecord } from '../../resources/json.ts'
import { findKind } from '../../resources/kinds.ts'
import { ApiFailure } from '../client.ts'
import { CliError, collect, listOption, print, textOption, withFiles, withNamespace, type CliCommand, type CliContext } from '../command.ts'
import { describeFailure } from '../failure.ts'
import { warnOfRules } from '../findings/rule-warnings.ts'
import { parseOutput } from '../print/output.ts'
import { objectLabel, resourcePath } from '../selection/targets.ts'
import { dryRunNote, dryRunOf, writeQuery } from './apply.ts'
import { placedDocuments, printWarnings, printWriteFailure, type PlacedDocument } from './documents.ts'

/** `bankinfo create`: objects of files, or a namespace, secret or configmap from what stands on the command line. What is there already is an error. */
export const command: CliCommand = {
  configure: (command) => {
    withFiles(withNamespace(command.argument('[what...]', 'namespace NAME, secret generic NAME, secret tls NAME or configmap NAME')))
      .option('--from-literal <key=value>', 'a value of a secret or configmap; may be given several times', collect)
      .option('--from-file <[key=]path>', 'a file as a value, or all files of a folder; may be given several times', collect)
      .option('--type <type>', 'of a generic secret')
      .option('--cert <path>', 'of a secret of type tls: its certificate')
      .option('--key <path>', 'of a secret of type tls: its private key')
      .option('--dry-run <mode>', 'say what would happen, and change nothing: server or client', 'none')
      .option('--validate <mode>', 'unknown fields: strict, warn or ignore', 'strict')
      .option('-o, --output <format>', 'yaml, json, name')
  },
  run: async (context) => {
    if (context.args.length === 0) return await createFromFiles(context)
    const object = await objectNamed(context)
    const { kind, path } = placeOf(object, context)
    const client = await context.connect()
    const created = dryRunOf(context) === 'client'
      ? object
      : await client.request('POST', path, { query: writeQuery(context), body: object }).catch((error: unknown) => {
        throw error instanceof ApiFailure && error.code === 409 ? new CliError(`failed to create ${kind.singular}: ${error.message}`) : error
      })
    await printCreated(context, [created], { name: String(recordOf(object.metadata).name), kind })
    return 0
  }
}

async function createFromFiles (context: CliContext): Promise<number> {
  const documents = await placedDocuments(context)
  const client = await context.connect()
  const written: PlacedDocument[] = []
  let failed = false
  for (const placed of documents) {
    const { document, kind, namespace } = placed
    const object = document.resource as unknown as JsonRecord
    const body = { ...object, metadata: { ...recordOf(object.metadata), ...(namespace !== undefined && { namespace }) } }
    try {
      const created = dryRunOf(context) === 'client' ? body : await client.request('POST', resourcePath(kind, { namespace }), { query: writeQuery(context), body })
      printWarnings(context, created)
      written.push(placed)
      await printCreated(context, [created], { name: placed.name, kind })
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      const doing = `error when creating "${document.file}"`
      if (error.code === 409) print(context.stderr, describeFailure(error, doing))
      else await printWriteFailure(context, error, { document, doing })
      failed = true
    }
  }
  if (dryRunOf(context) === 'none') await warnOfRules(context, client, written)
  return failed ? 1 : 0
}

async function printCreated (context: CliContext, objects: readonly JsonRecord[], { kind, name }: Pick<PlacedDocument, 'kind' | 'name'>): Promise<void> {
  const output = parseOutput(textOption(context, 'output'))
  if (output.type === 'objects') context.stdout.write(await output.format(objects, true))
  else print(context.stdout, output.type === 'name' ? objectLabel(kind, name) : `${objectLabel(kind, name)} created${dryRunNote(context)}`)
}

function placeOf (object: JsonRecord, context: CliContext): { readonly kind: PlacedDocument['kind'], readonly path: string } {
  const kind = findKind(String(object.apiVersion), String(object.kind))
  if (kind === undefined) throw new Error(`${String(object.kind)} is not a kind of this cluster`)
  return { kind, path: resourcePath(kind, { namespace: kind.namespaced ? textOption(context, 'namespace') ?? 'default' : undefined }) }
}

/** What `create KIND ...` makes of its options. @throws CliError */
async function objectNamed (context: CliContext): Promise<JsonRecord> {
  const [kind = '', ...words] = context.args
  switch (kind) {
    case 'ns':
    case 'namespace': return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: nameOf(words, 'namespace') } }
    case 'cm':
    case 'configmap': {
      const { text, binary } = await valuesOf(context)
      return { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadataOf(words, 'configmap', context), ...(Object.keys(text).length > 0 && { data: text }), ...(Object.keys(binary).length > 0 && { binaryData: binary }) }
    }
    case 'secret': return await secret(context, words)
    default: throw new CliError(`unknown resource "${kind}": expected namespace, secret generic, secret tls or configmap, or -f FILE for anything else`)
  }
}

async function secret (context: CliContext, [type = '', ...words]: readonly string[]): Promise<JsonRecord> {
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: metadataOf(words, `secret ${type}`, context) }
  if (type === 'generic') {
    const { text, binary } = await valuesOf(context)
    const encoded = Object.entries(text).map(([key, value]): [string, string] => [key, Buffer.from(value).toString('base64')])
    return { ...object, type: textOption(context, 'type') ?? 'Opaque', data: { ...Object.fromEntries(encoded), ...binary } }
  }
  if (type !== 'tls') throw new CliError(`unknown kind of secret "${type}": expected generic or tls`)
  const [cert, key] = [textOption(context, 'cert'), textOption(context, 'key')]
  if (cert === undefined || key === undefined) throw new CliError('key and cert must be specified')
  const [certificate, privateKey] = await Promise.all([readValue(cert), readValue(key)])
  return { ...object, type: 'kubernetes.io/tls', data: { 'tls.crt': certificate.toString('base64'), 'tls.key': privateKey.toString('base64') } }
}

function metadataOf (words: readonly string[], what: string, context: CliContext): JsonRecord {
  return { name: nameOf(words, what), namespace: textOption(context, 'namespace') ?? 'default' }
}

function nameOf (words: readonly string[], what: string): string {
  const [name, ...more] = words
  if (name === undefined || more.length > 0) throw new CliError(`exactly one NAME is required, got ${words.length}: bankinfo create ${what} NAME`)
  return name
}

/** What `--from-literal` and `--from-file` give: texts, and in base64 what is none. */
async function valuesOf (context: CliContext): Promise<{ readonly text: Readonly<Record<string, string>>, readonly binary: Readonly<Record<string, string>> }> {
  const text: Record<string, string> = {}
  const binary: Record<string, string> = {}
  const add = (key: string, value: Buffer): void => {
    if (!/^[-._a-zA-Z0-9]+$/.test(key)) throw new CliError(`"${key}" is not a valid key name: expected letters, digits, -, _ or .`)
    if (key in text || key in binary) throw new CliError(`cannot add key "${key}", another key by that name already exists`)
    const decoded = value.toString('utf8')
    if (Buffer.from(decoded).equals(value)) text[key] = decoded
    else binary[key] = value.toString('base64')
  }
  for (const literal of listOption(context, 'fromLiteral')) {
    const equals = literal.indexOf('=')
    if (equals < 1) throw new CliError(`invalid literal source ${literal}, expected key=value`)
    // A shell's quotes around the value alone: key="value".
    add(literal.slice(0, equals), Buffer.from(literal.slice(equals + 1).replace(/^(["'])(.*)\1$/s, '$2')))
  }
  for (const source of listOption(context, 'fromFile')) {
    const equals = source.indexOf('=')
    const [key, path] = equals === -1 ? [undefined, source] : [source.slice(0, equals), source.slice(equals + 1)]
    for (const file of await filesAt(path, key !== undefined)) add(key ?? basename(file), await readValue(file))
  }
  return { text, binary }
}

async function filesAt (path: string, named: boolean): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new CliError(`error reading ${path}: no such file or directory`)
  if (!found.isDirectory()) return [path]
  if (named) throw new CliError('cannot give a key name for a directory path')
  const entries = await readdir(path, { withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => `${path}/${entry.name}`).sort()
}

async function readValue (path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    throw new CliError(`error reading ${path}: ${error.code === 'ENOENT' ? 'no such file or directory' : error.message}`)
  }
}
