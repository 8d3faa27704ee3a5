import { afterEach, beforeEach, expect, test } from 'vitest'
import { serveWith, tell, valuesOf } from '../testing/rule-server.ts'
import { startTwoPods, type TwoPods } from '../testing/two-pods.ts'

let pods: TwoPods
beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

const rest = 'route: [{destination: {host: server}}]'

test.for<readonly [route: string, path: string, seen: string]>([
  ['match: [{uri: {prefix: /slash}}], rewrite: {uri: /}', '/slash/x?q=1', '//x?q=1'],
  ['match: [{uri: {prefix: /a/}}], rewrite: {uri: /}', '/a/b', '/b'],
  ['match: [{uri: {prefix: /A}, ignoreUriCase: true}], rewrite: {uri: /c}', '/a/b', '/c/b'],
  ['match: [{uri: {exact: /a}}], rewrite: {uri: /new}', '/a?q', '/new?q'],
  ['match: [{uri: {regex: "/re/[0-9]+"}}], rewrite: {uri: /new}', '/re/12?q', '/new?q'],
  ['rewrite: {uri: /all}', '/zzz/y', '/allzzz/y'],
  ['match: [{headers: {x-a: {}}}], rewrite: {uri: /all/}', '/y', '/all/y'],
  ['match: [{uri: {prefix: /x}}, {uri: {prefix: /long}}], rewrite: {uri: /n}', '/long/y', '/n/y'],
  ['rewrite: {uriRegexRewrite: {match: "/([a-z]+)/([0-9]+)", rewrite: "/\\\\2/\\\\1"}}', '/ab/12?x=/a/1', '/12/ab?x=/a/1'],
  ['rewrite: {uriRegexRewrite: {match: "a", rewrite: "<\\\\0\\\\\\\\>"}}', '/aba', '/<a\\>b<a\\>'],
  ['rewrite: {uriRegexRewrite: {match: "nothing", rewrite: "x"}}', '/aba', '/aba']
])('{%s}: %s reaches the server as %s', async ([route, path, seen]) => {
  await serveWith(pods, `[{${route}, ${rest}}]`)
  const told = await tell(pods, { path, headers: { 'x-a': '1' } })
  expect(told.path).toBe(seen)
  expect(valuesOf(told.fields, 'x-envoy-original-path')).toEqual([path])
  for (const record of pods.records) expect(record.path).toBe(path)
})

test('a header operation does not change what was matched', async () => {
  await serveWith(pods, `[{match: [{uri: {prefix: /a}, headers: {x-a: {exact: "1"}}}], headers: {request: {remove: [x-a]}}, rewrite: {uri: /b}, ${rest}}]`)
  expect(await tell(pods, { path: '/a/c', headers: { 'x-a': '1' } })).toMatchObject({ path: '/b/c' })
})

test('a new authority is what the server and the logs see; the former one goes along', async () => {
  await serveWith(pods, `[{rewrite: {authority: other.example.com}, ${rest}}]`)
  const told = await tell(pods)
  expect([told.host, valuesOf(told.fields, 'x-envoy-original-host'), told.path]).toEqual(['other.example.com', ['server'], '/'])
  expect(pods.records.map(({ authority }) => authority)).toEqual(['other.example.com', 'other.example.com'])
})

test('explain tells it', async () => {
  await serveWith(pods, `[{rewrite: {uri: /b, authority: c}, ${rest}}]`)
  expect(pods.mesh.explain({ from: 'client', url: 'http://server/' }).filters).toEqual(['rewrite: what the route matched of the path becomes /b', 'rewrite: Host becomes c'])
})
