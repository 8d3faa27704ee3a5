/** A command line that is not understood; the message is Go's flag package's own form. */
export class FlagError extends Error {}

export type FlagKind = 'bool' | 'int' | 'float' | 'duration' | 'string' | 'list'

export interface FlagDefinition {
  readonly kind: FlagKind
  readonly summary: string
  /** As it would be written; flags without one are absent until they are given. */
  readonly fallback?: string
}

export interface Flags {
  /** Undefined when the flag was not given and has no fallback. */
  text(name: string): string | undefined
  number(name: string): number
  bool(name: string): boolean
  /** Milliseconds. */
  duration(name: string): number
  list(name: string): readonly string[]
  given(name: string): boolean
  /** What follows the flags. */
  readonly rest: readonly string[]
}

/**
 * Reads flags as Go's flag package does: `-name value`, `-name=value`, two dashes alike; a bool takes a value only by `=`; the
 * first word that is no flag ends them. https://pkg.go.dev/flag#hdr-Command_line_flag_syntax
 * @throws FlagError
 */
export function parseFlags (definitions: Readonly<Record<string, FlagDefinition>>, args: readonly string[]): Flags {
  const values = new Map<string, string[]>()
  let index = 0
  for (; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (!/^--?[^-]/.test(arg)) {
      if (arg === '--') index += 1
      break
    }
    const [, name = '', inline] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? []
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined
    if (definition === undefined) throw new FlagError(`flag provided but not defined: -${name}`)
    let value = inline
    if (value === undefined && definition.kind === 'bool') value = 'true'
    if (value === undefined) {
      index += 1
      value = args[index]
    }
    if (value === undefined) throw new FlagError(`flag needs an argument: -${name}`)
    check(name, value, definition.kind)
    values.set(name, [...values.get(name) ?? [], value])
  }
  const last = (name: string): string | undefined => values.get(name)?.at(-1) ?? definitions[name]?.fallback
  return {
    text: last,
    number: (name) => Number(last(name) ?? 0),
    bool: (name) => isTrue(last(name) ?? 'false'),
    duration: (name) => parseDuration(last(name) ?? '0') ?? 0,
    list: (name) => values.get(name) ?? [],
    given: (name) => values.has(name),
    rest: args.slice(index)
  }
}

function check (name: string, value: string, kind: FlagKind): void {
  const wrong = (type: string): never => { throw new FlagError(`invalid value "${value}" for flag -${name}: expected ${type}`) }
  if (kind === 'int' && !/^[+-]?\d+$/.test(value)) wrong('a whole number')
  if (kind === 'float' && (value.trim() === '' || !Number.isFinite(Number(value)))) wrong('a number')
  if (kind === 'bool' && !/^(1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(value)) wrong('true or false')
  if (kind === 'duration' && parseDuration(value) === undefined) wrong('a duration like 5s, 1m30s or 300ms')
}

function isTrue (value: string): boolean {
  return ['1', 't', 'true'].includes(value.toLowerCase())
}

const units: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds of a Go duration, like `1m30s` or `1.5s`; undefined for anything else. https://pkg.go.dev/time#ParseDuration */
export function parseDuration (text: string): number | undefined {
  if (text === '0') return 0
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) return undefined
  return parts.reduce((sum, [, value = '', unit = '']) => sum + Number(value) * (units[unit] ?? 0), 0)
}

/** A duration as Go prints it: `37.04095ms`, `1m30s`. */
export function formatDuration (ms: number): string {
  const short = (value: number): string => String(Number(value.toFixed(6)))
  if (ms === 0) return '0s'
  if (ms < 1) return `${short(ms * 1000)}µs`
  if (ms < 1000) return `${short(ms)}ms`
  const hours = Math.floor(ms / 3_600_000)
  const minutes = Math.floor(ms / 60_000) % 60
  const seconds = `${short(ms % 60_000 / 1000)}s`
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}`
}
