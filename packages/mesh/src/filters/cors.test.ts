import { afterEach, beforeEach, expect, test } from 'vitest'
import { serveWith } from '../testing/rule-server.ts'
import { startTwoPods, type TwoPods } from '../testing/two-pods.ts'

let pods: TwoPods
beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

const policy = 'allowOrigins: [{exact: "https://a.example"}, {prefix: "https://b."}, {regex: "https://c[0-9]+"}], allowMethods: [GET, POST], allowHeaders: [x-h, x-i], exposeHeaders: [x-e], maxAge: 24h, allowCredentials: true'
const route = (cors: string): string => `[{headers: {response: {set: {x-c: d}}}, corsPolicy: {${cors}}, route: [{destination: {host: server}}]}]`

test('a preflight of an allowed origin is answered by the proxy, untouched by header operations', async () => {
  await serveWith(pods, route(policy))
  const { status, headers } = await pods.call({ method: 'OPTIONS', headers: { origin: 'https://a.example', 'access-control-request-method': 'GET' } })
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'access-control-allow-origin': 'https://a.example',
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET,POST',
    'access-control-allow-headers': 'x-h,x-i',
    'access-control-max-age': '86400',
    'access-control-expose-headers': 'x-e',
    'content-length': '0'
  })
  expect(headers['x-c']).toBeUndefined()
  expect(pods.log('outbound')).toEqual([[200, '-', 'cors_response']])
  expect(pods.records[0]?.upstreamCluster).toBe('outbound|80||server.default.svc.cluster.local')
})

test.for<readonly [origin: string, allowed: boolean]>([
  ['https://a.example', true], ['https://a.example:81', false], ['https://b.x', true], ['https://c12', true], ['https://c1x', false], ['https://evil', false]
])('an answer to %s may be read: %s', async ([origin, allowed]) => {
  await serveWith(pods, route(policy))
  const { status, headers } = await pods.call({ headers: { origin } })
  expect([status, headers['x-c']]).toEqual([200, 'd'])
  expect([headers['access-control-allow-origin'], headers['access-control-expose-headers'], headers['access-control-allow-methods']]).toEqual(allowed ? [origin, 'x-e', undefined] : [undefined, undefined, undefined])
})

test.for<readonly [name: string, headers: Record<string, string>]>([
  ['of another origin', { origin: 'https://evil', 'access-control-request-method': 'GET' }],
  ['without a method', { origin: 'https://a.example' }],
  ['without an origin', { 'access-control-request-method': 'GET' }]
])('OPTIONS %s goes to the server', async ([, headers]) => {
  await serveWith(pods, route(policy))
  expect((await pods.call({ method: 'OPTIONS', headers })).headers['x-own']).toBe('server')
})

test('unmatchedPreflights IGNORE answers those too, without permission', async () => {
  await serveWith(pods, route('allowOrigins: [{exact: "https://a.example"}], unmatchedPreflights: IGNORE'))
  const { status, headers } = await pods.call({ method: 'OPTIONS', headers: { origin: 'https://evil', 'access-control-request-method': 'GET' } })
  expect([status, headers['access-control-allow-origin'], headers['x-own']]).toEqual([200, undefined, undefined])
})

test.for(['allowOrigins: [{exact: "*"}]', 'allowOrigin: ["*"]'])('%s allows every origin', async (cors) => {
  await serveWith(pods, route(cors))
  expect((await pods.call({ headers: { origin: 'https://any' } })).headers['access-control-allow-origin']).toBe('https://any')
})

test('a fault comes before it, and a redirect has no policy', async () => {
  await serveWith(pods, `[{match: [{uri: {prefix: /r}}], corsPolicy: {${policy}}, redirect: {uri: /x}},
    {fault: {abort: {httpStatus: 500, percentage: {value: 100}}}, corsPolicy: {${policy}}, route: [{destination: {host: server}}]}]`)
  const preflight = { method: 'OPTIONS', headers: { origin: 'https://a.example', 'access-control-request-method': 'GET' } }
  const aborted = await pods.call(preflight)
  expect([aborted.status, aborted.headers['access-control-allow-origin']]).toEqual([500, undefined])
  expect((await pods.call({ ...preflight, path: '/r' })).status).toBe(301)
})
