import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMesh, type Mesh } from '../mesh.ts'
import { clusterState, reviewsRule } from '../testing/cluster.ts'
import { formatExplanation } from './explanation.ts'

let mesh: Mesh

const http = `[
  {name: jason, match: [{headers: {end-user: {exact: jason}}, uri: {prefix: /}}], route: [{destination: {host: reviews, subset: v2}}]},
  {match: [{uri: {exact: /gone}}], route: [{destination: {host: reviews, subset: v9}}]},
  {timeout: 2s, route: [{destination: {host: reviews, subset: v1}, weight: 75}, {destination: {host: reviews, subset: v3}, weight: 25}]}]`

beforeAll(async () => {
  mesh = createMesh({ external: () => undefined })
  await mesh.update(clusterState(reviewsRule(http)))
})
afterAll(async () => { await mesh.close() })

test('says which route matched, why the others did not, and where the shares go', () => {
  const explanation = mesh.explain({ from: 'default/client', url: 'http://reviews:9080/', headers: { 'end-user': 'jack' } })
  expect(explanation).toMatchObject({
    proxy: 'default/client',
    rule: 'VirtualService default/reviews',
    routes: [
      { route: 'VirtualService default/reviews, http[0] (jason)', outcome: 'not matched', reasons: ['header end-user is "jack", not exact "jason"'] },
      { outcome: 'not matched', reasons: ['uri / is not exact "/gone"'] },
      { outcome: 'matched', reasons: ['takes every request'] }
    ],
    outcome: {
      kind: 'forward',
      timeout: 2000,
      retries: '2 on connect-failure, refused-stream, unavailable, cancelled',
      destinations: [
        { cluster: 'outbound|9080|v1|reviews.default.svc.cluster.local', share: 75, endpoints: ['default/reviews-v1 10.44.1.1:9080'], loadBalancer: 'LEAST_REQUEST' },
        { cluster: 'outbound|9080|v3|reviews.default.svc.cluster.local', share: 25 }
      ]
    }
  })
})

test('routes behind the one that matched are not asked', () => {
  const { routes } = mesh.explain({ from: 'client', url: 'http://reviews:9080/', headers: { 'End-User': 'jason' } })
  expect(routes.map(({ outcome }) => outcome)).toEqual(['matched', 'not asked', 'not asked'])
})

test('says what happens in place of forwarding', () => {
  expect(mesh.explain({ from: 'client', url: 'http://reviews:9080/gone' }).outcome).toMatchObject({ destinations: [{ failure: '503 NC cluster_not_found' }] })
  expect(mesh.explain({ from: 'client', url: 'http://nosuch.example.com:9080/' }).outcome).toMatchObject({ destinations: [{ cluster: 'PassthroughCluster' }] })
  expect(mesh.explain({ from: 'outside', url: 'http://x/' })).toMatchObject({ outcome: { kind: 'reset' }, notes: [expect.stringContaining('No Gateway opens port 80'), 'Open are none: apply a Gateway that selects this pod.'] })
})

test('is printed for people', () => {
  expect(formatExplanation(mesh.explain({ from: 'client', url: 'http://reviews:9080/', headers: { 'end-user': 'jason' } }))).toBe(`GET http://reviews:9080/ from default/client
  host: reviews:9080
  end-user: jason

Rule: VirtualService default/reviews
  ✔ VirtualService default/reviews, http[0] (jason)
      uri prefix "/", header end-user exact "jason"
  · VirtualService default/reviews, http[1]
  · VirtualService default/reviews, http[2]

Goes to:
  100 % outbound|9080|v2|reviews.default.svc.cluster.local, LEAST_REQUEST
      default/reviews-v2 10.44.1.2:9080
Timeout: none. Retries: 2 on connect-failure, refused-stream, unavailable, cancelled.

No Sidecar resource; calls to hosts that the mesh does not know: ALLOW_ANY.`)
})

test('an unknown workload or a URL that is none is said so', () => {
  expect(() => mesh.explain({ from: 'nobody', url: 'http://reviews:9080/' })).toThrow(/no workload nobody; known are default\/reviews-v1/)
  expect(() => mesh.explain({ url: 'reviews' })).toThrow(/expected a URL like/)
})
