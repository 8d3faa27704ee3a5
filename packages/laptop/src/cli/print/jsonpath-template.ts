/** A template that does not parse. */
export class JsonPathError extends Error {
  constructor (template: string, position: number, message: string) {
    super(`error parsing jsonpath ${template}, ${message} (at character ${position + 1})`)
    this.name = 'JsonPathError'
  }
}

export type PathStep =
  | { readonly type: 'field', readonly name: string }
  | { readonly type: 'all' }
  /** `..name`, at any depth; without a name everything. */
  | { readonly type: 'descend', readonly name: string | undefined }
  /** From the end when negative. */
  | { readonly type: 'index', readonly index: number }
  | { readonly type: 'slice', readonly from: number | undefined, readonly to: number | undefined, readonly step: number }
  | { readonly type: 'union', readonly members: readonly PathStep[] }
  | { readonly type: 'filter', readonly left: FilterOperand, readonly operator?: string, readonly right?: FilterOperand }

export type FilterOperand =
  | { readonly type: 'value', readonly value: unknown }
  | { readonly type: 'path', readonly steps: readonly PathStep[], readonly fromRoot: boolean }

export type TemplateNode =
  | { readonly type: 'text', readonly text: string }
  | { readonly type: 'path', readonly steps: readonly PathStep[], readonly fromRoot: boolean }
  | { readonly type: 'range', readonly steps: readonly PathStep[], readonly fromRoot: boolean, readonly body: readonly TemplateNode[] }

interface Cursor {
  readonly text: string
  at: number
}

const comparison = /==|!=|<=|>=|<|>/y

/** Reads a template. @throws JsonPathError */
export function parseTemplate (text: string): readonly TemplateNode[] {
  const cursor = { text, at: 0 }
  const nodes = parseNodes(cursor, false)
  return nodes
}

function parseNodes (cursor: Cursor, inRange: boolean): readonly TemplateNode[] {
  const nodes: TemplateNode[] = []
  while (cursor.at < cursor.text.length) {
    if (peek(cursor) !== '{') {
      nodes.push({ type: 'text', text: match(cursor, /[^{]+/y) ?? '' })
      continue
    }
    const open = cursor.at
    cursor.at += 1
    skipSpace(cursor)
    if (match(cursor, /end\s*\}/y) !== undefined) {
      if (inRange) return nodes
      throw fail(cursor, 'not in range, nothing to end', open)
    }
    if (match(cursor, /range\s+/y) !== undefined) {
      const path = parsePath(cursor)
      closeBrace(cursor)
      nodes.push({ type: 'range', ...path, body: parseNodes(cursor, true) })
      continue
    }
    while (peek(cursor) !== '}') {
      const quoted = parseQuoted(cursor)
      nodes.push(quoted === undefined ? { type: 'path', ...parsePath(cursor) } : { type: 'text', text: quoted })
      skipSpace(cursor)
      if (cursor.at >= cursor.text.length) throw fail(cursor, 'unclosed action', open)
    }
    closeBrace(cursor)
  }
  if (inRange) throw fail(cursor, 'unclosed range, {end} is missing')
  return nodes
}

function parsePath (cursor: Cursor): { readonly steps: readonly PathStep[], readonly fromRoot: boolean } {
  const start = cursor.at
  const fromRoot = match(cursor, /\$/y) !== undefined
  if (!fromRoot) match(cursor, /@/y)
  const steps: PathStep[] = []
  for (;;) {
    if (match(cursor, /\.\./y) !== undefined) steps.push({ type: 'descend', name: parseName(cursor) })
    else if (match(cursor, /\.?\[/y) !== undefined) steps.push(parseBracket(cursor))
    else if (match(cursor, /\.?\*/y) !== undefined) steps.push({ type: 'all' })
    else if (match(cursor, /\./y) !== undefined) {
      const name = parseName(cursor)
      if (name !== undefined) steps.push({ type: 'field', name })
    } else break
  }
  if (cursor.at === start) {
    const name = parseName(cursor)
    if (name === undefined) throw fail(cursor, `unexpected ${JSON.stringify(peek(cursor))}`)
    return { steps: [{ type: 'field', name }, ...parsePathRest(cursor)], fromRoot }
  }
  return { steps, fromRoot }
}

function parsePathRest (cursor: Cursor): readonly PathStep[] {
  return peek(cursor) === '.' || peek(cursor) === '[' ? parsePath(cursor).steps : []
}

/** A field's name; a backslash takes its meaning from the character after it. */
function parseName (cursor: Cursor): string | undefined {
  return match(cursor, /(?:[^\s.[\](){}|,'"$@=!<>?*\\]|\\.)+/y)?.replaceAll(/\\(.)/g, '$1')
}

function parseBracket (cursor: Cursor): PathStep {
  const open = cursor.at - 1
  if (match(cursor, /\?\(/y) !== undefined) {
    const filter = parseFilter(cursor)
    if (match(cursor, /\s*\)\s*\]/y) === undefined) throw fail(cursor, 'unterminated filter', open)
    return filter
  }
  const members: PathStep[] = []
  do {
    skipSpace(cursor)
    members.push(parseMember(cursor))
    skipSpace(cursor)
  } while (match(cursor, /,/y) !== undefined)
  if (match(cursor, /\]/y) === undefined) throw fail(cursor, 'unterminated array', open)
  const [only] = members
  return members.length === 1 && only !== undefined ? only : { type: 'union', members }
}

function parseMember (cursor: Cursor): PathStep {
  if (match(cursor, /\*/y) !== undefined) return { type: 'all' }
  const name = parseQuoted(cursor)
  if (name !== undefined) return { type: 'field', name }
  const range = match(cursor, /-?\d*(?::-?\d*){0,2}/y) ?? ''
  if (range === '') throw fail(cursor, 'invalid array index')
  const [from, to, step] = range.split(':').map((part) => part === '' ? undefined : Number(part))
  if (!range.includes(':')) {
    if (from === undefined || Number.isNaN(from)) throw fail(cursor, 'invalid array index')
    return { type: 'index', index: from }
  }
  if (step !== undefined && step < 1) throw fail(cursor, 'step must be > 0')
  return { type: 'slice', from, to, step: step ?? 1 }
}

function parseFilter (cursor: Cursor): PathStep {
  const left = parseOperand(cursor)
  skipSpace(cursor)
  const operator = match(cursor, comparison)
  if (operator === undefined) return { type: 'filter', left }
  return { type: 'filter', left, operator, right: parseOperand(cursor) }
}

function parseOperand (cursor: Cursor): FilterOperand {
  skipSpace(cursor)
  const quoted = parseQuoted(cursor)
  if (quoted !== undefined) return { type: 'value', value: quoted }
  const literal = match(cursor, /true|false|null|-?\d+(?:\.\d+)?/y)
  if (literal !== undefined) return { type: 'value', value: JSON.parse(literal) as unknown }
  return { type: 'path', ...parsePath(cursor) }
}

/** Text in single or double quotes, with Go's escapes. */
function parseQuoted (cursor: Cursor): string | undefined {
  const quoted = match(cursor, /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y)
  if (quoted === undefined) {
    if (peek(cursor) === '"' || peek(cursor) === "'") throw fail(cursor, 'unterminated quoted string')
    return undefined
  }
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }
  return quoted.slice(1, -1).replaceAll(/\\(.)/g, (_whole, character: string) => escapes[character] ?? character)
}

function closeBrace (cursor: Cursor): void {
  if (match(cursor, /\s*\}/y) === undefined) throw fail(cursor, `unexpected ${JSON.stringify(peek(cursor))}, expected }`)
}

function skipSpace (cursor: Cursor): void {
  match(cursor, /\s+/y)
}

function peek (cursor: Cursor): string {
  return cursor.text[cursor.at] ?? ''
}

function match (cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)?.[0]
  if (found === undefined || found === '') return undefined
  cursor.at += found.length
  return found
}

function fail (cursor: Cursor, message: string, at: number = cursor.at): JsonPathError {
  return new JsonPathError(cursor.text, at, message)
}
