import { Composer, Lexer, LineCounter, Parser, isAlias, isMap, isScalar, isSeq, type CST, type Document, type YAMLError } from 'yaml'
import type { FieldPath, Position, Problem } from '../problem.ts'
import { findBadNode, maxDepth, offsetOf, tooDeep } from './bad-nodes.ts'
import { kubectlTags } from './kubectl-tags.ts'

/** What an API server takes in one request (Kubernetes' limit on a body); a longer document could never be applied. */
const maxDocumentLength = 3 * 1024 * 1024
const maxFileLength = 64 * 1024 * 1024
/** The parser has up to three tokens open for a level: a list, a mapping in its item, a value. */
const maxOpenTokens = 3 * maxDepth + 2

/** One document of a file with its value as plain data. */
export interface YamlDocument {
  readonly value: unknown
  readonly file: string
  readonly line: number
  /** Where a field stands; the nearest field around it when the document does not have it. */
  readonly locate: (path: FieldPath) => Position
  /** Reads a path written as text (`spec.http[0].match[0].headers.end-user`); the document tells which dots belong to keys. */
  readonly readPath: (path: string, base?: FieldPath) => FieldPath
}

/**
 * Parses YAML or JSON with positions. Values are what kubectl's parser gives: YAML 1.1 booleans and octal numbers and merge
 * keys, but no dates, no numbers to base 60. Empty documents are left out. Never throws.
 */
export function parseYaml (file: string, text: string): { documents: YamlDocument[], problems: Problem[] } {
  const problem = (position: Position, message: string, hint: string): Problem => ({ file, line: position.line, column: position.column, message, hint })
  const refused = findUnreadable(text)
  if (refused !== undefined) return { documents: [], problems: [problem(refused, refused.message, refused.hint)] }

  const documents: YamlDocument[] = []
  const problems: Problem[] = []
  const lines = new LineCounter()
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const read = readTokens(text, lines)
  if ('tooDeepAt' in read) {
    return { documents, problems: [problem(position(read.tooDeepAt), tooDeep, 'Take some of the levels out; no Kubernetes object needs as many.')] }
  }
  const composer = new Composer({ version: '1.1', customTags: kubectlTags, prettyErrors: false, logLevel: 'silent' })
  for (const document of composer.compose(read.tokens, false, text.length)) {
    if (document.errors.length > 0) {
      problems.push(...document.errors.map(error => problem(position(error.pos[0]), ...explain(error, text))))
      continue
    }
    const found = findBadNode(document)
    if (found !== undefined) {
      problems.push(problem(position(found.offset), found.message, found.hint))
      continue
    }
    const value: unknown = document.toJS({ maxAliasCount: -1 })
    if (value === null || value === undefined) continue
    documents.push({
      value,
      file,
      line: position(document.contents?.range?.[0] ?? document.range[0]).line,
      locate: path => position(findOffset(document, path)),
      readPath: (path, base = []) => readPath(document, path, base)
    })
  }
  return { documents, problems }
}

/**
 * The parser keeps its own stack, but what composes documents from its tokens recurses, and regular expressions it uses end the
 * whole process when the stack is nearly full. So depth is watched here, before.
 */
function readTokens (text: string, lines: LineCounter): { tokens: CST.Token[] } | { tooDeepAt: number } {
  const tokens: CST.Token[] = []
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length > maxOpenTokens) return { tooDeepAt: parser.offset }
  }
  tokens.push(...parser.end())
  return { tokens }
}

function findUnreadable (text: string): (Position & { message: string, hint: string }) | undefined {
  if (text.length > maxFileLength) {
    return { line: 1, column: 1, message: `the file is ${mebibytes(text.length)} long; at most ${mebibytes(maxFileLength)} are read`, hint: 'Split it into several files.' }
  }
  // eslint-disable-next-line no-control-regex
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/.exec(text)
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).padStart(4, '0')
    return {
      ...positionIn(text, control.index),
      message: control[0] === '\ufffd' ? 'the file is not UTF-8' : `control characters are not allowed: U+${code.toUpperCase()}`,
      hint: 'Save the file as UTF-8 text. If it is an image, an archive or the like, leave it out.'
    }
  }
  let start = 0
  for (const separator of text.matchAll(/^---(?=\s|$)/gm)) {
    if (separator.index - start > maxDocumentLength) break
    start = separator.index
  }
  const end = text.slice(start + 3).search(/^---(?=\s|$)/m)
  const length = (end === -1 ? text.length : start + 3 + end) - start
  if (length <= maxDocumentLength) return undefined
  return {
    ...positionIn(text, start),
    message: `the document is ${mebibytes(length)} long; an API server takes at most ${mebibytes(maxDocumentLength)}`,
    hint: 'Split it into several objects.'
  }
}

function positionIn (text: string, offset: number): Position {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

function mebibytes (length: number): string {
  return `${(length / 1024 / 1024).toFixed(1)} MiB`
}

function resolve (document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node
}

/** The key or item that a step leads to; looks through aliases and into merge keys. */
function step (document: Document, node: unknown, key: string | number): { at: unknown, value: unknown } | undefined {
  const target = resolve(document, node)
  if (isSeq(target)) {
    const item: unknown = typeof key === 'number' ? target.items[key] : undefined
    return item === undefined ? undefined : { at: item, value: item }
  }
  if (!isMap(target)) return undefined
  for (const pair of target.items) {
    if (keyText(document, pair.key) === String(key)) return { at: pair.key, value: pair.value }
  }
  for (const pair of target.items) {
    if (keyText(document, pair.key) !== '<<') continue
    const merged = resolve(document, pair.value)
    for (const source of isSeq(merged) ? merged.items : [merged]) {
      const found = step(document, source, key)
      if (found !== undefined) return found
    }
  }
  return undefined
}

function keyText (document: Document, key: unknown): string {
  const node = resolve(document, key)
  if (!isScalar(node)) return ''
  return typeof node.value === 'symbol' ? '<<' : String(node.value)
}

function findOffset (document: Document, path: FieldPath): number {
  let node: unknown = document.contents
  let offset = offsetOf(node) ?? document.range?.[0] ?? 0
  for (const key of path) {
    const next = step(document, node, key)
    if (next === undefined) break
    offset = offsetOf(next.at) ?? offset
    node = next.value
  }
  return offset
}

function readPath (document: Document, text: string, base: FieldPath): FieldPath {
  let node: unknown = document.contents
  for (const key of base) node = step(document, node, key)?.value
  const path: (string | number)[] = []
  let rest = text
  while (rest !== '') {
    const index = /^\[(\d+)\]\.?/.exec(rest)
    const keys = isMap(resolve(document, node)) ? mapKeys(document, node).filter(key => continues(rest, key)) : []
    const longest = keys.sort((a, b) => b.length - a.length)[0]
    const key = longest ?? (index === null ? /^\[?([^.[\]]+)\]?/.exec(rest)?.[1] ?? rest : Number(index[1]))
    path.push(key)
    rest = longest === undefined && index !== null ? rest.slice(index[0].length) : rest.replace(/^\[/, '').slice(String(key).length).replace(/^\]?\.?/, '')
    node = step(document, node, key)?.value
  }
  return path
}

function mapKeys (document: Document, node: unknown): string[] {
  const target = resolve(document, node)
  return isMap(target) ? target.items.map(pair => keyText(document, pair.key)) : []
}

function continues (rest: string, key: string): boolean {
  return key !== '' && (rest === key || rest.startsWith(`${key}.`) || rest.startsWith(`${key}[`) || rest.startsWith(`[${key}]`))
}

/** Says in the reader's terms what the parser found, and what to do. */
function explain (error: YAMLError, text: string): [message: string, hint: string] {
  const near = text.slice(error.pos[0]).split('\n', 1)[0]?.trim() ?? ''
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const key = /^[^:\s]*/.exec(near)?.[0] ?? ''
      return [`key "${key}" already set in map`, 'Two lines of one mapping have this key and only one can count: remove one of them.']
    }
    case 'TAB_AS_INDENT':
      return ['found character that cannot start any token: a tab', 'YAML is indented with blanks: replace the tab.']
    case 'MISSING_CHAR':
      if (error.message.includes('indicator')) return [`did not find expected '-' indicator: ${lowerFirst(error.message)}`, indentationHint]
      return [`found unexpected end: ${error.message.toLowerCase()}`, 'Close what the line opens: a quote, a bracket or a brace.']
    case 'BAD_INDENT':
    case 'BLOCK_IN_FLOW':
    case 'BAD_COLLECTION_TYPE':
      return [`did not find expected key: ${lowerFirst(error.message)}`, indentationHint]
    case 'MULTILINE_IMPLICIT_KEY':
    case 'BLOCK_AS_IMPLICIT_KEY':
      return [`mapping values are not allowed in this context: ${lowerFirst(error.message)}`, 'Check the indentation of this line and the one above it; a value that has ": " in it needs quotes.']
    case 'BAD_ALIAS':
    case 'MULTIPLE_ANCHORS':
    case 'MULTIPLE_TAGS':
    case 'TAG_RESOLVE_FAILED':
      return [lowerFirst(error.message), 'A value that starts with *, & or ! needs quotes: "*".']
    default:
      return [lowerFirst(error.message), 'Check this line and the one above it: indentation, quotes, a ":" after each key.']
  }
}

const indentationHint = 'Give the line the same indentation as its neighbours; items of a list start with "- ".'

function lowerFirst (text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}
