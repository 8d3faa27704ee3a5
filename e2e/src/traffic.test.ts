import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { root, run, startLaptop, type Laptop } from './laptop.ts'

const lessons = ['15-ingress', '16-egress', '17-egress-rules', '18-around-the-mesh', '19-circuit-breaking', '20-mirroring', '21-telemetry', '22-clean-up']
const outside = 'httpbin.external.svc.cluster.local'
let laptop: Laptop

beforeAll(async () => { laptop = await startLaptop() })
afterAll(() => laptop.close())

test('all traffic lessons run in order from the base, each with its effect, and leave the base behind', async () => {
  const before = await left()
  const { code, stdout, stderr } = await laptop.script('scripts/traffic.sh')
  expect(code, stdout + stderr).toBe(0)
  expect(stderr).toBe('')
  const told = stdout.split('######## ').slice(1)
  expect(told.map((text) => text.split('\n')[0])).toEqual(lessons.map((lesson) => `scripts/${lesson}.sh`))
  for (const text of told) expect(text).toContain('✓')
  expect(await left()).toEqual(before)
})

describe('a lesson whose effect is absent fails, says what was seen, and takes away what it brought', () => {
  afterEach(async () => {
    expect((await laptop.bankinfo('delete', '--ignore-not-found', '-f', join(laptop.home, 'older.yaml'))).code).toBe(0)
    expect(await rules()).toEqual(base)
  })
  let base: string[]
  beforeAll(async () => { base = await rules() })

  const virtualService = (spec: string): string => `kind: VirtualService\nmetadata: {name: aaa-older}\nspec: ${spec}`
  // Each is older than the lesson's own rule for the host: in the mesh only the older one counts, and at a gateway it comes first.
  test.each([
    ['15-ingress', virtualService('{hosts: [httpbin.example.com], gateways: [httpbin-gateway], http: [{route: [{destination: {host: httpbin, port: {number: 8000}}}]}]}'),
      'For the host httpbin.example.com /headers should be answered 404; it was answered 200.'],
    ['16-egress', virtualService(`{hosts: [${outside}], http: [{route: [{destination: {host: ${outside}}}]}]}`),
      `The mesh does not know ${outside}, so the request should be refused; seen: HTTP 200.`],
    ['17-egress-rules', virtualService(`{hosts: [${outside}], http: [{match: [{uri: {prefix: /delay}}], directResponse: {status: 418}}, {route: [{destination: {host: ${outside}}}]}]}`),
      '/delay/5 should answer 200 after 5 s; seen: HTTP 418'],
    ['18-around-the-mesh', virtualService(`{hosts: [${outside}], http: [{route: [{destination: {host: ${outside}}}]}]}`),
      'From sleep, with its sidecar, the request should be refused; seen: HTTP 200.'],
    ['19-circuit-breaking', 'kind: DestinationRule\nmetadata: {name: aaa-older}\nspec: {host: httpbin, trafficPolicy: {loadBalancer: {simple: RANDOM}}}',
      'With three connections some requests should be stopped, and more than with two; seen: 2 × 20: 0 × 503; 3 × 30: 0 × 503'],
    ['20-mirroring', virtualService('{hosts: [httpbin], http: [{route: [{destination: {host: httpbin, subset: v1}}]}]}'),
      '20 requests should be answered by v1, and v2 should get as many copies; seen: 20 answered 200, 20 in the log of v1, 0 in that of v2.'],
    ['21-telemetry', virtualService('{hosts: [details], http: [{directResponse: {status: 200, body: {string: "{}"}}}]}'),
      'The sidecar of details-v1 should have logged the request']
  ])('%s', async (lesson, rule, reason) => {
    const older = join(laptop.home, 'older.yaml')
    await writeFile(older, `apiVersion: networking.istio.io/v1\n${rule}\n`)
    expect((await laptop.bankinfo('apply', '-f', older)).code).toBe(0)
    const { code, stdout, stderr } = await run('bash', [`scripts/${lesson}.sh`], { ...laptop.env, BANKINFO_DEADLINE: '3' })
    expect(code, stdout).toBe(1)
    expect(stderr).toContain(reason)
  })
})

test('lesson 21 finds the page in the graph though the gateway was asked for other hosts too', async () => {
  expect((await run('curl', ['--silent', '--noproxy', '*', '--header', 'Host: aaa.example', `${laptop.address}/nowhere`], process.env)).code).toBe(0)
  const { code, stdout, stderr } = await laptop.script('scripts/21-telemetry.sh')
  expect(code, stdout + stderr).toBe(0)
})

test('the clean-up of the workshop takes the sample pods and rules of the lessons with it', async () => {
  for (const file of ['samples/httpbin.yaml', 'samples/sleep.yaml', 'samples/external.yaml', 'istio/httpbin-gateway.yaml', 'istio/serviceentry-httpbin-ext.yaml', 'istio/virtual-service-httpbin-mirror.yaml']) {
    expect((await laptop.bankinfo('apply', '-f', file)).code).toBe(0)
  }
  const { code, stdout, stderr } = await laptop.script('scripts/07-clean-up.sh')
  expect(code, stdout + stderr).toBe(0)
  expect(await left()).toEqual([])
})

test('a lesson without the base says which step to run', async () => {
  for (const lesson of lessons.slice(0, -1)) {
    const { code, stderr } = await laptop.script(`scripts/${lesson}.sh`)
    expect(code, lesson).toBe(1)
    expect(stderr, lesson).toMatch(/Run scripts\/0[13]-/)
  }
})

test('rule files of the version of 2018 are there for every rule of today, and load', async () => {
  const old = join(root, 'istio/v1alpha3')
  const today = (await readdir(join(root, 'istio'))).filter((file) => file.endsWith('.yaml') && !file.endsWith('.test.yaml'))
  // Kinds, fields, lessons and tools that came later.
  const since = ['kustomization.yaml', 'sidecar.yaml', 'destination-rule-httpbin-outlier.yaml']
  expect((await readdir(old)).toSorted()).toEqual(today.filter((file) => !since.includes(file)).toSorted())
  for (const file of await readdir(old)) {
    expect(await readFile(join(old, file), 'utf8')).not.toMatch(/apiVersion: networking\.istio\.io\/(?!v1alpha3$)/m)
  }
  const { code, stdout, stderr } = await laptop.bankinfo('apply', '-f', 'istio/v1alpha3')
  expect(code, stdout + stderr).toBe(0)
})

/** Names of all rules, `kind.group/name`. */
async function rules (): Promise<string[]> {
  return await names('gateways.networking.istio.io,virtualservices,destinationrules,serviceentries,sidecars')
}

/** Rules and workloads. */
async function left (): Promise<string[]> {
  return [...await rules(), ...await names('deployments,services', '-n', 'default'), ...await names('deployments,services', '-n', 'external')].filter((name) => name !== 'service/kubernetes')
}

async function names (kinds: string, ...options: string[]): Promise<string[]> {
  const { stdout } = await laptop.bankinfo('get', kinds, '-o', 'name', ...options)
  return stdout.split('\n').filter((line) => line !== '').toSorted()
}
