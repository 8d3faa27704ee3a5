import { afterAll, describe, expect, it } from 'vitest'
import { watchEvents, type WatchEvent } from '../../cli/selection/watch-events.ts'
import { fieldOf } from '../../resources/json.ts'
import { startTestApi } from '../../testing/api.ts'
import { configMap, failure, paths } from '../../testing/api-objects.ts'

const api = await startTestApi()
const { client } = api
afterAll(() => api.close())

describe('watches', () => {
  it('sends what there is and a bookmark at its end when the initial events are asked for', async () => {
    const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true', fieldSelector: 'metadata.name=default' }
    const seen: WatchEvent[] = []
    for await (const event of watchEvents(client, '/api/v1/namespaces', { query })) {
      seen.push(event)
      if (event.type === 'BOOKMARK') break
    }
    expect(seen).toMatchObject([
      { type: 'ADDED', object: { metadata: { name: 'default' } } },
      { type: 'BOOKMARK', object: { kind: 'Namespace', apiVersion: 'v1', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } }
    ])
    expect(await failure(client.request('GET', '/api/v1/namespaces', { query: { watch: 'true', sendInitialEvents: 'true' } }))).toMatchObject({ code: 422 })
  })

  it('goes on from a version: what was missed, then what comes; an object that matches no more is deleted for the watcher', async () => {
    const list = await client.request('GET', paths.configMaps)
    const resourceVersion = String(fieldOf(list, 'metadata', 'resourceVersion'))
    await client.request('POST', paths.configMaps, { body: { ...configMap('seen'), metadata: { name: 'seen', labels: { watched: 'yes' } } } })
    const seen: string[] = []
    for await (const { type, object } of watchEvents(client, paths.configMaps, { query: { resourceVersion, labelSelector: 'watched=yes' } })) {
      seen.push(`${type} ${String(fieldOf(object, 'metadata', 'name'))}`)
      if (seen.length === 1) await client.request('PATCH', `${paths.configMaps}/seen`, { contentType: 'application/merge-patch+json', body: { metadata: { labels: { watched: 'no' } } } })
      if (seen.length === 2) break
    }
    expect(seen).toEqual(['ADDED seen', 'DELETED seen'])
  })

  it('says 410 to a version that it does not remember', async () => {
    const before = api.store.resourceVersion
    const pod = await api.store.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'busy', namespace: 'default' } })
    const { resourceVersion: _any, ...metadata } = pod.metadata
    for (let count = 0; count < 11_000; count += 1) await api.store.update({ ...pod, metadata, count })
    expect(await failure(client.request('GET', paths.configMaps, { query: { watch: 'true', resourceVersion: before } }))).toMatchObject({ code: 410, reason: 'Expired' })
  })
})
