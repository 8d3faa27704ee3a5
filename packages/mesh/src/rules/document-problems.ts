import type { ParsedDocument } from './manifest/manifest.ts'
import { formatPath, type FieldPath, type Problem } from './problem.ts'
import { findRuleKind, isIstioGroup, ruleKinds } from './rule-kinds.ts'
import { mostLike } from './schema/suggest.ts'
import { validateSchema } from './schema/validate.ts'
import { unsupportedFields } from './unsupported.ts'

/** Rules that an API server would not decode: kinds and versions that do not exist, unknown fields, wrong types and values. */
export function findSchemaProblems (documents: readonly ParsedDocument[]): Problem[] {
  return documents.flatMap(document => {
    const { resource } = document
    if (isIstioGroup(resource.apiVersion) && findRuleKind(resource) === undefined) {
      return [problemAt(document, ['kind'], `no matches for kind "${resource.kind}" in version "${resource.apiVersion}"`, suggestVersion(resource.kind))]
    }
    return validateSchema(resource)
      .filter(({ steps }) => steps.length > 0)
      .map(({ steps, message, hint }) => problemAt(document, steps, message, hint))
  })
}

/** Rules, fields and values that a cluster obeys and the mesh does not carry out yet. */
export function findUnsupported (documents: readonly ParsedDocument[]): Problem[] {
  return documents.flatMap(document => unsupportedFields(document.resource).map(({ steps, message }) => {
    const [what = '', todo = ''] = message.replace(/^[^:]*: /, '').split('; ')
    return problemAt(document, steps, what, `${todo.slice(0, 1).toUpperCase()}${todo.slice(1)}.`)
  }))
}

function problemAt (document: ParsedDocument, steps: FieldPath, message: string, hint: string): Problem {
  const { kind, metadata: { name } } = document.resource
  return {
    file: document.file,
    ...document.locate(steps),
    message,
    hint,
    resource: `${kind} ${name}`,
    path: formatPath(steps)
  }
}

function suggestVersion (kind: string): string {
  const today = ruleKinds.find(known => known.kind === kind)
  if (today !== undefined) return `Write "apiVersion: ${today.group}/${today.versions[0] ?? ''}".`
  const like = mostLike(kind, ruleKinds.map(known => known.kind))
  if (like !== undefined) return `Did you mean "kind: ${like}"?`
  return 'Istio does not have this kind any more (Mixer\'s went with Istio 1.8): remove the object.'
}
