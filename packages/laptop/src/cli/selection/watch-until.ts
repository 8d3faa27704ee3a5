import { isRecord, textOf, type JsonRecord } from '../../resources/json.ts'
import type { Kind } from '../../resources/kinds.ts'
import type { Client } from '../client.ts'
import { resourcePath } from './targets.ts'
import { watchEvents } from './watch-events.ts'

export interface WatchedObject {
  readonly kind: Kind
  readonly namespace: string | undefined
  readonly name: string
  /** Milliseconds. */
  readonly timeout: number
}

/**
 * Waits until an object is as wanted.
 * @param done is asked about each state of the object; undefined: it is not there
 * @returns false when the time is over
 */
export async function watchUntil (client: Client, watched: WatchedObject, done: (object: JsonRecord | undefined) => boolean): Promise<boolean> {
  const { kind, namespace, name, timeout } = watched
  const signal = AbortSignal.timeout(Math.max(1, timeout))
  try {
    const list = await client.request('GET', resourcePath(kind, { namespace }), { query: { fieldSelector: `metadata.name=${name}` } })
    const [present] = Array.isArray(list.items) ? list.items.filter(isRecord) : []
    if (done(present)) return true
    const events = watchEvents(client, resourcePath(kind, { namespace }), {
      signal,
      query: { fieldSelector: `metadata.name=${name}`, resourceVersion: isRecord(list.metadata) ? textOf(list.metadata.resourceVersion) : '' }
    })
    for await (const { type, object } of events) if (done(type === 'DELETED' ? undefined : object)) return true
    return false
  } catch (error) {
    if (signal.aborted) return false
    throw error
  }
}
