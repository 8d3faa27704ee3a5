import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../run.ts'
import type { CliResult } from '../../testing/api.ts'

const root = fileURLToPath(new URL('../../../../../', import.meta.url))
let folder: string

beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'bankinfo-rule-tests-')) })
afterAll(() => rm(folder, { recursive: true, force: true }))

async function bankinfo (...argv: readonly string[]): Promise<CliResult> {
  const texts = ['', '']
  const [stdout, stderr] = [0, 1].map((index) => new Writable({
    write (piece: Buffer, _encoding, done) {
      texts[index] += piece.toString()
      done()
    }
  })) as [Writable, Writable]
  const code = await runCli(['test', ...argv], { env: { BANKINFO_HOME: join(folder, 'nothing-runs') }, stdin: new PassThrough(), stdout, stderr })
  return { code, stdout: texts[0] ?? '', stderr: texts[1] ?? '' }
}

async function file (name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}

const good = 'services: [{name: a}]\ntests:\n  - name: goes to <a> & no other\n    request: {host: a}\n    expect: {destination: {host: a}}\n'
const failing = good.replace('{destination: {host: a}}', '\n      status: 404')

describe('the rules of this repository', () => {
  it('pass their tests', async () => {
    const { code, stdout } = await bankinfo(join(root, 'istio'))
    expect(stdout).not.toContain('✘')
    expect([code, stdout.split('\n').at(-2)]).toEqual([0, expect.stringMatching(/^\d{2,} passed, 0 failed$/)])
  })

  it('fail them when a rule is changed', async () => {
    await Promise.all(['istio', 'k8s'].map((name) => cp(join(root, name), join(folder, name), { recursive: true })))
    const path = join(folder, 'istio', 'virtual-service-user-v2-v3.yaml')
    await writeFile(path, (await readFile(path, 'utf8')).replace('prefix: yunqi', 'exact: yunqi'))
    const { code, stdout } = await bankinfo(join(folder, 'istio'), '--name', 'yunqi')
    expect(code).toBe(1)
    expect(stdout).toMatch(/\.test\.yaml:\d+:\d+ expect\.destination\.subset\n +- expected: v3\n +\+ actual: +v2\n/)
    expect(stdout).toContain('header end-user is "yunqi-1", not exact "yunqi"')
  })
})

describe('bankinfo test', () => {
  it('ends with 0 when all hold, 1 when some do not, 2 when a file is bad', async () => {
    expect(await bankinfo(await file('good.test.yaml', good))).toMatchObject({ code: 0, stdout: `${join(folder, 'good.test.yaml')}\n  ✔ goes to <a> & no other\n\n1 passed, 0 failed\n`, stderr: '' })
    expect(await bankinfo(await file('failing.test.yaml', failing))).toMatchObject({ code: 1, stdout: expect.stringContaining('failing.test.yaml:6:7 expect.status\n      - expected: 404\n      + actual:   200\n') })
    expect(await bankinfo(await file('bad.test.yaml', good.replace('expect', 'expct')), join(folder, 'good.test.yaml'))).toMatchObject({ code: 2, stdout: expect.stringMatching(/bad\.test\.yaml:5:5 tests\[0\]\.expct: unknown field "expct"[^]*1 passed, 0 failed, 1 file could not be run\n$/) })
    expect(await bankinfo(join(folder, 'none.yaml'))).toMatchObject({ code: 2, stderr: expect.stringContaining('does not exist') })
    expect(await bankinfo(join(folder, 'good.test.yaml'), '-t', 'nothing like it')).toMatchObject({ code: 2, stderr: expect.stringContaining('no test has') })
    expect(await bankinfo(join(folder, 'good.test.yaml'), '-o', 'html')).toMatchObject({ code: 2, stderr: 'error: "html" is no output format: expected text, json, junit, tap\n' })
  })

  it('takes patterns, and folders with all below them', async () => {
    expect((await bankinfo(join(folder, '{good,failing}.test.yaml'))).stdout).toMatch(/1 passed, 1 failed\n$/)
    expect((await bankinfo(folder)).stdout).toMatch(/good\.test\.yaml\n[^]*istio\/tests\/users\.test\.yaml\n[^]* could not be run\n$/)
  })

  it('tells CI systems in JUnit, TAP and JSON', async () => {
    const files = [join(folder, 'failing.test.yaml'), join(folder, 'bad.test.yaml')]
    const junit = await bankinfo(...files, '-o', 'junit')
    expect(junit.code).toBe(2)
    expect(junit.stdout).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="bankinfo test" tests="2" failures="1" errors="1">\n/)
    expect(junit.stdout).toMatch(/<testcase name="goes to &lt;a&gt; &amp; no other" [^>]*line="3"[^>]*>\n +<failure message="expect\.status: expected 404, got 200">/)
    expect(junit.stdout).toMatch(/<error message="unknown field &quot;expct&quot;">/)
    const tap = (await bankinfo(...files, '-o', 'tap')).stdout.split('\n')
    expect(tap.slice(0, 3)).toEqual(['TAP version 13', '1..2', `not ok 1 - ${files[0]}: goes to <a> & no other`])
    expect(JSON.parse((await bankinfo(...files, '-o', 'json')).stdout)).toMatchObject({
      passed: 0, failed: 1, badFiles: 1, files: [{ tests: [{ name: 'goes to <a> & no other', line: 3, failures: [{ line: 6, path: 'expect.status', expected: '404', actual: '200' }] }] }, { problems: [{ line: 5 }] }]
    })
  })
})
