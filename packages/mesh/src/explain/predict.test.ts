import { expect, test } from 'vitest'
import { createMesh } from '../mesh.ts'
import { clusterState, pod, reviewsRule } from '../testing/cluster.ts'
import type { PredictRequest } from './predict.ts'

async function predict (rules: string, request: Omit<PredictRequest, 'url'> & { url?: string } = {}, outboundTrafficPolicy: 'ALLOW_ANY' | 'REGISTRY_ONLY' = 'ALLOW_ANY') {
  const state = clusterState(rules)
  const mesh = createMesh({ external: () => undefined })
  await mesh.update({ ...state, config: { ...state.config, outboundTrafficPolicy }, workloads: [...state.workloads, pod('plain', {}, { kind: 'plain' })] })
  const prediction = mesh.predict({ from: 'default/client', url: 'http://reviews:9080/', ...request })
  await mesh.close()
  return prediction
}

test('tells shares as the weights have them, and what faults and mirrors get', async () => {
  expect(await predict(reviewsRule(`[{
    fault: {delay: {fixedDelay: 2s, percentage: {value: 0.1}}, abort: {httpStatus: 503, percentage: {value: 25}}}, timeout: 3s,
    mirror: {host: reviews, subset: v3}, mirrorPercentage: {value: 10},
    route: [{destination: {host: reviews, subset: v1}, weight: 1}, {destination: {host: reviews, subset: v2}, weight: 3}, {destination: {host: reviews, subset: v9}, weight: 4}]}]`))).toMatchObject({
    rule: 'VirtualService default/reviews',
    delay: { milliseconds: 2000, percentage: 0.1 },
    abort: { status: 503, percentage: 25 },
    mirrors: [{ cluster: 'outbound|9080|v3|reviews.default.svc.cluster.local', percentage: 10 }],
    timeout: 3000,
    retries: { attempts: 2 },
    ends: [
      { share: 12.5, destination: { host: 'reviews.default.svc.cluster.local', subset: 'v1', port: 9080, source: 'Service default/reviews', endpoints: ['default/reviews-v1'] }, response: { status: 200 }, attempts: 1 },
      { share: 37.5, destination: { subset: 'v2' } },
      { share: 50, destination: { subset: 'v9', endpoints: [] }, response: { status: 503 }, flags: 'NC', attempts: 0 }
    ]
  })
})

test('carries header operations and rewrites out, those of the destination too', async () => {
  const rules = reviewsRule(`[{match: [{uri: {prefix: /old/}}], rewrite: {uri: /new/, authority: books}, headers: {request: {set: {a: "%REQ(b)%"}, remove: [c]}, response: {add: {x: z}, remove: [server-name]}},
    route: [{destination: {host: reviews, subset: v1}, headers: {request: {add: {d: e}}}}]}]`)
  const { ends } = await predict(rules, { url: 'http://reviews:9080/old/1?q=2', headers: { B: '1', C: '2' }, upstream: { headers: { 'Server-Name': 'z', k: 'v' } } })
  expect(ends).toMatchObject([{
    request: { path: '/new/1?q=2', authority: 'books', headers: ['b', '1', 'x-envoy-original-path', '/old/1?q=2', 'a', '1', 'd', 'e', 'x-envoy-original-host', 'reviews:9080'] },
    response: { headers: ['k', 'v', 'x', 'z'] }
  }])
})

test('answers in the place of a server: redirect, fixed answer, preflight, no route, no pods', async () => {
  expect((await predict(reviewsRule('[{redirect: {uri: /there, redirectCode: 307}}]'))).ends).toEqual([{ share: 100, response: { status: 307, headers: ['location', 'http://reviews:9080/there'] }, flags: '-', attempts: 0 }])
  expect((await predict(reviewsRule('[{directResponse: {status: 418, body: {string: tea}}}]'))).ends).toMatchObject([{ response: { status: 418, body: 'tea' } }])
  const cors = reviewsRule('[{corsPolicy: {allowOrigins: [{exact: http://a}]}, route: [{destination: {host: reviews}}]}]')
  expect((await predict(cors, { method: 'OPTIONS', headers: { origin: 'http://a', 'access-control-request-method': 'GET' } })).ends).toMatchObject([{ response: { status: 200, headers: ['access-control-allow-origin', 'http://a'] }, attempts: 0 }])
  expect((await predict(cors, { headers: { origin: 'http://a' } })).ends).toMatchObject([{ response: { status: 200, headers: ['access-control-allow-origin', 'http://a'] }, attempts: 1 }])
  const { route, ...none } = await predict(reviewsRule('[{match: [{uri: {exact: /a}}], route: [{destination: {host: reviews}}]}]'))
  expect([route, none.ends]).toEqual([undefined, [{ share: 100, response: { status: 404, headers: [] }, flags: 'NR', attempts: 0 }]])
  expect((await predict('', { url: 'http://db.default:3306/' })).ends).toMatchObject([{ destination: { host: 'db.default.svc.cluster.local' } }])
})

test('counts tries by what the server answers', async () => {
  const rules = reviewsRule('[{retries: {attempts: 3, retryOn: "5xx"}, route: [{destination: {host: reviews}}]}]')
  expect((await predict(rules, { upstream: { status: 503 } })).ends).toMatchObject([{ attempts: 4, flags: 'URX', response: { status: 503 } }])
  expect((await predict(rules)).ends).toMatchObject([{ attempts: 1, flags: '-' }])
  expect((await predict('', { upstream: { status: 503 } })).ends).toMatchObject([{ attempts: 1, flags: '-' }])
})

test('says whether an unknown host is let out', async () => {
  const url = 'http://nowhere.example.com:9080/'
  expect(await predict('', { url })).toMatchObject({ unknownHost: 'passthrough', ends: [{ response: { status: 200 } }] })
  expect(await predict('', { url }, 'REGISTRY_ONLY')).toMatchObject({ unknownHost: 'blocked', ends: [{ response: { status: 502 } }] })
  expect(await predict('', { url: 'http://nowhere.example.com:5/' }, 'REGISTRY_ONLY')).toEqual({ proxy: 'default/client', mirrors: [], unknownHost: 'blocked', ends: [{ share: 100, flags: 'UH', attempts: 0 }] })
  expect((await predict(reviewsRule('[{directResponse: {status: 502}}]'), {}, 'REGISTRY_ONLY')).unknownHost).toBeUndefined()
})

test('asks no rule for a pod without a proxy, and has no answer where no Gateway opens the port', async () => {
  expect(await predict(reviewsRule('[{directResponse: {status: 418}}]'), { from: 'default/plain' })).toMatchObject({ ends: [{ destination: { source: 'Service default/reviews' }, response: { status: 200 } }] })
  expect(await predict('', { from: 'outside', url: 'http://localhost:8080/' })).toEqual({ proxy: 'istio-system/ingress', mirrors: [], ends: [{ share: 100, flags: '-', attempts: 0 }] })
})
