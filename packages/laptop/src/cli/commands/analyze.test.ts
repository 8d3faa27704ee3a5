import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { rule, startTestCli } from '../../testing/cli.ts'

const cli = await startTestCli()
const { bankinfo, file } = cli
afterAll(() => cli.close())

const root = fileURLToPath(new URL('../../../../../', import.meta.url))

describe('analyze', () => {
  it('finds nothing wrong with the manifests and rules of this repository', async () => {
    const rules = (await readdir(join(root, 'istio'))).filter((name) => name.endsWith('.yaml')).map((name) => `istio/${name}`)
    expect(rules).toContain('istio/kustomization.yaml')
    for (const files of [['k8s', 'samples', ...rules], rules, ['istio'], ['k8s', 'istio']]) {
      const { code, stdout } = await bankinfo(['analyze', ...files.map((name) => join(root, name))])
      expect([code, stdout.split('\n').filter((line) => /^(Error|Warning) /.test(line))]).toEqual([0, []])
    }
  })

  it('needs no cluster, and its exit code says whether errors were found', async () => {
    const good = await file('analyze/good.yaml', rule('fine'))
    const bad = await file('analyze/bad.yaml', rule('odd', '      retires: 3\n'))
    expect(await bankinfo(`analyze ${good}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('No validation issues found') })
    const found = await bankinfo(`analyze ${bad}`)
    expect(found).toMatchObject({ code: 79, stdout: expect.stringContaining(`${bad}:10:7`) })
    expect(JSON.parse((await bankinfo(`analyze --json ${bad}`)).stdout)).toMatchObject({ problems: [{ file: bad, line: 10, path: 'spec.http[0].retires' }], findings: expect.any(Array) })
    const [one, other] = [await file('analyze/steps/1.yaml', rule('step')), await file('analyze/steps/2.yaml', rule('step', '      timeout: -1s\n'))]
    for (const order of [[one, other], [other, one]]) {
      const { stdout } = await bankinfo(['analyze', ...order])
      expect(stdout).toContain(`[IST0106] (VirtualService default/step ${other}:1)`)
      expect(stdout).not.toContain('IST0109')
    }
    await file('analyze/kustomized/patch.yaml', '- op: add\n  path: /metadata/labels\n  value: {a: b}\n')
    await file('analyze/kustomized/kustomization.yaml', 'resources: [rule.yaml]\npatches: [{path: patch.yaml, target: {kind: VirtualService}}]\n')
    const kustomized = dirname(await file('analyze/kustomized/rule.yaml', rule('kustomized')))
    expect(await bankinfo(`analyze ${kustomized}`)).toMatchObject({ code: 0 })
    expect(await bankinfo('analyze /nowhere.yaml')).toMatchObject({ code: 1, stderr: 'error: the path "/nowhere.yaml" does not exist\n' })
  })
})
