import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eventually } from '../testing/fixture.ts'
import { compile } from './compiler.ts'
import { watchSources } from './watch.ts'
import { dependents, readWorkspace } from './workspace.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bankinfo-compile-'))
  await addPackage('packages/base', '@test/base', [])
  await addPackage('services/one', '@test/one', ['base'])
  await addPackage('services/two', '@test/two', [])
  await mkdir(join(root, 'services', 'empty'))
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

async function addPackage (folder: string, name: string, dependencies: readonly string[]): Promise<void> {
  const directory = join(root, folder)
  await mkdir(join(directory, 'src'), { recursive: true })
  await writeFile(join(directory, 'package.json'), JSON.stringify({ name, dependencies: Object.fromEntries([...dependencies.map((one) => [`@test/${one}`, '*']), ['elsewhere', '*']]) }))
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify({
    compilerOptions: { composite: true, rootDir: 'src', outDir: 'dist', module: 'nodenext', types: [], noLib: false, lib: ['es2023'] },
    include: ['src'],
    references: dependencies.map((one) => ({ path: `../../packages/${one}` }))
  }))
  await writeFile(join(directory, 'src', 'index.ts'), 'export const value = 1\n')
}

describe('the workspace', () => {
  it('is the compiled packages, with what they need of each other', async () => {
    const packages = await readWorkspace(root)
    expect(packages.map(({ name, dependencies }) => [name, dependencies]).sort()).toEqual([['@test/base', []], ['@test/one', ['@test/base']], ['@test/two', []]])
  })

  it('knows what a change reaches, over any distance', () => {
    const packages = [['c', 'b'], ['b', 'a'], ['a'], ['d']].map(([name = '', ...dependencies]) => ({ name, directory: name, dependencies }))
    expect([...dependents(packages, new Set(['a']))].sort()).toEqual(['a', 'b', 'c'])
    expect([...dependents(packages, new Set(['d']))]).toEqual(['d'])
  })
})

describe('the compiler', () => {
  it('names file and line of a mistake', async () => {
    await writeFile(join(root, 'services/two/src/index.ts'), 'export const value: string = 1\n')
    const { ok, output } = await compile(root, [join(root, 'services/two')], { check: true })
    expect(ok).toBe(false)
    expect(output).toContain('services/two/src/index.ts(1,14): error TS2322')
  })

  it('leaves types alone where nobody asks for them, and sees them later all the same', async () => {
    const directories = [join(root, 'services/two')]
    await writeFile(join(root, 'services/two/src/index.ts'), 'export const value: string = 1\n')
    expect(await compile(root, directories, { check: false })).toMatchObject({ ok: true, output: '' })
    expect(await readFile(join(root, 'services/two/dist/index.js'), 'utf8')).toContain('value = 1')
    expect((await compile(root, directories, { check: true })).output).toContain('TS2322')
  })
})

describe('a saved file', () => {
  it('has just the services compiled and started anew that depend on it, unless it is wrong', async () => {
    const packages = await readWorkspace(root)
    const built: string[][] = []
    const said: string[] = []
    const watching = watchSources({
      root,
      packages,
      say: (line) => said.push(line),
      onBuilt: (directories) => {
        built.push([...directories].map((directory) => directory.slice(root.length + 1)).sort())
        return ['default/pod']
      }
    })
    try {
      await writeFile(join(root, 'services/two/src/index.ts'), 'export const value = 2\n')
      await eventually('the first build', () => built.length === 1)
      await writeFile(join(root, 'packages/base/src/index.ts'), 'export const value = 2\n')
      await eventually('the second build', () => built.length === 2)
      expect(built).toEqual([['services/two'], ['packages/base', 'services/one']])
      await writeFile(join(root, 'services/two/src/index.ts'), 'export const value: string = 2\n')
      await eventually('the message', () => said.some((line) => line.includes('does not compile') && line.includes('TS2322')))
      expect(built).toHaveLength(2)
    } finally {
      watching.close()
    }
  })
})
