import type { ParsedDocument } from '@bankinfo/mesh/rules'
import { arrayOf, fieldOf, recordOf, textOf } from '../../resources/json.ts'
import { findKind, type Kind } from '../../resources/kinds.ts'
import { ApiFailure, warningsFor } from '../client.ts'
import { CliError, print, textOption, type CliContext } from '../command.ts'
import { describeFailure } from '../failure.ts'
import { manifestsFrom } from '../manifest-files.ts'

/** An object of a file, and where it belongs. */
export interface PlacedDocument {
  readonly document: ParsedDocument
  readonly kind: Kind
  /** Undefined for kinds outside namespaces. */
  readonly namespace: string | undefined
  readonly name: string
}

/** The objects of `-f` or `-k` with their places. @throws CliError when there are none, or the server does not know a kind */
export async function placedDocuments (context: CliContext): Promise<readonly PlacedDocument[]> {
  const documents = await manifestsFrom(context)
  if (documents === undefined) throw new CliError('must specify one of -f and -k')
  return documents.map((document) => place(document, context))
}

function place (document: ParsedDocument, context: CliContext): PlacedDocument {
  const { resource, file, line } = document
  const { name, namespace } = resource.metadata
  const kind = findKind(resource.apiVersion, resource.kind)
  if (kind === undefined) {
    const [group, version] = resource.apiVersion.includes('/') ? resource.apiVersion.split('/') : ['', resource.apiVersion]
    throw new CliError(`resource mapping not found for name: "${name}" namespace: "${namespace ?? ''}" from "${file}": no matches for kind "${resource.kind}" in version "${[group, version].filter((part) => part !== '').join('/')}"\nensure CRDs are installed first\n${file}:${line}: this kind is not known to the laptop cluster; "bankinfo get crd" lists Istio's`)
  }
  const given = textOption(context, 'namespace') ?? 'default'
  if (kind.namespaced && namespace !== undefined && namespace !== given && context.options.namespaceGiven === true) {
    throw new CliError(`the namespace from the provided object "${namespace}" does not match the namespace "${given}". You must pass '--namespace=${namespace}' to perform this operation.`)
  }
  return { document, kind, namespace: kind.namespaced ? namespace ?? given : undefined, name }
}

/** Warnings of an answer, as kubectl prints them. */
export function printWarnings (context: CliContext, answer: Parameters<typeof warningsFor>[0]): void {
  for (const warning of warningsFor(answer)) print(context.stderr, `Warning: ${warning}`)
}

/** A failed write: the server's words, then where in the file the fields are, and what to do about them. */
export async function printWriteFailure (context: CliContext, failure: ApiFailure, { document, doing }: { readonly document: ParsedDocument, readonly doing: string }): Promise<void> {
  print(context.stderr, describeFailure(failure, doing))
  for (const line of await hints(failure, document)) print(context.stderr, `  ${line}`)
}

/** `FILE:LINE:COLUMN: FIELD. What to do`, for each field that the server may have meant. */
async function hints (failure: ApiFailure, document: ParsedDocument): Promise<readonly string[]> {
  if (![400, 422].includes(failure.code)) return []
  const causes = arrayOf(fieldOf(failure.status, 'details', 'causes')).map((cause) => textOf(recordOf(cause).field))
  const { findProblems } = await import('../findings/problems.ts')
  const problems = findProblems(document)
  const known = new Set(problems.map(({ path }) => path))
  const others = causes.filter((field) => field !== '' && field !== '<nil>' && !known.has(field)).map((path) => ({ ...document.locate(path), file: document.file, path, hint: '' }))
  return [...problems, ...others].map(({ file, line, column, path, hint }) => `${file}:${line}:${column}: ${path ?? ''}${hint === '' ? '' : `. ${hint}`}`)
}
