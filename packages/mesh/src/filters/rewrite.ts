/**
 * A new path for the server. https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRewrite
 * A new authority is a header operation: see headers.ts.
 */
import { RE2JS } from 're2js'
import { pathOf } from '../decide/match.ts'
import type { HttpFilter, Stream } from './filter.ts'
import type { HttpRouteSpec } from '../compile/spec.ts'
import type { RouteMatch } from '../table.ts'

export interface RewriteSpec { uri?: string, authority?: string, uriRegexRewrite?: { match?: string, rewrite?: string } }

export interface RewriteConfig {
  readonly kind: 'rewrite'
  /** Takes the place of what the route matched. */
  readonly uri?: string
  readonly regex?: { readonly match: string, readonly rewrite: string }
  readonly authority?: string
}

export const rewrite: HttpFilter<RewriteConfig> = { compile, decode, tell }

function compile ({ rewrite: spec, route }: HttpRouteSpec): RewriteConfig | undefined {
  if (spec === undefined || route === undefined) return undefined
  const { uri, authority, uriRegexRewrite: regex } = spec
  return {
    kind: 'rewrite',
    ...(regex?.match === undefined ? {} : { regex: { match: regex.match, rewrite: regex.rewrite ?? '' } }),
    ...(uri === undefined || uri === '' ? {} : { uri }),
    ...(authority === undefined ? {} : { authority })
  }
}

function decode (config: RewriteConfig, stream: Stream, next: () => void): void {
  if (stream.hasCluster) {
    const { path } = stream.head
    if (config.regex !== undefined) stream.setPath(replaceMatches(path, config.regex))
    else if (config.uri !== undefined) stream.setPath(replacePrefix(path, config.uri, stream.block))
  }
  next()
}

/** The text that the route matched is replaced: a prefix of the path, or all of it; `/` where the route asks for no path. */
export function replacePrefix (path: string, uri: string, block: RouteMatch | undefined): string {
  const match = block?.uri
  const matched = match === undefined || match.kind === 'present' ? 1 : match.kind === 'prefix' ? match.value.length : pathOf(path).length
  return uri + path.slice(matched)
}

/** RE2's GlobalReplace on the path without its query; `\1` is the first group, `\0` the whole match. */
export function replaceMatches (path: string, { match, rewrite }: { match: string, rewrite: string }): string {
  const alone = pathOf(path)
  const matcher = expressionOf(match).matcher(alone)
  let replaced = ''
  let from = 0
  while (matcher.find()) {
    replaced += alone.slice(from, matcher.start()) + rewrite.replace(/\\(\d|\\)/g, (_whole, group: string) => group === '\\' ? '\\' : matcher.group(Number(group)) ?? '')
    from = matcher.end()
  }
  return replaced + alone.slice(from) + path.slice(alone.length)
}

const expressions = new Map<string, RE2JS>()

function expressionOf (text: string): RE2JS {
  let compiled = expressions.get(text)
  if (compiled === undefined) {
    // Rules come and go; what they once asked for need not stay.
    if (expressions.size >= 1000) expressions.clear()
    expressions.set(text, compiled = RE2JS.compile(text))
  }
  return compiled
}

function tell ({ uri, regex, authority }: RewriteConfig): string[] {
  return [
    ...(regex === undefined ? [] : [`rewrite: what matches ${regex.match} in the path becomes ${regex.rewrite}`]),
    ...(uri === undefined ? [] : [`rewrite: what the route matched of the path becomes ${uri}`]),
    ...(authority === undefined ? [] : [`rewrite: Host becomes ${authority}`])
  ]
}
