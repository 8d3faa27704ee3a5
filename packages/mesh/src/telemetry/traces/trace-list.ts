/** The last traces, one line each. */
import { columns } from '../columns.ts'
import { durationOf } from '../graph/table.ts'
import type { TraceSummary } from './spans.ts'

export function formatTraces (traces: readonly TraceSummary[]): string {
  if (traces.length === 0) return 'No traces yet: there have been no requests.\n'
  const rows = traces.map(({ startTime, traceId, method, path, status, duration, spans, errors, root }) => [
    new Date(startTime).toISOString().slice(11, 23), traceId, status, durationOf(duration), String(spans), errors === 0 ? '' : String(errors), root.split(' ')[0] ?? '', `${method} ${path}`
  ])
  return columns([['TIME (UTC)', 'TRACE', 'STATUS', 'DURATION', 'SPANS', 'ERRORS', 'FROM', 'REQUEST'], ...rows])
}
