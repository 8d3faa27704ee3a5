import { spawn } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore, StoreError, type NewObject, type Store } from './store.ts'

let directory: string
const opened: Store[] = []

beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'bankinfo-store-')) })
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()))
  await rm(directory, { recursive: true, force: true })
})

async function open (): Promise<Store> {
  const store = await openStore({ directory })
  opened.push(store)
  return store
}

async function reopen (store: Store): Promise<Store> {
  await store.close()
  return await open()
}

function configMap (name: string, data: Record<string, string> = {}, namespace = 'default'): NewObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }
}

describe('the store', () => {
  it('gives new objects uid, resourceVersion and creationTimestamp, and freezes them', async () => {
    const store = await open()
    const { metadata } = await store.create(configMap('a'))
    expect(metadata.uid).toMatch(/^[\da-f-]{36}$/)
    expect(Number(metadata.resourceVersion)).toBeGreaterThan(0)
    expect(metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(Object.isFrozen(store.get('ConfigMap', 'default', 'a')?.data)).toBe(true)
  })

  it('has after a restart what it had before, under the same versions', async () => {
    const store = await open()
    expect(store.isNew).toBe(true)
    const a = await store.create(configMap('a', { key: '1' }))
    await store.create(configMap('b'))
    await store.delete('ConfigMap', 'default', 'b')
    const changed = await store.update({ ...a, data: { key: '2' } })
    const again = await reopen(store)
    expect(again.isNew).toBe(false)
    expect(again.list('ConfigMap')).toEqual([changed])
  })

  it('never gives a resource version twice, although objects of controllers are not written down', async () => {
    const store = await open()
    for (let number = 0; number < 50; number += 1) await store.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${number}`, namespace: 'default' } })
    const before = Number(store.resourceVersion)
    const again = await reopen(store)
    expect(again.list('Pod')).toEqual([])
    const { metadata } = await again.create(configMap('later'))
    expect(Number(metadata.resourceVersion)).toBeGreaterThan(before)
  })

  it('refuses a change that was made from an older version, and writes nothing when nothing differs', async () => {
    const store = await open()
    const a = await store.create(configMap('a'))
    await store.update({ ...a, data: { key: '1' } })
    await expect(store.update({ ...a, data: { key: '2' } })).rejects.toMatchObject({ code: 'conflict' })
    const before = store.resourceVersion
    const { resourceVersion: _any, ...metadata } = a.metadata
    await store.update({ ...a, metadata, data: { key: '1' } })
    expect(store.resourceVersion).toBe(before)
  })

  it('names what is missing or there already by its code', async () => {
    const store = await open()
    await store.create(configMap('a'))
    await expect(store.create(configMap('a'))).rejects.toMatchObject({ code: 'exists' })
    await expect(store.update(configMap('b'))).rejects.toMatchObject({ code: 'missing' })
    await expect(store.delete('ConfigMap', 'default', 'b')).rejects.toBeInstanceOf(StoreError)
    await expect(store.delete('ConfigMap', 'default', 'a', { uid: 'another' })).rejects.toMatchObject({ code: 'conflict' })
  })

  it('tells watchers every change in order, and those who come back what they missed', async () => {
    const store = await open()
    const seen: string[] = []
    const stop = store.watch(({ type, object }) => { seen.push(`${type} ${object.metadata.name}`) })
    const start = store.resourceVersion
    const a = await store.create(configMap('a'))
    await store.update({ ...a, data: { key: '1' } })
    await store.delete('ConfigMap', 'default', 'a')
    stop()
    await store.create(configMap('b'))
    expect(seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
    expect(store.since(start)?.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED', 'ADDED'])
    expect(store.since(store.resourceVersion)).toEqual([])
    const again = await reopen(store)
    expect(again.since(start)).toBeUndefined()
  })

  it('lists by namespace, labels and fields, ordered by namespace and name', async () => {
    const store = await open()
    await store.create(configMap('b'))
    await store.create({ ...configMap('a'), metadata: { name: 'a', namespace: 'default', labels: { app: 'web' } } })
    await store.create(configMap('c', {}, 'another'))
    const names = (options: Parameters<Store['list']>[1]): string[] => store.list('ConfigMap', options).map(({ metadata }) => metadata.name)
    expect(names({})).toEqual(['c', 'a', 'b'])
    expect(names({ namespace: 'default' })).toEqual(['a', 'b'])
    expect(names({ labelSelector: 'app=web' })).toEqual(['a'])
    expect(names({ fieldSelector: 'metadata.name!=a' })).toEqual(['c', 'b'])
  })

  it('drops a torn last line, and keeps all before it', async () => {
    const store = await open()
    await store.create(configMap('a'))
    await store.close()
    await appendFile(join(directory, 'store.jsonl'), '{"put":{"apiVersion":"v1","ki')
    const again = await open()
    expect(again.list('ConfigMap').map(({ metadata }) => metadata.name)).toEqual(['a'])
    await again.create(configMap('b'))
    expect((await reopen(again)).list('ConfigMap')).toHaveLength(2)
  })

  it('names file and line of a journal that is damaged anywhere else', async () => {
    const store = await open()
    await store.create(configMap('a'))
    await store.close()
    const path = join(directory, 'store.jsonl')
    const [head, ...rest] = (await readFile(path, 'utf8')).split('\n')
    await writeFile(path, [head, 'garbage', ...rest].join('\n'))
    await expect(openStore({ directory })).rejects.toThrow(`${path}:2: not a JSON object`)
    await writeFile(path, '{"journal":"bankinfo","version":99}\n')
    await expect(openStore({ directory })).rejects.toThrow(/Another version of bankinfo/)
  })

  it('takes a write back that the disk refuses, and tells watchers', async () => {
    const store = await open()
    const a = await store.create(configMap('a', { key: '1' }))
    const seen: string[] = []
    store.watch(({ type, object }) => { seen.push(`${type} ${JSON.stringify(object.data)}`) })
    await store.close()
    await expect(store.update({ ...a, data: { key: '2' } })).rejects.toMatchObject({ code: 'unavailable' })
    expect(store.get('ConfigMap', 'default', 'a')?.data).toEqual({ key: '1' })
    expect(seen).toEqual(['MODIFIED {"key":"2"}', 'MODIFIED {"key":"1"}'])
  })

  it('has every write that it acknowledged before a kill -9 in the middle of writing', async () => {
    const module = fileURLToPath(new URL('../../dist/store/store.js', import.meta.url))
    const script = `
      import { openStore } from ${JSON.stringify(module)}
      import { writeSync } from 'node:fs'
      const store = await openStore({ directory: ${JSON.stringify(directory)} })
      await Promise.all(Array.from({ length: 20 }, async (_, lane) => {
        for (let n = lane; ; n += 20) {
          const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' + n, namespace: 'default' }, data: { filler: 'x'.repeat(2000) } }
          await store.create(object)
          writeSync(1, 'c' + n + '\\n')
        }
      }))`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const acknowledged: string[] = []
    for await (const name of createInterface({ input: child.stdout })) {
      acknowledged.push(name)
      if (acknowledged.length === 500) child.kill('SIGKILL')
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(500)
    const store = await open()
    const kept = new Set(store.list('ConfigMap').map(({ metadata }) => metadata.name))
    expect(acknowledged.filter((name) => !kept.has(name))).toEqual([])
  })
})
