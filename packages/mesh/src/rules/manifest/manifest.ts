import type { Resource } from '../../model.ts'
import { formatPath, type FieldPath, type Position, type Problem } from '../problem.ts'
import { parseYaml, type YamlDocument } from './yaml.ts'

/** A text to read manifests from; `file` is what messages call it (`-` or `STDIN` for standard input). */
export interface ManifestFile {
  readonly file: string
  readonly text: string
}

/** One Kubernetes object of a file. */
export interface ParsedDocument {
  readonly resource: Resource
  readonly file: string
  /** Line on which the object starts, 1-based. */
  readonly line: number
  /** Where a field stands: its key, or the list item; the nearest field around it when the document does not have it. */
  readonly locate: (path: string | FieldPath) => Position
}

export interface ParsedManifests {
  readonly documents: ParsedDocument[]
  readonly problems: Problem[]
}

/**
 * Reads Kubernetes manifests: YAML or JSON, several documents in a file, `List` kinds taken apart. Values are what kubectl sees
 * (YAML 1.1: `y`, `yes` and `on` are booleans). Documents without a problem are returned even when others of the file have one.
 * Never throws.
 */
export function parseManifests (files: readonly ManifestFile[]): ParsedManifests {
  const documents: ParsedDocument[] = []
  const problems: Problem[] = []
  for (const { file, text } of files) {
    const parsed = parseYaml(file, text)
    problems.push(...parsed.problems)
    for (const document of parsed.documents) readObject(document.value, [], document, { documents, problems })
  }
  return { documents, problems }
}

/** Reads one object that stands somewhere in a YAML document, as {@link parseManifests} reads those that are a document of their own. */
export function readManifestAt (base: FieldPath, value: unknown, source: YamlDocument): ParsedManifests {
  const into: ParsedManifests = { documents: [], problems: [] }
  readObject(value, base, source, into)
  return into
}

function readObject (value: unknown, base: FieldPath, source: YamlDocument, into: ParsedManifests): void {
  const report = (message: string, hint: string, path: FieldPath = [], resource?: string): void => {
    const at = [...base, ...path]
    into.problems.push({
      file: source.file,
      ...source.locate(at),
      message,
      hint,
      ...(resource !== undefined && { resource }),
      ...(at.length > 0 && { path: formatPath(at) })
    })
  }
  if (!isMapping(value)) {
    report(`a Kubernetes object is expected, a mapping with apiVersion, kind and metadata; ${describe(value)} came`,
      'Start the document with "apiVersion:". If the file holds no manifests, leave it out.')
    return
  }
  const { apiVersion, kind, metadata } = value
  if (typeof kind !== 'string' || kind === '') {
    report(`Object 'Kind' is missing${kind === undefined ? '' : `: a name is expected, ${describe(kind)} came`}`,
      'Add "kind:", such as "kind: VirtualService".', kind === undefined ? [] : ['kind'])
    return
  }
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    report(`apiVersion not set${apiVersion === undefined ? '' : `: a text is expected, ${describe(apiVersion)} came`}`,
      'Add "apiVersion:", such as "apiVersion: networking.istio.io/v1".', apiVersion === undefined ? [] : ['apiVersion'], kind)
    return
  }
  if (Array.isArray(value['items']) && kind.endsWith('List')) {
    value['items'].forEach((item, index) => { readObject(item, [...base, 'items', index], source, into) })
    return
  }
  if (!isMapping(metadata)) {
    report(`metadata is expected, a mapping with the object's name; ${describe(metadata)} came`,
      'Add "metadata:" and, indented below it, "name:".', metadata === undefined ? [] : ['metadata'], kind)
    return
  }
  const { name, namespace } = metadata
  if (name === undefined && typeof metadata['generateName'] !== 'string') {
    report('resource name may not be empty', 'Add "name:" below "metadata:".', ['metadata'], kind)
    return
  }
  for (const [field, text] of Object.entries({ name, namespace, generateName: metadata['generateName'] })) {
    if (text !== undefined && typeof text !== 'string') {
      report(`metadata.${field} must be a text; ${describe(text)} came`, 'Put it in quotes.', ['metadata', field], kind)
      return
    }
  }
  const subject = `${kind} ${typeof name === 'string' ? name : ''}`.trimEnd()
  if (!readTexts(metadata, ['labels', 'annotations'], (path, message, hint) => { report(message, hint, path, subject) })) return
  into.documents.push({
    resource: { ...value, apiVersion, kind, metadata: { ...metadata, name: typeof name === 'string' ? name : '' } },
    file: source.file,
    line: base.length === 0 ? source.line : source.locate(base).line,
    locate: path => source.locate(typeof path === 'string' ? [...base, ...source.readPath(path, base)] : [...base, ...path])
  })
}

/** Labels and annotations are texts; YAML turns `y`, `1` and `true` into something else, and the API server then refuses the object. */
function readTexts (metadata: Record<string, unknown>, fields: readonly string[], report: (path: FieldPath, message: string, hint: string) => void): boolean {
  let good = true
  for (const field of fields) {
    const texts = metadata[field]
    if (texts === undefined || texts === null) continue
    if (!isMapping(texts)) {
      report(['metadata', field], `a mapping of texts is expected; ${describe(texts)} came`, 'Write one "key: value" a line below it.')
      good = false
      continue
    }
    for (const [key, text] of Object.entries(texts)) {
      if (typeof text === 'string') continue
      report(['metadata', field, key], `a text is expected; ${describe(text)} came`, 'Put the value in quotes.')
      good = false
    }
  }
  return good
}

function isMapping (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Names what came, the way a reader of the file would: `the number 5`, `a list`. */
export function describe (value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value === 'string') return `the text ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)}`
  return `the ${typeof value} ${String(value)}`
}
