import { afterAll, describe, expect, it } from 'vitest'
import type { CliResult } from '../../testing/api.ts'
import { ok, rule, startTestCli } from '../../testing/cli.ts'

const cli = await startTestCli()
const { bankinfo } = cli
afterAll(() => cli.close())

describe('get', () => {
  it('prints kubectl\'s tables', async () => {
    const { stdout } = await bankinfo('get pods')
    expect(stdout).toMatch(/^NAME {4}READY {3}STATUS {4}RESTARTS {3}AGE\nweb-1 {3}2\/2 {5}Running {3}0 {10}\d+s\n$/)
    await bankinfo('apply -f -', rule('shown'))
    expect((await bankinfo('get vs shown')).stdout).toMatch(/^NAME {4}GATEWAYS {3}HOSTS {7}AGE\nshown {14}\["shown"\] {3}\d+s\n$/)
    expect((await bankinfo('get vs shown,pods')).code).toBe(1)
    expect((await bankinfo('get pods,deploy -A')).stdout).toMatch(/^NAMESPACE {3}NAME {8}READY {3}STATUS {4}RESTARTS {3}AGE\ndefault {5}pod\/web-1 /)
  })

  it('prints objects as YAML, JSON, names and by JSONPath, without managedFields', async () => {
    expect((await bankinfo('get pod web-1 -o yaml')).stdout).toMatch(/^apiVersion: v1\nkind: Pod\nmetadata:\n {2}creationTimestamp: "[^"]+"\n {2}labels:\n {4}app: web\n/)
    expect(JSON.parse((await bankinfo('get pods -o json')).stdout)).toMatchObject({ kind: 'List', items: [{ metadata: { name: 'web-1' } }] })
    expect((await bankinfo('get pods -o name')).stdout).toBe('pod/web-1\n')
    expect((await bankinfo('get pods -o jsonpath={.items[*].status.podIP}')).stdout).toBe('10.44.0.2')
    expect((await bankinfo('get pods -o custom-columns=NAME:.metadata.name,IP:.status.podIP')).stdout).toBe('NAME    IP\nweb-1   10.44.0.2\n')
    expect((await bankinfo('get pods -o wide')).stdout).toContain('10.44.0.2')
  })

  it('says what there is not', async () => {
    expect(await bankinfo('get gw')).toEqual({ code: 0, stdout: '', stderr: 'No resources found in default namespace.\n' })
    expect(await bankinfo('get gw -n nowhere')).toMatchObject({ code: 0, stderr: 'No resources found in nowhere namespace.\n' })
    expect(await bankinfo('get pod none')).toMatchObject({ code: 1, stderr: 'Error from server (NotFound): pods "none" not found\n' })
    expect(await bankinfo('get pod none --ignore-not-found')).toEqual(ok(''))
    expect(await bankinfo('get nonsense')).toMatchObject({ code: 1, stderr: 'error: the server doesn\'t have a resource type "nonsense"\n' })
    expect(await bankinfo('get pods -o nonsense')).toMatchObject({ code: 1, stderr: expect.stringContaining('unable to match a printer') })
  })
})

describe('describe', () => {
  it('describes rules as a tree and pods in kubectl\'s layout', async () => {
    await cli.store.create({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'told', namespace: 'default' },
      spec: { http: [{ match: [{ headers: { 'end-user': { exact: 'jason' } } }], fault: { delay: { fixedDelay: '2s', percentage: { value: 100 } } } }] }
    })
    const { stdout } = await bankinfo('describe vs told')
    expect(stdout).toContain('  Http:\n    Fault:\n      Delay:\n        Fixed Delay:  2s\n')
    expect(stdout).toContain('    Match:\n      Headers:\n        End - User:\n          Exact:  jason\n')
    expect(stdout).toMatch(/\nEvents: +<none>\n$/)
    expect((await bankinfo('describe pod web-1')).stdout).toMatch(/^Name: +web-1\nNamespace: +default\n/)
    expect((await bankinfo('describe secret none')).code).toBe(1)
  })
})

describe('label and annotate', () => {
  it('sets, keeps, changes and removes, each in kubectl\'s word for it', async () => {
    const line = (args: string): Promise<CliResult> => bankinfo(`label ns default ${args}`)
    expect(await line('istio-injection=enabled')).toEqual(ok('namespace/default labeled\n'))
    expect(await line('istio-injection=enabled')).toEqual(ok('namespace/default not labeled\n'))
    expect(await line('istio-injection=disabled')).toMatchObject({ code: 1, stderr: 'error: \'istio-injection\' already has a value (enabled), and --overwrite is false\n' })
    expect(await line('istio-injection=disabled --overwrite')).toEqual(ok('namespace/default labeled\n'))
    expect(await line('istio-injection-')).toEqual(ok('namespace/default unlabeled\n'))
    expect(await line('istio-injection-')).toEqual(ok('label "istio-injection" not found.\nnamespace/default not labeled\n'))
    expect(await bankinfo('annotate pods -l app=web note=x')).toEqual(ok('pod/web-1 annotated\n'))
    expect(await bankinfo('label pod web-1 bad=y/z')).toMatchObject({ code: 1, stderr: expect.stringContaining('is invalid: metadata.labels') })
  })
})
