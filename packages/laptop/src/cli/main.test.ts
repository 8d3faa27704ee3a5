import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { startTestCli } from '../testing/cli.ts'

const cli = await startTestCli()
const { file } = cli
afterAll(() => cli.close())

describe('the program', () => {
  const bin = fileURLToPath(new URL('../../bin/bankinfo.js', import.meta.url))

  function start (args: readonly string[], home: string): ReturnType<typeof spawnSync> {
    return spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env: { ...process.env, BANKINFO_HOME: home } })
  }

  it('says in one line what to do when the cluster does not run', () => {
    for (const args of [['get', 'pods'], ['exec', 'a', '--', 'true'], ['config']]) {
      const { status, stderr } = start(args, join(cli.folder, 'nothing'))
      expect(status).toBe(1)
      expect(stderr).toBe('error: the laptop cluster is not running. Start it with "pnpm dev" (or "pnpm bankinfo up") and leave it open\n')
    }
  })

  it('says so, too, when it ran once', async () => {
    await file('ended/kubeconfig', JSON.stringify({ clusters: [{ cluster: { server: 'https://127.0.0.1:1' } }], users: [{ user: { token: 't' } }] }))
    expect(start(['get', 'pods'], join(cli.folder, 'ended')).stderr).toMatch(/^error: the laptop cluster is not running\. [^\n]*\n$/)
  })

  it('lists its commands, and helps with each', () => {
    const { status, stdout } = start(['--help'], cli.folder)
    expect(status).toBe(0)
    for (const name of ['up', 'get', 'apply', 'explain', 'analyze', 'doctor']) expect(stdout).toContain(`  ${name} `)
    expect(String(start(['help', 'get'], cli.folder).stdout)).toContain('--all-namespaces')
    expect(start(['gett'], cli.folder).status).toBe(1)
  })
})
