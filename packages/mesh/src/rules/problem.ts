/** 1-based, as editors count. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Steps from the top of a document to a field: keys of mappings, indices of lists. */
export type FieldPath = readonly (string | number)[]

/** Something in a file that keeps it from being read as manifests. */
export interface Problem extends Position {
  readonly file: string
  /** What is wrong and what came. */
  readonly message: string
  /** What to do about it. */
  readonly hint: string
  /** `Kind name`, as far as it is known. */
  readonly resource?: string
  /** `spec.http[0].route`, where a field is meant. */
  readonly path?: string
}

export type FindingLevel = 'Error' | 'Warning' | 'Info'

/** What an analysis of documents has to say, in the terms of `istioctl analyze`. */
export interface Finding extends Position {
  /** Istio's message code (https://istio.io/latest/docs/reference/config/analysis/), such as `IST0101`. */
  readonly code: string
  readonly level: FindingLevel
  /** In Istio's words. */
  readonly message: string
  /** `Kind namespace/name`. */
  readonly resource: string
  readonly file: string
  readonly path?: string
  /** What to do about it, in ours. */
  readonly hint: string
}

/** Writes a path the way the API server does: `spec.http[0].route[1].weight`. */
export function formatPath (path: FieldPath): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}

/** `file:line:column Kind name path: message` and, on a line of its own, what to do. */
export function formatProblem (problem: Problem): string {
  const subject = [problem.resource, problem.path].filter(part => part !== undefined).join(' ')
  return `${problem.file}:${problem.line}:${problem.column}${subject === '' ? '' : ` ${subject}`}: ${problem.message}\n  ${problem.hint}`
}

/** The line that `istioctl analyze` prints (`Error [IST0101] (Kind ns/name file:line) message`) and, on a line of its own, the field and what to do. */
export function formatFinding (finding: Finding): string {
  const field = finding.path === undefined || finding.path === '' ? '' : `${finding.path}: `
  return `${finding.level} [${finding.code}] (${finding.resource} ${finding.file}:${finding.line}) ${finding.message}\n  ${field}${finding.hint}`
}
