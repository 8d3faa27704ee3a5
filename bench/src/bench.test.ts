import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Table } from './measure/table.ts'

const program = fileURLToPath(new URL('../dist/bench.js', import.meta.url))

async function bench (...args: string[]): Promise<Table[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--quick', '--json', ...args], { timeout: 240_000, maxBuffer: 2 ** 24 })
  const { tables }: { tables: Table[] } = JSON.parse(stdout)
  return tables
}

/** Values of a column, by the first cell of each row. */
function column (table: Table | undefined, name: string): Map<unknown, unknown> {
  const index = table?.columns.indexOf(name) ?? -1
  expect(index, `column ${name}`).toBeGreaterThan(0)
  return new Map(table?.rows.map((row) => [row[0], row[index]]))
}

test('measures a hop of the mesh beside two libraries, absolute-form and through CONNECT, without a failed request', { timeout: 250_000 }, async () => {
  const tables = await bench('--only', 'hop')
  expect(tables.map(({ title }) => title)).toEqual([
    'One hop, one request field, absolute-form',
    'One hop, one request field, through CONNECT',
    'One hop, twelve request fields, absolute-form',
    'One hop, twelve request fields, through CONNECT'
  ])
  const [direct] = tables
  expect(direct?.rows.map(([name]) => name)).toEqual(expect.arrayContaining(['mesh', '@fastify/http-proxy', 'http-proxy']))
  for (const table of tables) {
    expect([...column(table, 'failures').values()].every((count) => count === 0), JSON.stringify(table.rows)).toBe(true)
    for (const rate of column(table, 'requests/s').values()) expect(rate).toBeGreaterThan(0)
  }
})

test('measures a hop with up to 10,000 rules for other hosts', { timeout: 250_000 }, async () => {
  const [table] = await bench('--only', 'decision')
  expect([...column(table, 'failures')]).toEqual([['10', 0], ['1,000', 0], ['10,000', 0]])
})

test('passes a body down and up and samples the memory of the proxy meanwhile', { timeout: 250_000 }, async () => {
  const [table] = await bench('--only', 'body')
  expect(table?.rows.filter(([name]) => name === 'mesh').map(([, direction]) => direction)).toEqual(['down', 'up'])
  for (const peak of column(table, 'RSS MiB at most').values()) expect(peak).toBeGreaterThan(0)
})

test('measures a style and the service that gives it to photos', { timeout: 250_000 }, async () => {
  const [styles, service] = await bench('--only', 'styletransfer')
  expect([...column(styles, 'CPU / bare').keys()]).toEqual(['bare sharp resize and encode', 'neon'])
  expect(column(styles, 'CPU / bare').get('neon')).toBeGreaterThan(1)
  expect([...column(service, 'measured').keys()]).toEqual(expect.arrayContaining(['overhead of HTTP over the direct call', '50 uploads of 24 megapixels at once']))
})

test.each([
  [['--only', 'speed'], '--only speed: no such part; there are hop, '],
  [['--write', '--only', 'hop'], '--write wants a whole run'],
  [['--rounds', '0'], '--rounds 0: expected a whole number from 1 to 50'],
  [['--seconds', 'ten'], '--seconds ten: expected a number from 0.1 to 60']
])('refuses %j and says what it expects', async (args, message) => {
  const failed = await bench(...args).then(() => undefined, (error: unknown) => error)
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining(message) })
})
