import { readFileSync } from 'node:fs'
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
}

/** How many commands of each seed the page has; those of one seed start from nothing. */
const seeds = { '000': 14, '002': 28, '004': 30 }
const commands = readCommands(readFileSync(join(root, 'docs/seeds.md'), 'utf8'))

test('docs/seeds.md numbers the commands of each seed in order, and says what their output has', () => {
  expect(commands.map(({ id }) => id)).toEqual(Object.entries(seeds).flatMap(([seed, count]) => Array.from({ length: count }, (_, index) => `${seed}.${index + 1}`)))
  for (const { id, command, has } of commands) {
    expect(command, id).not.toBe('')
    expect(has, id).not.toEqual([])
  }
})

describe.each(Object.keys(seeds))('seed %s', (seed) => {
  let laptop: Laptop

  beforeAll(async () => { laptop = await startLaptop({ flags: ['--bare'] }) })
  afterAll(() => laptop.close())

  test.each(commands.filter(({ id }) => id.startsWith(`${seed}.`)))('$id $command', async ({ command, has }) => {
    let last: Result = { code: null, stdout: '', stderr: '' }
    await eventually(async () => {
      last = await run('bash', ['-c', here(command, laptop.address)], laptop.env)
      return last.code === 0 && has.every((text) => last.stdout.includes(text))
    }, { seconds: 120, what: () => `${has.join(', ')} in the output of ${command}:\n${last.stdout}${last.stderr}` })
  })
})

/** The command as this machine runs it: the CLI takes kubectl's words. */
function here (command: string, address: string): string {
  return command.replace(/^kubectl /, 'node packages/laptop/bin/bankinfo.js ').replace(/^scripts\//, 'bash scripts/').replaceAll('ADDRESS', address)
}

/** Rows `| id | in the seed | ours | outcome | output has |`; commands and texts stand between backticks. */
function readCommands (page: string): SeedCommand[] {
  return page.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim())
    const [, id, , ours, , output] = cells
    if (id === undefined || ours === undefined || output === undefined || !/^\d{3}\.\d+$/.test(id)) return []
    return [{ id, command: ours.replaceAll('`', ''), has: [...output.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? '') }]
  })
}
