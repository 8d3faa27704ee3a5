/** Whether a request meets a match block. Pure; the same function serves the live path and explain. */
import { RE2JS } from 're2js'
import type { NamedMatch, RouteMatch, StringMatch } from '../table.ts'

/** What the rules may look at. `headers` are name, value, name, value as they came in. */
export interface RequestHead {
  readonly method: string
  /** Path with query. */
  readonly path: string
  readonly authority: string
  readonly scheme: string
  readonly headers: readonly string[]
}

export function matches (block: RouteMatch, request: RequestHead): boolean {
  if (block.uri !== undefined && !matchesUri(block.uri, block.ignoreUriCase, request.path)) return false
  if (block.method !== undefined && !matchesString(block.method, request.method)) return false
  if (block.scheme !== undefined && !matchesString(block.scheme, request.scheme)) return false
  if (block.authority !== undefined && !matchesString(block.authority, request.authority)) return false
  for (const header of block.headers) if (!matchesHeader(header, request)) return false
  for (const parameter of block.queryParams) if (!matchesQuery(parameter, request.path)) return false
  return true
}

/** The first thing in a block that a request does not meet, in words; undefined when it meets all. */
export function mismatch (block: RouteMatch, request: RequestHead): string | undefined {
  const path = pathOf(request.path)
  if (block.uri !== undefined && !matchesUri(block.uri, block.ignoreUriCase, request.path)) return `uri ${path} is not ${inWords(block.uri)}`
  if (block.method !== undefined && !matchesString(block.method, request.method)) return `method ${request.method} is not ${inWords(block.method)}`
  if (block.scheme !== undefined && !matchesString(block.scheme, request.scheme)) return `scheme ${request.scheme} is not ${inWords(block.scheme)}`
  if (block.authority !== undefined && !matchesString(block.authority, request.authority)) {
    return `authority ${request.authority} is not ${inWords(block.authority)}`
  }
  for (const header of block.headers) {
    if (matchesHeader(header, request)) continue
    const value = headerValue(header.name, request)
    const said = value === undefined ? `header ${header.name} is absent` : `header ${header.name} is ${JSON.stringify(value)}`
    return header.invert ? `${said}, which withoutHeaders excludes (${inWords(header.match)})` : `${said}, not ${inWords(header.match)}`
  }
  for (const parameter of block.queryParams) {
    if (!matchesQuery(parameter, request.path)) return `query parameter ${parameter.name} is not ${inWords(parameter.match)}`
  }
  return undefined
}

export function inWords (match: StringMatch): string {
  return match.kind === 'present' ? 'present' : `${match.kind} ${JSON.stringify(match.value)}`
}

/** The path without query and fragment: what `uri` is compared with. */
export function pathOf (path: string): string {
  for (let index = 0; index < path.length; index++) {
    const character = path.charCodeAt(index)
    if (character === 0x3f || character === 0x23) return path.slice(0, index)
  }
  return path
}

function matchesUri (match: StringMatch, ignoreCase: boolean, path: string): boolean {
  if (match.kind === 'prefix' && !ignoreCase) return path.startsWith(match.value)
  const value = pathOf(path)
  if (!ignoreCase || match.kind === 'present') return matchesString(match, value)
  if (match.kind === 'regex') return expression(match, true).matches(value)
  return matchesString({ kind: match.kind, value: match.value.toLowerCase() }, value.toLowerCase())
}

export function matchesString (match: StringMatch, value: string): boolean {
  switch (match.kind) {
    case 'exact': return value === match.value
    case 'prefix': return value.startsWith(match.value)
    case 'regex': return expression(match).matches(value)
    case 'present': return true
  }
}

/** A missing header counts as empty for `withoutHeaders`; with it, `present` means that it must be absent. */
function matchesHeader (header: NamedMatch, request: RequestHead): boolean {
  const value = headerValue(header.name, request)
  if (header.match.kind === 'present') return (value !== undefined) !== header.invert
  if (value === undefined) return header.invert ? !matchesString(header.match, '') : false
  return matchesString(header.match, value) !== header.invert
}

/** Values of several lines of one name are joined by a comma, as Envoy does before it compares. */
export function headerValue (name: string, request: RequestHead): string | undefined {
  if (name.charCodeAt(0) === 0x3a) return pseudoHeader(name, request)
  let found: string | undefined
  const { headers } = request
  for (let index = 0; index < headers.length; index += 2) {
    const candidate = headers[index]
    if (candidate === undefined || candidate.length !== name.length || candidate.toLowerCase() !== name) continue
    const value = headers[index + 1] ?? ''
    found = found === undefined ? value : `${found},${value}`
  }
  return found
}

function pseudoHeader (name: string, request: RequestHead): string | undefined {
  switch (name) {
    case ':method': return request.method
    case ':path': return request.path
    case ':authority': return request.authority
    case ':scheme': return request.scheme
    default: return undefined
  }
}

/** The first parameter of that name, percent-decoded as Envoy does it. */
function matchesQuery (parameter: NamedMatch, path: string): boolean {
  const start = path.indexOf('?')
  if (start === -1) return false
  const hash = path.indexOf('#', start)
  for (const pair of path.slice(start + 1, hash === -1 ? path.length : hash).split('&')) {
    const equals = pair.indexOf('=')
    if (decode(equals === -1 ? pair : pair.slice(0, equals)) !== parameter.name) continue
    return matchesString(parameter.match, equals === -1 ? '' : decode(pair.slice(equals + 1)))
  }
  return false
}

function decode (text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    // Not UTF-8 or a stray %: compared as it was sent.
    return text
  }
}

// Compiled expressions live as long as the table that holds the match.
const expressions = new WeakMap<StringMatch, RE2JS>()

function expression (match: StringMatch & { kind: 'regex' }, ignoreCase = false): RE2JS {
  let compiled = expressions.get(match)
  if (compiled === undefined) {
    compiled = RE2JS.compile(match.value, ignoreCase ? RE2JS.CASE_INSENSITIVE | RE2JS.DOTALL : RE2JS.DOTALL)
    expressions.set(match, compiled)
  }
  return compiled
}
