import { ageOf } from '../../resources/duration.ts'
import { fieldOf, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { alignTabs } from './tabs.ts'

/** A description, laid out, with the events of its object below. Undefined: the kind has none. */
export function withEvents (text: string, events: readonly JsonRecord[] | undefined): string {
  if (events === undefined) return alignTabs(text)
  if (events.length === 0) return alignTabs(`${text}Events:\t<none>\n`)
  const lines = events.toSorted((a, b) => lastSeen(a) < lastSeen(b) ? -1 : 1).map((event) => {
    const about = textOf(fieldOf(event, 'involvedObject', 'fieldPath'))
    const message = textOf(event.message).trim()
    return `  ${[textOf(event.type), textOf(event.reason), ages(event), source(event), about === '' ? message : `${about}: ${message}`].join('\t')}\n`
  })
  const table = `Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------\n${lines.join('')}`
  return alignTabs(text) + alignTabs(table)
}

/** The last time and, of an event that came several times, how often in what time. */
function ages (event: JsonRecord): string {
  const first = ageOf(textOf(event.eventTime) || textOf(event.firstTimestamp))
  const count = Number(event.count ?? 1)
  return count > 1 ? `${ageOf(event.lastTimestamp)} (x${count} over ${first})` : first
}

function source (event: JsonRecord): string {
  return textOf(recordOf(event.source).component) || textOf(event.reportingComponent)
}

function lastSeen (event: JsonRecord): string {
  return textOf(event.lastTimestamp) || textOf(event.eventTime) || textOf(event.firstTimestamp)
}
