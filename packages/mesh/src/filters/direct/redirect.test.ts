import { afterEach, beforeEach, expect, test } from 'vitest'
import { serveWith } from '../../testing/rule-server.ts'
import { locationOf, redirect, type RedirectSpec } from './redirect.ts'
import { startTwoPods, type TwoPods } from '../../testing/two-pods.ts'

const location = (spec: RedirectSpec, authority = 'httpbin:8000', path = '/r/x?q=1'): string => {
  const config = redirect.compile({ redirect: spec }, { port: 8000, clusterOf: ({ host }) => host })
  if (config === undefined) throw new Error('no redirect')
  return locationOf(config, { method: 'GET', scheme: 'http', authority, path, headers: [] })
}

test.for<readonly [spec: RedirectSpec, authority: string | undefined, expected: string]>([
  [{ uri: '/new' }, undefined, 'http://httpbin:8000/new?q=1'],
  [{ uri: '/new?a=b' }, undefined, 'http://httpbin:8000/new?a=b'],
  [{ authority: 'other.example.com' }, undefined, 'http://other.example.com/r/x?q=1'],
  [{ scheme: 'https' }, undefined, 'https://httpbin:8000/r/x?q=1'],
  [{ scheme: 'https' }, 'httpbin:80', 'https://httpbin/r/x?q=1'],
  [{ scheme: 'https' }, '[::1]:80', 'https://[::1]/r/x?q=1'],
  [{ scheme: 'https', port: 8443 }, undefined, 'https://httpbin:8443/r/x?q=1'],
  [{ port: 81 }, 'httpbin', 'http://httpbin:81/r/x?q=1'],
  [{ scheme: 'https', derivePort: 'FROM_PROTOCOL_DEFAULT' }, undefined, 'https://httpbin:8000/r/x?q=1'],
  [{ authority: 'z', derivePort: 'FROM_REQUEST_PORT' }, 'x:1', 'http://z:8000/r/x?q=1'],
  [{ prefixRewrite: '/n/' }, undefined, 'http://httpbin:8000/n/r/x?q=1']
])('%o of a request to %s is %s', ([spec, authority, expected]) => {
  expect(location(spec, authority)).toBe(expected)
})

let pods: TwoPods
beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

test('redirects and direct responses end at the proxy, with the route\'s response headers', async () => {
  await serveWith(pods, `[
    {match: [{uri: {prefix: /r/}}], headers: {response: {set: {x-a: b}}}, redirect: {prefixRewrite: /s/, redirectCode: 308}},
    {match: [{uri: {prefix: /json}}], headers: {response: {set: {content-type: application/json}}}, directResponse: {status: 418, body: {string: '{"tea": true}'}}},
    {match: [{uri: {prefix: /bytes}}], directResponse: {status: 200, body: {bytes: aMOp}}},
    {directResponse: {status: 503}}]`)
  expect(await pods.call({ path: '/r/x?y' })).toMatchObject({ status: 308, headers: { location: 'http://server/s/x?y', 'x-a': 'b', 'content-length': '0' } })
  const json = await pods.call({ path: '/json' })
  expect([json.status, json.headers['content-type'], json.body.toString()]).toEqual([418, 'application/json', '{"tea": true}'])
  expect((await pods.call({ path: '/bytes' })).body.toString()).toBe('hé')
  expect(await pods.call({ method: 'POST', body: Buffer.from('x') })).toMatchObject({ status: 503, headers: { 'content-length': '0' } })
  expect(pods.log('outbound')).toEqual([308, 418, 200, 503].map((status) => [status, '-', 'direct_response']))
  expect(pods.log('inbound')).toEqual([])
})

test('explain tells where it ends', async () => {
  await serveWith(pods, '[{match: [{uri: {exact: /r}}], redirect: {scheme: https, uri: /new}}, {directResponse: {status: 418, body: {string: tea}}}]')
  expect(pods.mesh.explain({ from: 'client', url: 'http://server/r' })).toMatchObject({ filters: ['redirect: the proxy answers 301, with another scheme https, path /new'], outcome: { kind: 'answer', status: 301 } })
  expect(pods.mesh.explain({ from: 'client', url: 'http://server/' })).toMatchObject({ filters: ['directResponse: the proxy answers 418, with a body of 3 bytes'], outcome: { status: 418 } })
})
