import { expect, test } from 'vitest'
import { ask, subsets, tableOf, type Question } from '../../testing/cluster.ts'

const to = (subset: string): string => `route: [{destination: {host: reviews, subset: ${subset}}}]`

/** A root with one delegating route and a catch-all to v3; the delegate's routes. */
const rules = (rootMatch: string, childHttp: string, { root = '', child = '' } = {}): string => `${subsets}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews}
spec: {hosts: [reviews], http: [{${rootMatch} ${root} delegate: {name: child}}, {${to('v3')}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: child}
spec: {${child} http: ${childHttp}}
`

test.for<readonly [root: string, child: string, path: string, question: Question, expected: string]>([
  ['{uri: {prefix: /d}}', '{uri: {prefix: /d/one}}', '/d/one', {}, 'v1'],
  ['{uri: {prefix: /d}}', '{uri: {prefix: /d/one}}', '/d/two', {}, 'v3'],
  ['{uri: {prefix: /d}}', '{uri: {prefix: /e}}', '/e', {}, 'v3'],
  ['{uri: {prefix: /d}}', '{uri: {exact: /d/x}}', '/d/x', {}, 'v1'],
  ['{uri: {exact: /d}}', '{uri: {exact: /d}}', '/d', {}, 'v1'],
  ['{uri: {exact: /d}}', '{uri: {prefix: /d}}', '/d', {}, 'v3'],
  ['{uri: {prefix: /d}}', '{uri: {regex: "/d.*"}}', '/d', {}, 'v3'],
  ['{uri: {regex: "/d.*"}}', '{method: {exact: GET}}', '/d', {}, 'v1'],
  ['{uri: {prefix: /d}}', '{headers: {a: {exact: b}}}', '/d', { headers: { a: 'b' } }, 'v1'],
  ['{uri: {prefix: /d}}', '{headers: {a: {exact: b}}}', '/d', {}, 'v3'],
  ['{headers: {a: {exact: b}}}', '{headers: {c: {exact: d}}}', '/', { headers: { a: 'b', c: 'd' } }, 'v1'],
  ['{headers: {a: {exact: b}}}', '{headers: {a: {exact: c}}}', '/', { headers: { a: 'c' } }, 'v3'],
  ['{uri: {prefix: /d}}, {uri: {prefix: /e}}', '{uri: {prefix: /e/x}}', '/e/x', {}, 'v1'],
  ['{uri: {prefix: /d}}', '{uri: {prefix: /d}, ignoreUriCase: true}', '/d', {}, 'v3'],
  ['{port: 9080}', '{port: 8000}', '/', {}, 'v3'],
  ['{sourceLabels: {app: client}}', '{uri: {prefix: /d}}', '/d', {}, 'v1'],
  ['{sourceLabels: {app: other}}', '{uri: {prefix: /d}}', '/d', {}, 'v3']
])('root %s and delegate %s: %s %o goes to %s', ([root, child, path, question, expected]) => {
  expect(ask(tableOf(rules(`match: [${root}],`, `[{match: [${child}], ${to('v1')}}]`)), `http://reviews:9080${path}`, question)).toBe(expected)
})

test('a delegate without a match has the root\'s, and its order of routes', () => {
  const table = tableOf(rules('match: [{uri: {prefix: /d}}],', `[{match: [{uri: {prefix: /d/one}}], ${to('v1')}}, {${to('v2')}}]`))
  expect(['/d/one', '/d/two', '/x'].map((path) => ask(table, `http://reviews:9080${path}`))).toEqual(['v1', 'v2', 'v3'])
  expect(table.virtualHost(9080, 'reviews').routes.map(({ origin }) => origin)).toEqual([
    'VirtualService default/child, http[0], delegate of VirtualService default/reviews, http[0]',
    'VirtualService default/child, http[1], delegate of VirtualService default/reviews, http[0]',
    'VirtualService default/reviews, http[1]'
  ])
})

test('what the delegate leaves out it has from the root, and names are joined', () => {
  const { routes } = tableOf(rules('', `[{name: child, timeout: 1s, ${to('v1')}}]`, { root: 'name: root, timeout: 5s, retries: {attempts: 7}, fault: {abort: {httpStatus: 418, percentage: {value: 100}}},' })).virtualHost(9080, 'reviews')
  expect(routes[0]).toMatchObject({ name: 'root-child', filters: [{ kind: 'fault' }], action: { timeout: 1000, retries: { attempts: 7 } } })
})

test('short names are of the delegate\'s namespace', () => {
  const text = rules('', '[{route: [{destination: {host: other}}]}]').replace('delegate: {name: child}', 'delegate: {name: child, namespace: elsewhere}').replace('{name: child}\nspec', '{name: child, namespace: elsewhere}\nspec')
  expect(ask(tableOf(text), 'http://reviews:9080/')).toBe('other.elsewhere.svc.cluster.local')
})

test('a delegate that is missing or not shown leaves its route out', () => {
  expect(ask(tableOf(rules('', `[{${to('v1')}}]`).replace('{name: child}\nspec', '{name: another}\nspec')), 'http://reviews:9080/')).toBe('v3')
  const hidden = rules('', `[{${to('v1')}}]`, { child: 'exportTo: ["."],' }).replace('delegate: {name: child}', 'delegate: {name: child, namespace: elsewhere}').replace('{name: child}\nspec', '{name: child, namespace: elsewhere}\nspec')
  expect(ask(tableOf(hidden), 'http://reviews:9080/')).toBe('v3')
})
