import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { fieldSelector, labelSelector } from '../resources/selector.ts'
import { StoreError } from './errors.ts'
import { freeze } from './freeze.ts'
import type { Journal, JournalRecord } from './journal.ts'
import { kindKey, type DeleteOptions, type ListOptions, type NewObject, type Store, type StoredObject, type StoreEvent, type WriteOptions } from './store.ts'

/** Changes kept for watchers that come back; a watcher that missed more lists anew. */
const remembered = 5_000
/** How many resource versions are set aside on disk at a time. */
const reservation = 10_000

/** The store over an opened journal: compacts it, then keeps every object in memory. */
export async function createStore (journal: Journal, volatile: ReadonlySet<string>): Promise<Store> {
  const kinds = new Map<string, Map<string, StoredObject>>()
  const sorted = new Map<string, readonly StoredObject[]>()
  const listeners = new Set<(event: StoreEvent) => void>()
  const history: StoreEvent[] = []

  let version = replay(journal.records, kinds)
  let oldest = version
  let reserved = version + reservation
  await journal.compact([
    { reserve: reserved },
    ...[...kinds.values()].flatMap((objects) => [...objects.values()]).map((put) => ({ put }))
  ])

  function nextVersion (): string {
    version += 1
    if (version > reserved - reservation / 2) {
      reserved += reservation
      journal.append({ reserve: reserved }, () => {}).catch(() => { reserved -= reservation })
    }
    return String(version)
  }

  function place (event: StoreEvent): void {
    const { kindKey: kind, object, type } = event
    const objects = kinds.get(kind) ?? new Map<string, StoredObject>()
    kinds.set(kind, objects)
    sorted.delete(kind)
    const key = objectKey(object.metadata.namespace, object.metadata.name)
    if (type === 'DELETED') objects.delete(key)
    else objects.set(key, object)
    history.push(event)
    if (history.length >= remembered * 2) {
      const dropped = history.splice(0, history.length - remembered)
      oldest = Number(dropped.at(-1)?.object.metadata.resourceVersion ?? oldest)
    }
    for (const listener of [...listeners]) listener(event)
  }

  /** Publishes a change and writes it down. A change that the disk refuses is taken back, and watchers see that too. */
  async function commit (event: StoreEvent, record: JournalRecord, options: WriteOptions): Promise<StoredObject> {
    place(event)
    if (volatile.has(event.kindKey)) return event.object
    const written = journal.append(record, () => { place(opposite(event, nextVersion())) })
    if (options.volatile === true) {
      written.catch(() => {})
      return event.object
    }
    await written
    return event.object
  }

  const existing = (kind: string, namespace: string | undefined, name: string): StoredObject => {
    const object = kinds.get(kind)?.get(objectKey(namespace, name))
    if (object === undefined) throw new StoreError('missing', `${kind} ${objectKey(namespace, name)} not found`)
    return object
  }

  return {
    isNew: journal.records.length === 0,
    get resourceVersion () { return String(version) },
    get: (kind, namespace, name) => kinds.get(kind)?.get(objectKey(namespace, name)),
    kindKeys: () => [...kinds].filter(([, objects]) => objects.size > 0).map(([kind]) => kind),

    list (kind, options = {}) {
      const all = sorted.get(kind) ?? [...kinds.get(kind)?.entries() ?? []].sort(byKey).map(([, object]) => object)
      sorted.set(kind, all)
      return select(all, options)
    },

    async create (input: NewObject, options: WriteOptions = {}) {
      const kind = kindKey(input.apiVersion, input.kind)
      const { namespace, name } = input.metadata
      if (kinds.get(kind)?.has(objectKey(namespace, name)) === true) {
        throw new StoreError('exists', `${kind} ${objectKey(namespace, name)} already exists`)
      }
      const object = freeze({
        ...input,
        metadata: {
          ...input.metadata,
          uid: input.metadata.uid ?? randomUUID(),
          resourceVersion: nextVersion(),
          creationTimestamp: input.metadata.creationTimestamp ?? timestamp()
        }
      })
      return await commit({ type: 'ADDED', kindKey: kind, object }, { put: object }, options)
    },

    async update (input: NewObject, options: WriteOptions = {}) {
      const kind = kindKey(input.apiVersion, input.kind)
      const previous = existing(kind, input.metadata.namespace, input.metadata.name)
      requireSame(previous, input.metadata)
      const { uid, creationTimestamp, resourceVersion } = previous.metadata
      const unchanged = freeze({ ...input, metadata: { ...input.metadata, uid, creationTimestamp, resourceVersion } })
      if (isDeepStrictEqual(unchanged, previous)) return previous
      const object = freeze({ ...unchanged, metadata: { ...unchanged.metadata, resourceVersion: nextVersion() } })
      return await commit({ type: 'MODIFIED', kindKey: kind, object, previous }, { put: object }, options)
    },

    async delete (kind, namespace, name, options: DeleteOptions = {}) {
      const previous = existing(kind, namespace, name)
      requireSame(previous, options)
      const at = nextVersion()
      const object = freeze({ ...previous, metadata: { ...previous.metadata, resourceVersion: at } })
      return await commit({ type: 'DELETED', kindKey: kind, object, previous }, { delete: [kind, namespace ?? '', name], at }, options)
    },

    watch (listener) {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    },

    since (resourceVersion) {
      const from = Number(resourceVersion)
      if (!(from >= oldest)) return undefined
      const first = history.findIndex((event) => Number(event.object.metadata.resourceVersion) > from)
      return first === -1 ? [] : history.slice(first)
    },

    close: () => journal.close()
  }
}

/** Kubernetes' form of a time: UTC in whole seconds. */
export function timestamp (time: Date = new Date()): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}

function replay (records: readonly JournalRecord[], kinds: Map<string, Map<string, StoredObject>>): number {
  let version = 0
  for (const record of records) {
    if ('reserve' in record) {
      version = Math.max(version, record.reserve)
    } else if ('put' in record) {
      const object = freeze(record.put)
      const kind = kindKey(object.apiVersion, object.kind)
      const objects = kinds.get(kind) ?? new Map<string, StoredObject>()
      kinds.set(kind, objects)
      objects.set(objectKey(object.metadata.namespace, object.metadata.name), object)
      version = Math.max(version, Number(object.metadata.resourceVersion))
    } else {
      const [kind, namespace, name] = record.delete
      kinds.get(kind)?.delete(objectKey(namespace, name))
      version = Math.max(version, Number(record.at))
    }
  }
  return version
}

function opposite (event: StoreEvent, resourceVersion: string): StoreEvent {
  const { kindKey: kind, object, previous } = event
  const stamp = (one: StoredObject): StoredObject => freeze({ ...one, metadata: { ...one.metadata, resourceVersion } })
  if (previous === undefined) return { type: 'DELETED', kindKey: kind, object: stamp(object), previous: object }
  if (event.type === 'DELETED') return { type: 'ADDED', kindKey: kind, object: stamp(previous) }
  return { type: 'MODIFIED', kindKey: kind, object: stamp(previous), previous: object }
}

function requireSame (previous: StoredObject, expected: { uid?: string, resourceVersion?: string }): void {
  const { uid, resourceVersion, name } = previous.metadata
  if (expected.uid !== undefined && expected.uid !== uid) {
    throw new StoreError('conflict', `${previous.kind} "${name}" has uid ${uid}, the precondition names ${expected.uid}`)
  }
  if (expected.resourceVersion !== undefined && expected.resourceVersion !== resourceVersion) {
    throw new StoreError('conflict', `${previous.kind} "${name}" is at resourceVersion ${resourceVersion}, the change was made from ${expected.resourceVersion}`)
  }
}

function select (objects: readonly StoredObject[], options: ListOptions): readonly StoredObject[] {
  let selected = objects
  const { namespace } = options
  if (namespace !== undefined) selected = selected.filter((object) => object.metadata.namespace === namespace)
  if (options.labelSelector !== undefined && options.labelSelector !== '') {
    const matches = labelSelector(options.labelSelector)
    selected = selected.filter((object) => matches(object.metadata.labels ?? {}))
  }
  if (options.fieldSelector !== undefined && options.fieldSelector !== '') selected = selected.filter(fieldSelector(options.fieldSelector))
  return selected
}

function objectKey (namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`
}

/** A slash sorts below every character of a name but '-' and '.', so namespace and name are compared apart. */
function byKey ([a]: [string, unknown], [b]: [string, unknown]): number {
  const [namespaceA = '', nameA = ''] = a.split('/')
  const [namespaceB = '', nameB = ''] = b.split('/')
  return compare(namespaceA, namespaceB) || compare(nameA, nameB)
}

function compare (a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
