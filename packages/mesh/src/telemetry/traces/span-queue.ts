/** Spans on their way to a tracing backend: made in batches, off the way of requests. */
import { spanOf, type Span } from './spans.ts'
import type { AccessRecord } from '../../access-log.ts'
import type { Registry } from '../../compile/registry.ts'

export interface SpanQueue {
  readonly add: (record: AccessRecord) => void
}

/** Milliseconds from the first span of a batch to its delivery. */
const delay = 200
/** A backend is told of so many in a batch at most; the others are lost. */
const maxWaiting = 5000

export function createSpanQueue (deliver: (spans: readonly Span[]) => void, registry: () => Registry | undefined): SpanQueue {
  let waiting: AccessRecord[] = []
  const flush = (): void => {
    const records = waiting
    const known = registry()
    waiting = []
    if (known !== undefined) deliver(records.flatMap((record) => record.span === undefined ? [] : [spanOf(record, { ...record.span, registry: known })]))
  }
  return {
    add: (record) => {
      if (record.span?.sampled !== true || waiting.length >= maxWaiting) return
      if (waiting.push(record) === 1) setTimeout(flush, delay).unref()
    }
  }
}
