import { expect, test } from 'vitest'
import { ask, reviewsRule, tableOf, type Question } from '../../testing/cluster.ts'

/** Routes to v1 when the block matches, else to v2. */
const when = (block: string): string => reviewsRule(`[{match: [${block}], route: [{destination: {host: reviews, subset: v1}}]}, {route: [{destination: {host: reviews, subset: v2}}]}]`)

const yes = 'v1'
const no = 'v2'

test.for<readonly [block: string, path: string, question: Question, expected: string]>([
  ['{uri: {exact: /foo}}', '/foo', {}, yes],
  ['{uri: {exact: /foo}}', '/foo?a=1', {}, yes],
  ['{uri: {exact: /foo}}', '/foo/', {}, no],
  ['{uri: {exact: /foo}}', '/FOO', {}, no],
  ['{uri: {exact: /foo}, ignoreUriCase: true}', '/FOO', {}, yes],
  ['{uri: {prefix: /foo}}', '/foobar', {}, yes],
  ['{uri: {prefix: /foo/}}', '/foo', {}, no],
  ['{uri: {prefix: /foo}, ignoreUriCase: true}', '/FOObar', {}, yes],
  ['{uri: {regex: "/re/[0-9]+"}}', '/re/12', {}, yes],
  ['{uri: {regex: "/re/[0-9]+"}}', '/re/12x', {}, no],
  ['{uri: {regex: "/re/[0-9]+"}}', '/x/re/12', {}, no],
  ['{uri: {regex: "/re/[0-9]+"}}', '/re/12?x=1', {}, yes],
  ['{uri: {regex: "/a|/b"}}', '/bx', {}, no],
  ['{uri: {regex: "/a|/b"}}', '/b', {}, yes],
  ['{uri: {regex: "/Re"}, ignoreUriCase: true}', '/rE', {}, yes],
  ['{method: {exact: POST}}', '/', { method: 'POST' }, yes],
  ['{method: {exact: POST}}', '/', { method: 'GET' }, no],
  ['{scheme: {exact: http}}', '/', {}, yes],
  ['{scheme: {exact: https}}', '/', {}, no],
  ['{authority: {prefix: reviews}}', '/', {}, yes],
  ['{authority: {exact: reviews}}', '/', {}, no],
  ['{headers: {end-user: {exact: jason}}}', '/', { headers: { 'end-user': 'jason' } }, yes],
  ['{headers: {End-User: {exact: jason}}}', '/', { headers: { 'end-user': 'jason' } }, yes],
  ['{headers: {end-user: {exact: jason}}}', '/', { headers: { 'end-user': 'Jason' } }, no],
  ['{headers: {end-user: {exact: jason}}}', '/', {}, no],
  ['{headers: {end-user: {prefix: ja}}}', '/', { headers: { 'end-user': 'jason' } }, yes],
  ['{headers: {end-user: {regex: "ja"}}}', '/', { headers: { 'end-user': 'jason' } }, no],
  ['{headers: {end-user: {regex: "ja.*"}}}', '/', { headers: { 'end-user': 'jason' } }, yes],
  ['{headers: {end-user: {regex: "*"}}}', '/', { headers: { 'end-user': '' } }, yes],
  ['{headers: {end-user: {}}}', '/', { headers: { 'end-user': '' } }, yes],
  ['{headers: {end-user: {}}}', '/', {}, no],
  ['{headers: {":method": {exact: GET}}}', '/', {}, yes],
  ['{headers: {cookie: {regex: "^(.*?;)?(user=jason)(;.*)?$"}}}', '/', { headers: { cookie: 'a=1;user=jason' } }, yes],
  ['{headers: {cookie: {regex: "^(.*?;)?(user=jason)(;.*)?$"}}}', '/', { headers: { cookie: 'a=1; user=jason' } }, no],
  ['{withoutHeaders: {end-user: {}}}', '/', {}, yes],
  ['{withoutHeaders: {end-user: {}}}', '/', { headers: { 'end-user': 'x' } }, no],
  ['{withoutHeaders: {end-user: {exact: jason}}}', '/', {}, yes],
  ['{withoutHeaders: {end-user: {exact: jason}}}', '/', { headers: { 'end-user': 'jason' } }, no],
  ['{withoutHeaders: {end-user: {exact: jason}}}', '/', { headers: { 'end-user': 'other' } }, yes],
  ['{queryParams: {a: {exact: "1"}}}', '/?a=1', {}, yes],
  ['{queryParams: {a: {exact: "1"}}}', '/?a=12', {}, no],
  ['{queryParams: {a: {exact: "1"}}}', '/?b=1&a=1', {}, yes],
  ['{queryParams: {a: {prefix: "1"}}}', '/?a=12', {}, yes],
  ['{queryParams: {a: {regex: "[0-9]"}}}', '/?a=12', {}, no],
  ['{queryParams: {a: {}}}', '/?a', {}, yes],
  ['{queryParams: {a: {}}}', '/?b', {}, no],
  ['{queryParams: {a: {exact: "x y"}}}', '/?a=x%20y', {}, yes],
  ['{port: 9080}', '/', {}, yes],
  ['{port: 8000}', '/', {}, no],
  ['{sourceLabels: {app: client}}', '/', {}, yes],
  ['{sourceLabels: {app: sleep}}', '/', {}, no],
  ['{sourceNamespace: default}', '/', {}, yes],
  ['{sourceNamespace: other}', '/', {}, no],
  ['{gateways: [mesh]}', '/', {}, yes],
  ['{gateways: [gw]}', '/', {}, no],
  ['{gateways: [mesh], sourceLabels: {app: sleep}}', '/', {}, yes],
  ['{uri: {prefix: /a}, method: {exact: POST}}', '/a', {}, no],
  ['{uri: {prefix: /a}}, {method: {exact: POST}}', '/b', { method: 'POST' }, yes]
])('%s and %s %o: %s', ([block, path, question, expected]) => {
  expect(ask(tableOf(when(block)), `http://reviews:9080${path}`, question)).toBe(expected)
})

test('a rule without a route for the rest answers 404 to the rest', () => {
  const table = tableOf(reviewsRule('[{match: [{uri: {prefix: /a}}], route: [{destination: {host: reviews}}]}]'))
  expect(ask(table, 'http://reviews:9080/b')).toBe('404')
})

test.for(['', 'match: [{uri: {prefix: /}}],', 'match: [{uri: {regex: ".*"}}],'])('a route that takes everything (%s) ends the rule', (match) => {
  const table = tableOf(reviewsRule(`[{${match} route: [{destination: {host: reviews, subset: v1}}]}, {match: [{uri: {exact: /b}}], route: [{destination: {host: reviews, subset: v2}}]}]`))
  expect(table.virtualHost(9080, 'reviews').routes).toHaveLength(1)
  expect(ask(table, 'http://reviews:9080/b')).toBe('v1')
})

test('a prefix / with a header condition does not end the rule', () => {
  const table = tableOf(reviewsRule('[{match: [{uri: {prefix: /}, headers: {a: {exact: b}}}], route: [{destination: {host: reviews, subset: v1}}]}, {route: [{destination: {host: reviews, subset: v2}}]}]'))
  expect(ask(table, 'http://reviews:9080/')).toBe('v2')
})

test('the first route that matches counts', () => {
  const table = tableOf(reviewsRule('[{match: [{uri: {prefix: /a}}], route: [{destination: {host: reviews, subset: v1}}]}, {match: [{uri: {prefix: /a/b}}], route: [{destination: {host: reviews, subset: v2}}]}]'))
  expect(ask(table, 'http://reviews:9080/a/b')).toBe('v1')
})

test.for<readonly [weights: readonly number[], shares: Readonly<Record<string, number>>]>([
  [[80, 20], { v1: 0.8, v2: 0.2 }],
  [[1, 3], { v1: 0.25, v2: 0.75 }],
  [[60, 60], { v1: 0.5, v2: 0.5 }],
  [[0, 1, 0], { v2: 1 }],
  [[0], { v1: 1 }],
  [[1, 1, 2], { v1: 0.25, v2: 0.25, v3: 0.5 }]
])('weights %o are shares %o of all draws', ([weights, shares]) => {
  const destinations = weights.map((weight, index) => `{destination: {host: reviews, subset: v${index + 1}}, weight: ${weight}}`)
  const table = tableOf(reviewsRule(`[{route: [${destinations.join(', ')}]}]`))
  const counts: Record<string, number> = {}
  for (let draw = 0; draw < 1; draw += 0.0025) {
    const got = ask(table, 'http://reviews:9080/', { draw })
    counts[got] = (counts[got] ?? 0) + 1
  }
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  expect(Object.keys(counts).sort()).toEqual(Object.keys(shares).sort())
  for (const [subset, share] of Object.entries(shares)) expect((counts[subset] ?? 0) / total).toBeCloseTo(share, 2)
})

test('timeouts and retries are as written, or Istio\'s defaults', () => {
  const action = (http: string): unknown => tableOf(reviewsRule(http)).virtualHost(9080, 'reviews').routes[0]?.action
  const route = 'route: [{destination: {host: reviews}}]'
  expect(action(`[{${route}}]`)).toMatchObject({ timeout: 0, retries: { attempts: 2, conditions: ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'], statusCodes: [] } })
  expect(action(`[{timeout: 1.5s, ${route}}]`)).toMatchObject({ timeout: 1500 })
  expect(action(`[{timeout: 1m30s, ${route}}]`)).toMatchObject({ timeout: 90_000 })
  expect(action(`[{retries: {attempts: 1, backoff: 100ms, retryIgnorePreviousHosts: false, retryRemoteLocalities: true}, ${route}}]`)).toMatchObject({ retries: { attempts: 1, backOff: 100, avoidsTried: false } })
  expect(action(`[{retries: {attempts: 0}, ${route}}]`)).toMatchObject({ retries: { attempts: 0 } })
  expect(action(`[{retries: {attempts: 3, perTryTimeout: 2s, retryOn: "5xx,429"}, ${route}}]`)).toMatchObject({ retries: { attempts: 3, perTryTimeout: 2000, conditions: ['5xx'], statusCodes: [429] } })
})
