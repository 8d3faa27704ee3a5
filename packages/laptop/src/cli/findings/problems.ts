import { findRuleKind, findSchemaProblems, findUnsupported, formatPath, locateErrors, type FieldPath, type ParsedDocument, type Problem } from '@bankinfo/mesh/rules'
import { applyDefaults } from '../../resources/defaults.ts'
import { isRecord, type JsonRecord } from '../../resources/json.ts'
import { findKind } from '../../resources/kinds.ts'
import { checkCore } from '../../resources/schema/check.ts'
import { validateCore, validateMetadata } from '../../resources/validation.ts'

/** What keeps an object from being stored, each with its place in the file: an answer to a refusal, and what `analyze` finds on its own. */
export function findProblems (document: ParsedDocument): readonly Problem[] {
  if (findRuleKind(document.resource) === undefined) return findCoreProblems(document)
  const schema = findSchemaProblems([document])
  if (schema.length > 0) return schema
  const refused = locateErrors(document.resource).map(({ message, steps }) => problemAt(document, steps, { message, hint: 'Mend what the message says.' }))
  return refused.length > 0 ? refused : findUnsupported([document])
}

/** What is wrong with one of Kubernetes' own kinds; nothing for kinds that the laptop does not know. */
export function findCoreProblems (document: ParsedDocument): readonly Problem[] {
  const resource = document.resource as unknown as JsonRecord
  const kind = findKind(document.resource.apiVersion, document.resource.kind)
  if (kind?.origin !== 'core') return []
  const { unknown, wrong } = checkCore(kind, resource)
  if (unknown.length > 0 || wrong.length > 0) {
    return [
      ...unknown.map((path) => problemAt(document, path, { message: `unknown field "${path}"`, hint: 'Mend its spelling or its indentation, or remove it.' })),
      ...wrong.map(({ path, message }) => problemAt(document, path, { message, hint: 'Write a value of that type.' }))
    ]
  }
  const complete: unknown = applyDefaults(structuredClone(resource))
  const causes = [...validateMetadata(kind, resource.metadata as JsonRecord), ...isRecord(complete) ? validateCore(kind, complete) : []]
  return causes.map(({ field, message }) => problemAt(document, field, { message, hint: 'Mend what the message says.' }))
}

function problemAt (document: ParsedDocument, path: string | FieldPath, { message, hint }: { readonly message: string, readonly hint: string }): Problem {
  const { kind, metadata: { name } } = document.resource
  return { file: document.file, ...document.locate(path), message, hint, resource: `${kind} ${name}`, path: typeof path === 'string' ? path : formatPath(path) }
}
