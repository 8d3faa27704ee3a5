import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, startLaptop, type Laptop } from './laptop.ts'

const lessons = ['08-all-v1', '09-one-user', '10-delay', '11-abort', '12-shifting', '13-looking', '14-request-timeouts']
let laptop: Laptop

beforeAll(async () => { laptop = await startLaptop() })
afterAll(() => laptop.close())

test('all lessons run in order from the base, each with its effect, and leave the base behind', async () => {
  const before = await rules()
  const { code, stdout, stderr } = await laptop.script('scripts/routing.sh')
  expect(code, stdout + stderr).toBe(0)
  expect(stderr).toBe('')
  const told = stdout.split('######## ').slice(1)
  expect(told.map((text) => text.split('\n')[0])).toEqual(lessons.map((lesson) => `scripts/${lesson}.sh`))
  for (const text of told) expect(text).toContain('✓')
  expect(await rules()).toEqual(before)
})

test('the delay takes the page of yunqi users about 6 s, as the script tells', async () => {
  const { code, stdout, stderr } = await laptop.script('scripts/10-delay.sh')
  expect(code, stdout + stderr).toBe(0)
  const seconds = Number(/signed in as yunqi2018: the page takes ([\d.]+) s/.exec(stdout)?.[1])
  expect(seconds).toBeGreaterThanOrEqual(5.95)
  expect(seconds).toBeLessThan(12)
})

test('a lesson that opened the way out closes it again; one that found it open leaves it open', async () => {
  expect(await rules()).not.toContain('serviceentry.networking.istio.io/styletransfer')
  expect((await laptop.bankinfo('apply', '-f', 'istio/serviceentry.yaml')).code).toBe(0)
  const { code, stdout, stderr } = await laptop.script('scripts/11-abort.sh')
  expect(code, stdout + stderr).toBe(0)
  expect(stdout).toContain('The button is as it was: v3, enabled true, reason reachable')
  expect(await rules()).toContain('serviceentry.networking.istio.io/styletransfer')
  expect((await laptop.bankinfo('delete', '-f', 'istio/serviceentry.yaml')).code).toBe(0)
})

test('a lesson whose effect is absent fails, says what was seen, and takes away what it brought', async () => {
  // Older than the lesson's rule for the host: in the mesh only the older one counts.
  const older = join(laptop.home, 'older.yaml')
  await writeFile(older, `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: aaa-older}
spec:
  hosts: [styletransfer.external.svc.cluster.local]
  http: [{route: [{destination: {host: styletransfer.external.svc.cluster.local}}]}]
`)
  expect((await laptop.bankinfo('apply', '-f', older)).code).toBe(0)
  const { code, stderr } = await run('bash', ['scripts/10-delay.sh'], { ...laptop.env, BANKINFO_DEADLINE: '3' })
  expect(code).toBe(1)
  expect(stderr).toContain('should come after 6 to 12 s')
  expect(await rules()).not.toContain('virtualservice.networking.istio.io/styletransfer')
  expect(await rules()).not.toContain('serviceentry.networking.istio.io/styletransfer')
  expect((await laptop.bankinfo('delete', '-f', older)).code).toBe(0)
})

test('the clean-up takes the rules of a lesson away with all else', async () => {
  for (const file of ['virtual-service-all-v1', 'virtual-service-addedvalues-50-v3', 'virtual-service-styletransfer-test-abort']) {
    expect((await laptop.bankinfo('apply', '-f', `istio/${file}.yaml`)).code).toBe(0)
  }
  const { code, stdout, stderr } = await laptop.script('scripts/07-clean-up.sh')
  expect(code, stdout + stderr).toBe(0)
  expect(await rules()).toEqual([])
})

test('a lesson without the base says which step to run', async () => {
  for (const lesson of lessons) {
    const { code, stderr } = await laptop.script(`scripts/${lesson}.sh`)
    expect(code, lesson).toBe(1)
    expect(stderr, lesson).toContain('03-destination-rules.sh')
  }
})

/** Names of all rules, `kind.group/name`. */
async function rules (): Promise<string[]> {
  const { stdout } = await laptop.bankinfo('get', 'gateways.networking.istio.io,virtualservices,destinationrules,serviceentries,sidecars', '-o', 'name')
  return stdout.split('\n').filter((line) => line !== '').sort()
}
