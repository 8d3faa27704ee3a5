import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildTable, compileConsistentHash, hashOf, type ConsistentHashSpec, type Hashed } from './consistent-hash.ts'
import { rulesOf } from '../testing/cluster.ts'
import { startTwoPods, type TwoPods } from '../testing/two-pods.ts'

function configOf (spec: ConsistentHashSpec): NonNullable<ReturnType<typeof compileConsistentHash>> {
  const config = compileConsistentHash(spec)
  if (config === undefined) throw new Error('no consistent hash')
  return config
}

function requestOf (options: Partial<Hashed> & { headers?: Record<string, string[]> } = {}): Hashed {
  return { header: (name) => options.headers?.[name] ?? [], path: '/', source: '10.44.0.1', connection: 'c', setCookie: () => {}, ...options }
}

/** Which of the endpoints user0, user1, ... get. */
function choices (spec: ConsistentHashSpec, { weights = [1, 1, 1], ports = [17001, 17002, 17003], users = 60 } = {}): number[] {
  const config = configOf({ httpHeaderName: 'X-User', ...spec })
  const find = buildTable(config, ports.map((port, index) => ({ key: `127.0.0.1:${port}`, weight: weights[index] ?? 1 })))
  return Array.from({ length: users }, (_, user) => {
    const hash = config.key === undefined ? undefined : hashOf(config.key, requestOf({ headers: { 'x-user': [`user${user}`] } }))
    return ports[find(hash ?? 0n)] ?? 0
  })
}

test.for([
  ['a ring', {}, [1, 1, 1], '222220021200010011210012010001112002221202211220022012221220'],
  ['a ring with weights', {}, [1, 2, 5], '222222221222210021211022211001222202221222211221022112222220'],
  ['Maglev', { maglev: {} }, [1, 1, 1], '102201002220011002112121121111102011022020010211102111211120'],
  ['Maglev with weights', { maglev: {} }, [1, 2, 5], '102201222222211202112121121111102211022222112222222212222122']
] as const)('%s chooses whom Envoy 1.40 chose', ([, spec, weights, measured]) => {
  expect(choices(spec, { weights: [...weights] }).map((port) => port - 17001).join('')).toBe(measured)
})

test.for([['a ring', {}], ['Maglev', { maglev: { tableSize: 1009 } }]] as const)('with %s few move when an endpoint comes or goes', ([, spec]) => {
  const users = 2000
  const before = choices(spec, { users, ports: [1, 2, 3, 4] })
  const after = choices(spec, { users, ports: [1, 2, 4] })
  const moved = before.filter((port, user) => port !== 3 && port !== after[user]).length
  expect(moved).toBeLessThan(users / 10)
  for (const port of [1, 2, 3, 4]) expect(before.filter((chosen) => chosen === port).length).toBeGreaterThan(users / 8)
})

describe('what a request is known by', () => {
  const hash = (spec: ConsistentHashSpec, options: Parameters<typeof requestOf>[0] = {}): bigint | undefined => {
    const { key } = configOf(spec)
    return key === undefined ? undefined : hashOf(key, requestOf(options))
  }

  test('a header, its lines in any order', () => {
    const spec = { httpHeaderName: 'X-User' }
    expect(hash(spec, { headers: { 'x-user': ['a', 'b'] } })).toBe(hash(spec, { headers: { 'x-user': ['b', 'a'] } }))
    expect(hash(spec, { headers: { 'x-user': ['a'] } })).not.toBe(hash(spec, { headers: { 'x-user': ['b'] } }))
    expect(hash(spec)).toBeUndefined()
  })

  test('a query parameter', () => {
    const spec = { httpQueryParameterName: 'user' }
    expect(hash(spec, { path: '/?user=a&b=c' })).toBe(hash(spec, { path: '/other?x=y&user=a' }))
    expect(hash(spec, { path: '/?b=c' })).toBeUndefined()
  })

  test('the client\'s address', () => {
    expect(hash({ useSourceIp: true }, { source: '10.44.0.1' })).not.toBe(hash({ useSourceIp: true }, { source: '10.44.0.2' }))
    expect(hash({ useSourceIp: false })).toBeUndefined()
  })

  test('a cookie, which a client without it is given where the rule says for how long', () => {
    const set: string[] = []
    const setCookie = (line: string): void => { set.push(line) }
    const spec: ConsistentHashSpec = { httpCookie: { name: 'user', path: '/p', ttl: '3600s', attributes: [{ name: 'SameSite', value: 'Strict' }, { name: 'Secure' }] } }
    const first = hash(spec, { setCookie })
    expect(set).toEqual([expect.stringMatching(/^user="[0-9a-f]{1,16}"; Max-Age=3600; Path=\/p; SameSite=Strict; Secure; HttpOnly$/)])
    const value = /"(.*?)"/.exec(set[0] ?? '')?.[1] ?? ''
    expect(hash(spec, { headers: { cookie: [`a=b; user="${value}"`] }, setCookie })).toBe(first)
    expect(hash({ httpCookie: { name: 'user', ttl: '0s' } }, { setCookie })).toBeDefined()
    expect(set[1]).toMatch(/^user="[0-9a-f]+"; HttpOnly$/)
    expect(hash({ httpCookie: { name: 'user' } }, { setCookie })).toBeUndefined()
    expect(set).toHaveLength(2)
  })
})

describe('through a proxy', () => {
  let pods: TwoPods
  beforeEach(async () => { pods = await startTwoPods() })
  afterEach(async () => { await pods.close() })

  test('explain tells who is chosen by what', async () => {
    await pods.cluster(undefined, {
      rules: rulesOf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: server}
spec: {host: server, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: X-User}, warmup: {duration: 10s}}}}
`)
    })
    expect(pods.mesh.explain({ from: 'client', url: 'http://server/' }).outcome).toMatchObject({
      destinations: [{ loadBalancer: 'RING_HASH', policies: ['consistentHash: ring of 1024, by header x-user; requests without it go anywhere', expect.stringContaining('from 10 % to its whole share in 10000 ms')] }]
    })
  })

  test('the cookie comes with the server\'s answer, once', async () => {
    await pods.cluster(await pods.serve(createServer((_request, response) => { response.setHeader('set-cookie', 'own=1').end() })), {
      rules: rulesOf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: server}
spec: {host: server, trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: user, ttl: 0s}}}}}
`)
    })
    // A cluster of one endpoint has nothing to choose, and Envoy gives the cookie all the same.
    expect((await pods.call()).headers['set-cookie']).toEqual(['own=1', expect.stringMatching(/^user="[0-9a-f]+"; HttpOnly$/)])
    expect((await pods.call({ headers: { cookie: 'user=x' } })).headers['set-cookie']).toEqual(['own=1'])
  })

  test.for<readonly [retries: string, route: string, moves: boolean]>([
    ['', '[{destination: {host: server}}]', false],
    ['retryIgnorePreviousHosts: false', '[{destination: {host: server}}]', false],
    ['retryIgnorePreviousHosts: true', '[{destination: {host: server}}]', true],
    // Istio looks at the hash only where a route has one destination.
    ['', '[{destination: {host: server}, weight: 50}, {destination: {host: server, subset: all}, weight: 50}]', true],
    ['retryIgnorePreviousHosts: false', '[{destination: {host: server}, weight: 50}, {destination: {host: server, subset: all}, weight: 50}]', false]
  ])('with retries {%s} to %s a second try moves to another endpoint than the hashed one: %s', async ([retries, route, moves]) => {
    let tried: number[] = []
    const [first, ...others] = await Promise.all([0, 1, 2].map(async (index) => await pods.serve(createServer((_request, response) => {
      tried.push(index)
      response.writeHead(503).end()
    }))))
    await pods.cluster(first, {
      others,
      rules: rulesOf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: server}
spec: {host: server, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: X-User}}}, subsets: [{name: all, labels: {app: server}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: server}
spec: {hosts: [server], http: [{retries: {attempts: 1, retryOn: 5xx, backoff: 1ms${retries === '' ? '' : `, ${retries}`}}, route: ${route}}]}
`)
    })
    const hashed = new Set<number | undefined>()
    for (let user = 0; user < 12; user++) {
      tried = []
      expect((await pods.call({ headers: { 'x-user': `user${user}` } })).status).toBe(503)
      expect(tried).toHaveLength(2)
      expect(tried[0] !== tried[1]).toBe(moves)
      hashed.add(tried[0])
    }
    expect(hashed.size).toBe(3)
  })
})
