import type { ServerResponse } from 'node:http'
import { fieldSelector, labelSelector, SelectorError } from '../../resources/selector.ts'
import { apiVersionOf } from '../../resources/kinds.ts'
import type { StoredObject, StoreEvent } from '../../store/store.ts'
import type { ApiContext } from '../context.ts'
import type { ResourcePath } from '../path.ts'
import { inVersion, listObjects, represent, type Representation } from './read.ts'
import { ApiError, badRequest } from '../status.ts'

export interface WatchRequest {
  readonly path: ResourcePath
  readonly query: URLSearchParams
  readonly representation: Representation
  readonly response: ServerResponse
}

/** How often a watcher that asked for bookmarks hears where the cluster is. */
const bookmarkInterval = 60_000
/** A watcher that does not read is cut off, in bytes. It lists anew when it comes back. */
const mostUnread = 64 * 1024 * 1024

/**
 * Streams changes as JSON lines until the client goes, or `timeoutSeconds` are over.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 * @throws ApiError 400 for bad parameters, 410 when the resourceVersion is too old
 */
export function watchObjects (context: ApiContext, request: WatchRequest): void {
  const { store } = context
  const { path, query, representation, response } = request
  const selected = selectorOf(path, query)
  const initial = initialEvents(context, request, selected)
  const from = store.resourceVersion
  const bookmarks = isTrue(query.get('allowWatchBookmarks'))

  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private', ...headersOf(response) })
  response.flushHeaders()
  const send = (type: string, object: object): void => {
    response.write(JSON.stringify({ type, object }) + '\n')
    if (response.writableLength > mostUnread) response.destroy()
  }
  const bookmark = (resourceVersion: string, annotations?: Readonly<Record<string, string>>): void => {
    send('BOOKMARK', {
      kind: path.kind.kind,
      apiVersion: apiVersionOf(path.kind, path.version),
      metadata: { resourceVersion, ...(annotations !== undefined && { annotations }) }
    })
  }
  const publish = (event: StoreEvent): void => {
    const seen = seenBy(event, selected, path)
    if (seen !== undefined) send(seen.type, represent(inVersion(seen.object, path.kind, path.version), path, representation))
  }

  for (const event of initial.events) publish(event)
  if (initial.announceEnd) bookmark(from, { 'k8s.io/initial-events-end': 'true' })
  const stop = store.watch(publish)
  const ticking = bookmarks ? setInterval(() => { bookmark(store.resourceVersion) }, bookmarkInterval) : undefined
  const seconds = Number(query.get('timeoutSeconds') ?? 0)
  const ending = seconds > 0 ? setTimeout(() => { response.end() }, seconds * 1_000) : undefined
  response.once('close', () => {
    stop()
    clearInterval(ticking)
    clearTimeout(ending)
  })
}

interface Initial {
  readonly events: readonly StoreEvent[]
  readonly announceEnd: boolean
}

/** What a watcher hears first: all there is, or what it missed. */
function initialEvents (context: ApiContext, { path, query }: WatchRequest, selected: (object: StoredObject) => boolean): Initial {
  const { store } = context
  const version = query.get('resourceVersion') ?? ''
  const wanted = query.get('sendInitialEvents')
  if (wanted !== null && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    throw new ApiError(422, 'Invalid', 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  }
  if (isTrue(wanted) || (wanted === null && (version === '' || version === '0'))) {
    const objects = listObjects(context, path, query).filter(selected)
    return { events: objects.map((object) => ({ type: 'ADDED', kindKey: path.kind.key, object })), announceEnd: isTrue(wanted) }
  }
  if (version === '' || version === '0') return { events: [], announceEnd: false }
  if (!/^\d+$/.test(version)) throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`)
  const missed = store.since(version)
  if (missed === undefined) throw new ApiError(410, 'Expired', `too old resource version: ${version} (${store.resourceVersion})`)
  return { events: missed, announceEnd: false }
}

/** An object that comes to match a selector is new to the watcher, one that ceases to match is gone for it. */
function seenBy (event: StoreEvent, selected: (object: StoredObject) => boolean, path: ResourcePath): Pick<StoreEvent, 'type' | 'object'> | undefined {
  if (event.kindKey !== path.kind.key) return undefined
  const { type, object, previous } = event
  const now = type !== 'DELETED' && selected(object)
  const before = type === 'ADDED' ? false : selected(previous ?? object)
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', object }
  return before ? { type: 'DELETED', object } : undefined
}

function selectorOf ({ namespace, name }: ResourcePath, query: URLSearchParams): (object: StoredObject) => boolean {
  try {
    const labels = labelSelector(query.get('labelSelector') ?? '')
    const fields = fieldSelector(query.get('fieldSelector') ?? '')
    return (object) => (namespace === undefined || object.metadata.namespace === namespace) &&
      (name === undefined || object.metadata.name === name) && labels(object.metadata.labels ?? {}) && fields(object)
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message)
    throw error
  }
}

/** What hooks have set on the response, such as the warning headers. */
function headersOf (response: ServerResponse): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, Array.isArray(value) ? value : String(value)]))
}

function isTrue (value: string | null): boolean {
  return value === 'true' || value === '1'
}
