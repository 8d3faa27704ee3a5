import { expect, test } from 'vitest'
import { pod, registryOf } from '../testing/cluster.ts'
import { identityOf, nobody, serviceOf } from './identity.ts'

test('a pod of a Deployment is known by the Deployment\'s name', () => {
  expect(identityOf(pod('addedvalues-v3-7c5ddbdf54-x2x9z', { app: 'addedvalues', version: 'v3', 'pod-template-hash': '7c5ddbdf54' }))).toEqual({
    workload: 'addedvalues-v3', namespace: 'default', app: 'addedvalues', version: 'v3', canonicalService: 'addedvalues', canonicalRevision: 'v3', cluster: 'Kubernetes'
  })
  expect(identityOf(pod('alone', {}))).toMatchObject({ workload: 'alone', app: 'unknown', version: 'unknown', canonicalService: 'alone', canonicalRevision: 'latest' })
})

test.each([
  [{ app: 'a', 'app.kubernetes.io/name': 'b', 'service.istio.io/canonical-name': 'c' }, 'c'],
  [{ app: 'a', 'app.kubernetes.io/name': 'b' }, 'b'],
  [{ app: 'a' }, 'a']
])('the canonical service of %o is %s', (labels, name) => {
  expect(identityOf(pod('p', labels)).canonicalService).toBe(name)
})

test('a pod without a proxy tells neither app nor version; who is not known is unknown', () => {
  expect(identityOf(pod('p', { app: 'a', version: 'v1' }, { kind: 'plain' }))).toMatchObject({ workload: 'p', app: 'unknown', version: 'unknown', canonicalService: 'a', canonicalRevision: 'v1' })
  expect(identityOf(undefined)).toBe(nobody)
})

test('a Service is known by its name, a host of a ServiceEntry by the whole host', () => {
  const registry = registryOf('{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: bin, namespace: elsewhere}, spec: {hosts: [httpbin.org], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}}')
  expect(serviceOf(registry, 'reviews.default.svc.cluster.local')).toEqual({ host: 'reviews.default.svc.cluster.local', name: 'reviews', namespace: 'default' })
  expect(serviceOf(registry, 'httpbin.org')).toEqual({ host: 'httpbin.org', name: 'httpbin.org', namespace: 'elsewhere' })
  expect(serviceOf(registry, 'gone.default.svc.cluster.local')).toMatchObject({ name: 'gone', namespace: 'unknown' })
})
