import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root, run, startLaptop, type Laptop } from './laptop.ts'

const steps = ['01-deploy', '02-gateway', '03-destination-rules', '04-user-routing', '05-egress', '06-style-transfer', '07-clean-up']
let laptop: Laptop

beforeAll(async () => { laptop = await startLaptop() })
afterAll(() => laptop.close())

test('the whole workshop runs on a fresh clone, each step with its effect', async () => {
  const { code, stdout, stderr } = await laptop.script('scripts/workshop.sh')
  expect(stderr).toBe('')
  expect(code, stdout).toBe(0)
  for (const step of steps) expect(stdout).toContain(`scripts/${step}.sh`)
  expect(stdout.split('\n')[0]).toMatch(/^context bankinfo, server https:\/\/127\.0\.0\.1:\d+, namespace default$/)
})

test('after the clean-up nothing that the workshop applied is left', async () => {
  for (const kinds of ['deployments,services,pods,serviceaccounts', 'gateways,virtualservices,destinationrules,serviceentries,sidecars']) {
    const { stdout } = await laptop.bankinfo('get', kinds, '-A', '-o', 'name')
    expect(stdout.split('\n').filter((name) => /productpage|details|addedvalues|styletransfer|bankinfo/.test(name))).toEqual([])
  }
  await expect(fetch(`${laptop.address}/productpage`)).rejects.toThrow()
})

test('a step without the one before it says which script to run, and fails', async () => {
  const { code, stderr } = await laptop.script('scripts/04-user-routing.sh')
  expect(code).toBe(1)
  expect(stderr).toContain('03-destination-rules.sh')
})

test('reset brings the base back', async () => {
  const { code, stdout, stderr } = await laptop.bankinfo('reset')
  expect(code, stdout + stderr).toBe(0)
  expect((await fetch(`${laptop.address}/productpage`)).status).toBe(200)
})

test.each(['01-deploy', '02-gateway', '03-destination-rules'])('step %s, run where it is applied, says so and still verifies', async (step) => {
  const { code, stdout, stderr } = await laptop.script(`scripts/${step}.sh`)
  expect(code, stdout + stderr).toBe(0)
  expect(stdout.toLowerCase()).toContain('already applied')
  expect(stdout).toContain('✓')
})

test('a step whose effect is absent fails and says what was seen', async () => {
  // The rule is applied, but an older one owns the host: in the mesh only the older one counts.
  const rules = join(laptop.home, 'older.yaml')
  await writeFile(rules, `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: aaa-older}
spec:
  hosts: [addedvalues]
  http: [{route: [{destination: {host: addedvalues, subset: v1}}]}]
`)
  expect((await laptop.bankinfo('apply', '-f', rules)).code).toBe(0)
  const { code, stderr } = await run('bash', ['scripts/04-user-routing.sh'], { ...laptop.env, BANKINFO_DEADLINE: '3' })
  expect(code).toBe(1)
  expect(stderr).toContain('v2 should answer every time')
  expect(stderr).toContain('v1 × 20')
  expect((await laptop.bankinfo('delete', '-f', rules)).code).toBe(0)
})

test('rules in the API versions and spellings of 2018 load and mean the same', async () => {
  const folder = join(root, 'istio/v1alpha3')
  for (const file of ['destination-rule-all.yaml', 'gateway.yaml', 'serviceentry.yaml', 'virtual-service-user-v2-v3.yaml']) {
    expect(await readFile(join(folder, file), 'utf8')).toContain('networking.istio.io/v1alpha3')
    const { code, stderr } = await laptop.bankinfo('apply', '-f', join(folder, file))
    expect(code, stderr).toBe(0)
  }
  const { code, stdout, stderr } = await laptop.script('scripts/04-user-routing.sh')
  expect(code, stdout + stderr).toBe(0)
})

test('a namespace with foreign workloads is refused without --yes', async () => {
  const manifest = join(laptop.home, 'foreign.yaml')
  await writeFile(manifest, `apiVersion: apps/v1
kind: Deployment
metadata: {name: payroll}
spec:
  replicas: 0
  selector: {matchLabels: {app: payroll}}
  template:
    metadata: {labels: {app: payroll}}
    spec: {containers: [{name: payroll, image: localhost/bankinfo/details:1.0.0}]}
`)
  expect((await laptop.bankinfo('apply', '-f', manifest)).code).toBe(0)
  const refused = await laptop.script('scripts/02-gateway.sh')
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('payroll')
  expect((await laptop.script('scripts/02-gateway.sh', '--yes')).code).toBe(0)
  expect((await laptop.bankinfo('delete', '-f', manifest)).code).toBe(0)
})
