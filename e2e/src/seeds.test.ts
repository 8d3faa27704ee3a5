import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './eventually.ts'
import { root, run, startLaptop, type Laptop, type Result } from './laptop.ts'

interface SeedCommand {
  readonly id: string
  /** As docs/seeds.md writes it: `kubectl ...`, `curl ... ADDRESS...` or a script. */
  readonly command: string
  /** Texts that its output has. */
  readonly has: readonly string[]
  /** Texts that it must not have. */
  readonly lacks: readonly string[]
}

/** How many commands of each seed the page has, those that wait included; those of one seed start from nothing. */
const seeds = { '000': 14, '001': 162, '002': 29, '003': 13, '004': 30 }

/** What commands wait for: how many do, and a rule that the laptop would have to take before they could be run. */
const waitingFor = {
  TCP: {
    rows: 10,
    rule: 'kind: VirtualService\nmetadata: {name: probe}\nspec: {hosts: [tcp-echo], tcp: [{route: [{destination: {host: tcp-echo}}]}]}'
  },
  TLS: {
    rows: 37,
    rule: 'kind: Gateway\nmetadata: {name: probe}\nspec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: probe}, hosts: [httpbin.example.com]}]}'
  },
  'mutual TLS': {
    rows: 7,
    rule: 'kind: DestinationRule\nmetadata: {name: probe}\nspec: {host: details, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}'
  },
  'access control': {
    rows: 1,
    rule: 'kind: AuthorizationPolicy\nmetadata: {name: probe}\nspec: {}'
  }
}

const page = readFileSync(join(root, 'docs/seeds.md'), 'utf8')
const [lessons = '', waiting = ''] = page.split('\n## What waits\n')
const commands = rows(lessons).map(([id = '', , ours = '', , output = '']): SeedCommand => ({
  id,
  command: ours.replaceAll('`', ''),
  has: texts(output.replaceAll(/not `[^`]+`/g, '')),
  lacks: texts((output.match(/not `[^`]+`/g) ?? []).join(' '))
}))

test('docs/seeds.md numbers the commands of each seed, each once, and says what their output has', () => {
  const ids = [...commands.map(({ id }) => id), ...rows(waiting).map(([id = '']) => id)]
  const expected = Object.entries(seeds).flatMap(([seed, count]) => Array.from({ length: count }, (_, index) => `${seed}.${index + 1}`))
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.toSorted()).toEqual(expected.toSorted())
  const order = commands.map(({ id }) => id)
  expect(order).toEqual(expected.filter((id) => order.includes(id)))
  for (const { id, command, has, lacks } of commands) {
    expect(command, id).not.toBe('')
    expect([...has, ...lacks], id).not.toEqual([])
  }
})

describe('what waits', () => {
  let folder: string

  beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'bankinfo-waits-')) })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test.each(Object.entries(waitingFor))('for %s is counted, and waits only while the laptop refuses such a rule', async (kind, { rows: count, rule }) => {
    expect(rows(waiting).filter(([, reason]) => reason === kind)).toHaveLength(count)
    const file = join(folder, 'probe.yaml')
    await writeFile(file, `apiVersion: ${kind === 'access control' ? 'security' : 'networking'}.istio.io/v1\n${rule}\n`)
    const { code, stdout, stderr } = await run(process.execPath, ['packages/laptop/bin/bankinfo.js', 'analyze', file], { PATH: process.env.PATH, HOME: folder, NO_COLOR: '1' })
    expect(stdout + stderr).toContain('runs on a cluster, not on the laptop yet')
    expect(code).toBe(79)
  })

  test('is of these kinds alone', () => {
    expect(rows(waiting)).toHaveLength(Object.values(waitingFor).reduce((sum, { rows: count }) => sum + count, 0))
  })
})

describe.each(Object.keys(seeds))('seed %s', (seed) => {
  let laptop: Laptop

  beforeAll(async () => { laptop = await startLaptop({ flags: ['--bare'] }) })
  afterAll(() => laptop.close())

  test.each(commands.filter(({ id }) => id.startsWith(`${seed}.`)))('$id $command', async ({ command, has, lacks }) => {
    let last: Result = { code: null, stdout: '', stderr: '' }
    const port = new URL(laptop.address).port
    const wanted = has.map((text) => text.replace(/\bPORT\b/, port))
    await eventually(async () => {
      last = await run('bash', ['-c', here(command, laptop.address)], laptop.env)
      return last.code === 0 && wanted.every((text) => last.stdout.includes(text)) && !lacks.some((text) => last.stdout.includes(text))
    }, { seconds: 120, what: () => `${[...wanted, ...lacks.map((text) => `no ${text}`)].join(', ')} in the output of ${command}:\n${last.stdout}${last.stderr}` })
  })
})

/** The command as this machine runs it: the CLI takes kubectl's words, and needs no pnpm before it. */
function here (command: string, address: string): string {
  return `kubectl() { node packages/laptop/bin/bankinfo.js "$@"; }\npnpm() { shift; kubectl "$@"; }\n${command.replace(/^scripts\//, 'bash scripts/').replaceAll('ADDRESS', address)}`
}

/** The cells of each row of tables whose first cell is a number like 001.12. */
function rows (text: string): string[][] {
  return text.split('\n').flatMap((line) => {
    const [, ...cells] = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
    return /^\d{3}\.\d+$/.test(cells[0] ?? '') ? [cells] : []
  })
}

/** What stands between backticks. */
function texts (cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? '')
}
