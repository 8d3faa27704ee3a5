import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Explanation, ExplainRequest } from '@bankinfo/mesh'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openStore, type NewObject, type Store } from '../store/store.ts'
import { explainRequest } from './explain.ts'

let directory: string
let store: Store

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bankinfo-explain-'))
  store = await openStore({ directory })
  await service('details')
  await service('web')
  await pod('details-v1', { app: 'details' })
  await pod('web-v1', { app: 'web' })
  await pod('styles-v1', { app: 'styles' }, 'external')
})

afterEach(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

it('takes a pod, its Deployment or its Service for the caller', () => {
  for (const from of ['web-v1-7c9-abcde', 'pod/web-v1-7c9-abcde', 'default/web-v1-7c9-abcde', 'web-v1', 'deploy/web-v1', 'deployment/web-v1', 'default/web-v1', 'web', 'svc/web']) {
    expect(asked({ url: 'http://details:9080/', from })).toEqual({ url: 'http://details:9080/', from: 'default/web-v1-7c9-abcde' })
  }
  expect(asked({ url: 'http://details:9080/', from: 'external/styles-v1' }).from).toBe('external/styles-v1-7c9-abcde')
})

it('lists the callers there are when it does not know the one that is meant', () => {
  expect(() => asked({ url: 'http://details:9080/', from: 'nobody' }))
    .toThrow('no pod, deployment or service "nobody" in namespace default; known are details-v1, web-v1, external/styles-v1, outside')
  expect(() => asked({ url: 'http://details:9080/', from: 'styles-v1' })).toThrow('external/styles-v1')
})

it('lets somebody else ask than the one who is asked', () => {
  expect(asked({ url: 'http://details:9080/' }).from).toBe('default/web-v1-7c9-abcde')
  expect(asked({ url: 'http://details.default.svc.cluster.local:9080/' }).from).toBe('default/web-v1-7c9-abcde')
  expect(asked({ url: 'http://web:9080/' }).from).toBe('default/details-v1-7c9-abcde')
})

it('knows the addresses of the gateway, and keeps the host that the client dialled', () => {
  const through = { url: 'http://127.0.0.1:80/page', from: 'outside', headers: { host: '127.0.0.1:8080' } }
  expect(asked({ url: 'http://127.0.0.1:8080/page' })).toMatchObject({ from: 'outside', headers: through.headers, url: 'http://127.0.0.1/page' })
  expect(asked({ url: 'http://localhost:8080/page', headers: { host: 'bank.example.com' } })).toMatchObject({ from: 'outside', headers: { host: 'bank.example.com' } })
  expect(asked({ url: 'http://127.0.0.1:31400/', from: 'outside' })).toMatchObject({ from: 'outside', url: 'http://127.0.0.1:31400/' })
  expect(asked({ url: 'http://bank.example.com/', from: 'outside' })).toMatchObject({ from: 'outside', url: 'http://bank.example.com/' })
})

it('leaves the loopback of a pod to the pod', () => {
  expect(asked({ url: 'http://localhost:8080/', from: 'web' })).toMatchObject({ url: 'http://localhost:8080/', from: 'default/web-v1-7c9-abcde' })
  expect(asked({ url: 'http://localhost:9080/' }).from).not.toBe('outside')
})

function asked (query: ExplainRequest): ExplainRequest {
  let request: ExplainRequest | undefined
  explainRequest({
    store,
    mesh: {
      explain: (resolved) => {
        request = resolved
        return explanation
      }
    },
    gatewayAddresses: () => new Map([[80, [{ host: '127.0.0.1', port: 8080 }, { host: '127.0.0.1', port: 80 }]]])
  }, query)
  if (request === undefined) throw new Error('the mesh was not asked')
  return request
}

const explanation: Explanation = {
  proxy: 'default/web', request: { method: 'GET', url: 'http://details/', headers: [] }, outcome: { kind: 'reset', flags: '-', cluster: '-' }, routes: [], notes: []
}

async function service (app: string): Promise<void> {
  await store.create({ apiVersion: 'v1', kind: 'Service', metadata: { name: app, namespace: 'default' }, spec: { selector: { app }, ports: [{ port: 9080 }] } } as NewObject)
}

async function pod (deployment: string, labels: Record<string, string>, namespace = 'default'): Promise<void> {
  const owned = await store.create({
    apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: `${deployment}-7c9`, namespace, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: deployment, uid: deployment, controller: true }] }, spec: {}
  } as NewObject)
  await store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${deployment}-7c9-abcde`, namespace, labels, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${deployment}-7c9`, uid: owned.metadata.uid, controller: true }] },
    spec: { containers: [], initContainers: [{ name: 'istio-proxy', image: 'x', restartPolicy: 'Always' }] },
    status: { podIP: '10.44.0.9' }
  } as NewObject)
}
