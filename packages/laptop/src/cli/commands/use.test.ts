import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { startTestCli } from '../../testing/cli.ts'

const cli = await startTestCli()
const { bankinfo, file } = cli
afterAll(() => cli.close())

describe('use', () => {
  const foreign = '# mine\napiVersion: v1\nkind: Config\nclusters:\n  - name: work # production\n    cluster: {server: https://work.example}\ncontexts:\n  - name: work\n    context: {cluster: work, user: me}\nusers:\n  - name: me\n    user: {token: secret}\ncurrent-context: work\n'

  it('adds the context to a kubeconfig and takes it out again, leaving all else and its mode as they were', async () => {
    const path = await file('kube/config', foreign)
    const mode = (await stat(path)).mode
    const added = await bankinfo(`use --kubeconfig ${path}`)
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('Added context "bankinfo"') })
    const text = await readFile(path, 'utf8')
    expect(text).toContain('- name: work # production')
    expect(text).toContain('current-context: bankinfo')
    expect(text).toContain(`https://127.0.0.1:${cli.port}`)
    expect(await bankinfo(`use --kubeconfig ${path}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('already') })
    const removed = await bankinfo(`use --off --kubeconfig ${path}`)
    expect(removed.stdout).toContain('Current context: "work"')
    const after = await readFile(path, 'utf8')
    expect(after).toBe(foreign)
    expect((await stat(path)).mode).toBe(mode)
    expect(await bankinfo(`use --off --kubeconfig ${path}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('does not name the laptop cluster') })
  })

  it('keeps the style that kubectl writes', async () => {
    const flat = foreign.replaceAll(/^ {2}(?=[- ] )/gm, '').replaceAll(/^ {4}/gm, '  ').replaceAll('{', '{ ').replaceAll('}', ' }')
    expect(flat).toContain('\n- name: me\n  user: { token: secret }\n')
    const path = await file('kube/flat', flat)
    await bankinfo(`use --kubeconfig ${path}`)
    await bankinfo(`use --off --kubeconfig ${path}`)
    expect(await readFile(path, 'utf8')).toBe(flat)
  })

  it('makes a file that only its owner may read where there is none, and leaves one that it cannot read alone', async () => {
    const path = join(cli.folder, 'new', 'config')
    expect((await bankinfo(`use --kubeconfig ${path}`)).code).toBe(0)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const broken = await file('kube/broken', 'a: [')
    expect(await bankinfo(`use --kubeconfig ${broken}`)).toMatchObject({ code: 1, stderr: expect.stringContaining('stays as it is') })
    expect(await readFile(broken, 'utf8')).toBe('a: [')
  })
})
