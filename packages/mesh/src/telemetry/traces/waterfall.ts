/** A trace drawn for a terminal: each span below its parent, and a bar for when it ran. */
import { columns, lengthOf } from '../columns.ts'
import { durationOf } from '../graph/table.ts'
import type { Span, Trace } from './spans.ts'

export interface WaterfallOptions {
  /** Columns of the terminal. */
  readonly width?: number
}

interface Line {
  readonly label: string
  readonly status: string
  readonly startTime: number
  readonly duration: number
  /** Milliseconds at the beginning that a fault rule put in. */
  readonly injected: number
}

const least = 20

export function formatTrace (trace: Trace, { width = 120 }: WaterfallOptions = {}): string {
  const { traceId, requestId, spans, lost } = trace
  const [first] = spans
  if (first === undefined) return `Trace ${traceId} has no spans.\n`
  const lines = spans.flatMap((span) => linesOf(span, prefixes(span, spans)))
  const begin = Math.min(...lines.map(({ startTime }) => startTime))
  const end = Math.max(...lines.map(({ startTime, duration }) => startTime + duration))
  const cells = [['SPAN', 'STATUS', 'DURATION'], ...lines.map(({ label, status, duration }) => [label, status, durationOf(duration)])]
  const left = columns(cells).trimEnd().split('\n')
  const leftWidth = Math.max(...left.map(lengthOf)) + 2
  const room = Math.max(width - leftWidth - 2, least)
  const scale = (time: number): number => end === begin ? 0 : Math.round((time - begin) / (end - begin) * room)
  const title = [
    `Trace ${traceId}`,
    `x-request-id ${requestId}`,
    `${first.tags['http.method'] ?? ''} ${(first.tags['http.url'] ?? '')} at ${new Date(begin).toISOString()}, ${durationOf(end - begin)}, ${spans.length} ${spans.length === 1 ? 'span' : 'spans'}`
  ]
  const drawn = left.map((text, index) => {
    const line = lines[index - 1]
    const bar = line === undefined ? ruler(durationOf(end - begin), room) : barOf(line, scale, room)
    return `${text}${' '.repeat(leftWidth - lengthOf(text))}${bar}`.trimEnd()
  })
  const notes = [
    ...(lines.some(({ injected }) => injected > 0) ? ['░ is the delay that a fault rule put in.'] : []),
    ...(lost > 0 ? [`${lost} more spans were not kept.`] : [])
  ]
  return `${[...title, '', ...drawn, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')}\n`
}

function linesOf (span: Span, { own, below }: { own: string, below: string }): Line[] {
  const { tags, startTime, duration } = span
  const flags = tags['response_flags'] ?? '-'
  const line: Line = {
    label: `${own}${nameOf(span)}`,
    status: `${tags['http.status_code'] === '0' ? 'none' : tags['http.status_code'] ?? ''}${flags === '-' ? '' : ` ${flags}`}`,
    startTime,
    duration,
    injected: Number.parseInt(tags['fault.delay'] ?? '0', 10)
  }
  const tries = (span.tries ?? []).map((attempt, index): Line => ({
    label: `${below}· attempt ${index + 1} to ${attempt.upstreamHost}`, status: attempt.outcome, startTime: attempt.startTime, duration: attempt.duration, injected: 0
  }))
  return [line, ...tries]
}

/** `productpage v1 → addedvalues`, `addedvalues v3`. */
function nameOf ({ kind, service, operation, tags }: Span): string {
  const revision = tags['istio.canonical_revision'] ?? ''
  const own = `${service.split('.')[0] ?? service}${revision === '' || revision === 'latest' ? '' : ` ${revision}`}`
  if (kind === 'server') return own
  const [host = ''] = operation.split(':')
  return `${own} → ${host.endsWith('.svc.cluster.local') ? host.slice(0, host.indexOf('.')) : host === '' ? 'nobody' : host}`
}

/** The strokes before a span's name, and before what is told below it. */
function prefixes (span: Span, spans: readonly Span[]): { own: string, below: string } {
  const chain: Span[] = []
  for (let current: Span | undefined = span; current !== undefined; current = parentIn(spans, current)) chain.unshift(current)
  const strokes = chain.slice(1).map((each) => isLast(each, spans))
  const before = strokes.slice(0, -1).map((last) => last ? '  ' : '│ ').join('')
  const own = strokes.length === 0 ? '' : strokes.at(-1) === true ? '└ ' : '├ '
  const children = spans.some(({ parentSpanId }) => parentSpanId === span.spanId)
  const below = strokes.length === 0 ? '' : strokes.at(-1) === true ? '  ' : '│ '
  return { own: before + own, below: `${before}${below}${children ? '│ ' : '  '}` }
}

function parentIn (spans: readonly Span[], { parentSpanId }: Span): Span | undefined {
  return parentSpanId === undefined ? undefined : spans.find(({ spanId }) => spanId === parentSpanId)
}

function isLast (span: Span, spans: readonly Span[]): boolean {
  return spans.filter(({ parentSpanId }) => parentSpanId === span.parentSpanId).at(-1) === span
}

function ruler (total: string, room: number): string {
  return `0${' '.repeat(Math.max(room - 1 - lengthOf(total), 1))}${total}`
}

/** Something is always seen, be it ever so short. */
function barOf ({ startTime, duration, injected }: Line, scale: (time: number) => number, room: number): string {
  const from = Math.min(scale(startTime), room - 1)
  const to = Math.max(scale(startTime + duration), from + 1)
  const delay = injected === 0 ? from : Math.min(Math.max(scale(startTime + injected), from + 1), to)
  return `${' '.repeat(from)}${'░'.repeat(delay - from)}${'█'.repeat(to - delay)}`
}
