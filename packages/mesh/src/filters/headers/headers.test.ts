import { afterEach, beforeEach, expect, test } from 'vitest'
import { unsupportedFields } from '../../rules/index.ts'
import { rulesOf } from '../../testing/cluster.ts'
import { serveWith, tell, valuesOf } from '../../testing/rule-server.ts'
import { startTwoPods, type TwoPods } from '../../testing/two-pods.ts'

let pods: TwoPods
beforeEach(async () => { pods = await startTwoPods() })
afterEach(async () => { await pods.close() })

const destination = 'destination: {host: server}'
const ofRoute = '{request: {set: {x-set: route, x-both: route, Host: set.example.com}, add: {X-Add: route}, remove: [x-gone, x-dest]}, response: {set: {x-rset: route, server: me}, add: {x-radd: route}, remove: [x-own, x-envoy-upstream-service-time]}}'
const ofDestination = '{request: {set: {x-both: destination, x-dest: destination, :authority: dest.example.com}, add: {x-add: destination}}, response: {set: {x-rset: destination}, add: {x-radd: destination}}}'
const headers = { 'x-add': 'own', 'x-gone': '1', 'x-dest': 'own', 'x-set': ['a', 'b'] }

test('a route\'s operations and those of its only destination are one: removed, then set, then added', async () => {
  await serveWith(pods, `[{headers: ${ofRoute}, route: [{${destination}, headers: ${ofDestination}}]}]`)
  const { fields, host, answer } = await tell(pods, { headers })
  expect(valuesOf(fields, 'x-add')).toEqual(['own', 'route', 'destination'])
  expect(valuesOf(fields, 'x-set')).toEqual(['route'])
  expect(valuesOf(fields, 'x-both')).toEqual(['destination'])
  expect(valuesOf(fields, 'x-dest')).toEqual(['destination'])
  expect(valuesOf(fields, 'x-gone')).toEqual([])
  expect(valuesOf(fields, 'x-envoy-original-host')).toEqual(['server'])
  expect(host).toBe('set.example.com')
  expect(answer.headers).toMatchObject({ 'x-rset': 'destination', 'x-radd': 'route, destination', server: 'envoy' })
  expect(answer.headers['x-own'] ?? answer.headers['x-envoy-upstream-service-time']).toBeUndefined()
  expect(pods.records.find(({ direction }) => direction === 'outbound')).toMatchObject({ authority: 'set.example.com', upstreamServiceTime: undefined })
})

test('of several destinations each is done first, and the route\'s operations after it', async () => {
  const one = `{${destination}, weight: 50, headers: ${ofDestination}}`
  await serveWith(pods, `[{headers: ${ofRoute}, route: [${one}, ${one}]}]`)
  const { fields, host, answer } = await tell(pods, { headers })
  expect(valuesOf(fields, 'x-add')).toEqual(['own', 'destination', 'route'])
  expect(valuesOf(fields, 'x-both')).toEqual(['route'])
  expect(valuesOf(fields, 'x-dest')).toEqual([])
  expect(valuesOf(fields, 'x-envoy-original-host')).toEqual(['dest.example.com'])
  expect(host).toBe('set.example.com')
  expect(answer.headers).toMatchObject({ 'x-rset': 'route', 'x-radd': 'destination, route' })
})

test('only the destination that was drawn has its say', async () => {
  const to = (weight: number, value: string): string => `{${destination}, weight: ${weight}, headers: {request: {set: {x-which: ${value}}}}}`
  await serveWith(pods, `[{route: [${to(0, 'a')}, ${to(100, 'b')}]}]`)
  expect(valuesOf((await tell(pods)).fields, 'x-which')).toEqual(['b'])
})

test('answers of the proxy itself have the response\'s part too', async () => {
  const set = 'headers: {response: {set: {x-a: b}}}'
  await serveWith(pods, `[{match: [{uri: {exact: /nc}}], ${set}, name: named, route: [{destination: {host: nowhere}}]}, {${set}, timeout: 20ms, route: [{destination: {host: server}}]}]`)
  const { status, headers } = await pods.call({ path: '/nc' })
  expect([status, headers['x-a']]).toEqual([503, 'b'])
  expect(pods.records[0]).toMatchObject({ routeName: 'named', responseFlags: 'NC', authority: 'server' })
})

test('values speak of the exchange; what is not known is empty, and an empty value adds nothing', async () => {
  const add = (values: string): string => `add: {${values}}`
  await serveWith(pods, `[{name: named, headers: {request: {${add('x-p: "%PROTOCOL% %REQ(:path)% 100%%", x-none: "%REQ(nope)%", x-empty: ""')}}, response: {${add('x-r: "%RESPONSE_CODE% [%RESP(nope)%] %RESP(x-own)% %UPSTREAM_CLUSTER% %REQ(nope?x-id)% %ROUTE_NAME%"')}}}, route: [{${destination}}]}]`)
  const { fields, answer } = await tell(pods, { path: '/p?q', headers: { 'x-id': '7' } })
  expect(valuesOf(fields, 'x-p')).toEqual(['HTTP/1.1 /p?q 100%'])
  expect([valuesOf(fields, 'x-none'), valuesOf(fields, 'x-empty')]).toEqual([[], []])
  expect(answer.headers['x-r']).toBe('200 [] server outbound|80||server.default.svc.cluster.local; 7 named')
})

test('a value that comes to nothing leaves what is there', async () => {
  await serveWith(pods, `[{headers: {request: {set: {x-id: "", x-a: "%REQ(nope)%"}}}, route: [{${destination}}]}]`)
  const { fields } = await tell(pods, { headers: { 'x-id': '7', 'x-a': '8' } })
  expect([valuesOf(fields, 'x-id'), valuesOf(fields, 'x-a')]).toEqual([['7'], ['8']])
})

test('values speak of the fields before any is set, and after some were removed', async () => {
  await serveWith(pods, `[{headers: {request: {remove: [x-gone], set: {x-a: new, x-b: "%REQ(x-a)%", x-c: "%REQ(x-gone)%"}}}, route: [{${destination}}]}]`)
  const { fields } = await tell(pods, { headers: { 'x-a': 'old', 'x-gone': '1' } })
  expect([valuesOf(fields, 'x-a'), valuesOf(fields, 'x-b'), valuesOf(fields, 'x-c')]).toEqual([['new'], ['old'], []])
})

test('Host may be added as well as set', async () => {
  await serveWith(pods, `[{headers: {request: {add: {host: added.example.com}}}, route: [{${destination}}]}]`)
  expect((await tell(pods)).host).toBe('added.example.com')
})

test('changed fields are those that the log tells, and they last for every attempt', async () => {
  const { serveBytes, cluster, call, records } = pods
  const address = await serveBytes((socket) => { socket.end('HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n') })
  await cluster(address, {
    rules: rulesOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: server}
spec: {hosts: [server], http: [{retries: {attempts: 2, retryOn: 5xx}, headers: {request: {set: {x-request-id: mine, user-agent: me, x-forwarded-for: 1.2.3.4}}}, route: [{${destination}}]}]}
`)
  })
  await call({ headers: { 'user-agent': 'other' } })
  for (const record of records) expect(record).toMatchObject({ requestId: 'mine', userAgent: 'me', forwardedFor: '1.2.3.4' })
  expect(records.filter(({ direction }) => direction === 'inbound')).toHaveLength(3)
})

test.for([
  ['%START_TIME(%Y)%', /^20\d\d$/], ['%START_TIME(%s.%3f)%', /^\d{10}\.\d{3}$/], ['%PATH(NQ)%', /^\/p$/], ['%QUERY_PARAM(a)%', /^1$/], ['%REQ(x-id):2%', /^or$/],
  ['%REQUEST_HEADER(x-id)%', /^orig$/], ['%DOWNSTREAM_LOCAL_PORT%', /^80$/], ['%UPSTREAM_CLUSTER_RAW%', /^outbound\|80\|\|server\.default\.svc\.cluster\.local$/], ['%DOWNSTREAM_REMOTE_PORT%', /^\d+$/]
] as const)('%s has a value', async ([value, expected]) => {
  await serveWith(pods, `[{headers: {request: {set: {x-v: "${value}"}}}, route: [{${destination}}]}]`)
  const { fields } = await tell(pods, { path: '/p?a=1', headers: { 'x-id': 'orig' } })
  expect(valuesOf(fields, 'x-v')[0]).toMatch(expected)
})

test('a variable that the mesh does not know is refused by name', () => {
  const [rule] = rulesOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: server}
spec: {hosts: [server], http: [{headers: {response: {set: {x-a: "%HOSTNAME% %PROTOCOL%", x-b: "50%%"}}}, route: [{${destination}}]}]}
`)
  if (rule === undefined) throw new Error('no rule')
  expect(unsupportedFields(rule)).toMatchObject([{ path: 'spec.http[0].headers.response.set.x-a', message: expect.stringContaining('%HOSTNAME%') }])
})
